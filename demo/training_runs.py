"""Training runs as the page shows them: their curves, and whether they still go on."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from cvae.disk import has_owner
from cvae.json_file import parse_json
from demo.loading import Model
from demo.schedule_figure import noise_of

if TYPE_CHECKING:
    from cvae.config import RunConfig

# A run saves its state after every epoch, and every ten minutes unless told otherwise.
SILENT_MINUTES = 30
MOST_OF_AN_EVENT = 1 << 16  # bytes of a line
COLUMNS = (
    "epoch",
    "train_loss",
    "train_mse",
    "kl",
    "active_dims",
    "beta",
    "teacher_forcing_ratio",
    "learning_rate",
    "validation_psnr",
    "validation_ssim",
    "seconds",
)

State = Literal["complete", "training", "stopped"]


@dataclass(frozen=True)
class Run:
    """A model with what its folder tells of its training.

    data: where it was trained, as a `Checkpoint` has it.
    history: COLUMNS as floats, a row an epoch; empty before the first is complete.
    lineage: `run` and COLUMNS, with the epochs of the runs that its first weights came from, on
        from which its own count; empty like the history.
    state: "training" while a process here owns its folder, or it has saved not long ago.
    failure: why it ended before its time, where it said so.
    """

    model: Model
    config: "RunConfig"
    data: dict[str, Any]
    history: pd.DataFrame
    lineage: pd.DataFrame
    state: State
    failure: str | None

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def cyclical(self) -> bool:
        return self.config.training.kl_cycles > 1

    @property
    def epochs_before(self) -> int:
        """Those of earlier runs."""
        return len(self.lineage) - len(self.history)

    @property
    def minutes_left(self) -> float | None:
        """Until the last epoch, at the pace of the last ones; None before there is one."""
        if self.history.empty:
            return None
        epochs = self.config.training.epochs - len(self.history)
        return epochs * self.history["seconds"].tail(5).median() / 60

    @property
    def collapsed(self) -> bool:
        """Whether the posterior has died: no latent dimension says anything any more."""
        if self.history.empty:
            return False
        last = self.history.iloc[-1]
        return bool(last["active_dims"] == 0 and last["kl"] < 0.1)


def read_run(model: Model) -> Run:
    """What the folder of `model` tells; InputError if it can't be read."""
    from cvae.model.checkpoint import load_config
    from cvae.model.history import HISTORY, counted_on, load_lineage, own_epochs

    config, data = load_config(model.path)
    state, failure = _standing(model.path)
    if state != "complete" and not (model.path / HISTORY).exists():
        nothing = pd.DataFrame(columns=["run", *COLUMNS], dtype=float)
        return Run(model, config, data, nothing, nothing, state, failure)
    lineage = load_lineage(model.path).reindex(columns=["run", *COLUMNS]).astype(float)
    own, counted = own_epochs(lineage), counted_on(lineage)
    return Run(model, config, data, own, counted, state, failure)


@dataclass(frozen=True)
class BeginningRun:
    """A run that has a state in its folder `path`, but no model and no curve to show yet.

    state, failure: as of a Run.
    """

    path: Path
    state: State
    failure: str | None


Standing = tuple[State, str | None]
"""Whether a run goes on, and why it ended before its time, where it said so."""


def runs_there(roots: list[Path]) -> dict[Path, Standing]:
    """Those in the folders `roots` that can be shown, without a look into what they tell."""
    from cvae.model.checkpoint import find_runs

    return {path: _standing(path) for root in roots for path in find_runs(root)}


def beginning_runs(roots: list[Path]) -> list[BeginningRun]:
    """Those in the folders `roots`."""
    from cvae.model.checkpoint import CONFIG
    from cvae.training.progress import RESUME

    found = (file.parent for root in roots for file in sorted(root.glob(f"*/{RESUME}")))
    begun = [path for path in dict.fromkeys(found) if not (path / CONFIG).exists()]
    return [BeginningRun(path, *_standing(path)) for path in begun]


def collapse_sentence(run: Run) -> str:
    """Why a run without a living latent has none, in words."""
    history = run.history
    alive = np.flatnonzero(history["active_dims"].to_numpy() > 0)
    since = int(history["epoch"].iloc[alive[-1] + 1 if len(alive) else 0])
    beta = history["beta"].max()
    said = (
        f"the posterior died. Since epoch {since} no latent dimension carries more than "
        f"0.01 nats, and the KL is {history['kl'].iloc[-1]:.2g} nats a frame: z tells the decoder "
        "nothing, and all samples look alike. "
    )
    if beta == 0:
        return said + "Its KL weight is zero, so that nothing pressed it: the model ignores z."
    return said + (
        f"The cause is the scale of β: a weight of {beta:.2g} on a *mean* squared error assumes "
        f"an observation noise of σ = √(6144 β) = {noise_of(beta):.2g} brightness ranges, so that "
        "no detail of a frame is worth the nats it costs. Train with a smaller "
        "`--training.beta-max`."
    )


def _standing(path: Path) -> Standing:
    """That of the run at `path`."""
    from cvae.training.progress import RESUME

    try:
        silent = time.time() - (path / RESUME).stat().st_mtime
    except FileNotFoundError:
        return "complete", None
    if has_owner(path):
        return "training", None
    last = _last_event(path)
    # It may be trained on another machine, and only its folder be here.
    ended = last.get("event") in ("failed", "interrupted") or silent >= 60 * SILENT_MINUTES
    failure = str(last.get("why")) if last.get("event") == "failed" else None
    return "stopped" if ended else "training", failure


def _last_event(path: Path) -> dict:
    """The last that the run said of itself."""
    from cvae.training.event_log import EVENTS

    try:
        with (path / EVENTS).open("rb") as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - MOST_OF_AN_EVENT))
            last = parse_json(stream.read(MOST_OF_AN_EVENT).splitlines()[-1])
    except (OSError, ValueError, LookupError):
        return {}  # the log is told to machines; the curves do without it
    return last if isinstance(last, dict) else {}
