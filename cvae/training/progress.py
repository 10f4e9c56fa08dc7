"""A run in progress: what it must remember to go on, and how that is kept."""

import io
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pandas as pd
import torch
from torch import Tensor

from cvae.config import RunConfig
from cvae.disk import is_leftover, sync, write_text, write_whole
from cvae.errors import InputError
from cvae.model.checkpoint import CONFIG, Checkpoint, load_config, save_checkpoint
from cvae.model.history import EARLIER, HISTORY, load_history
from cvae.model.weights import has_weights

RESUME = "resume.pt"
STATE_VERSION = 2  # 1 knew whole epochs only, and had no number
ACTIVE_NATS = 0.01  # a latent dimension is active when its mean KL exceeds this


@dataclass
class EpochLogs:
    """The part of an epoch that is done; every sequence counts once.

    batches: also those that were skipped, whose sequences are not counted.
    sums: over the sequences, float64: the loss, the mse, and the KL of each latent dimension.
    """

    batches: int = 0
    sequences: int = 0
    skipped: int = 0
    seconds: float = 0.0
    sums: Tensor | None = None

    def add(self, measured: Tensor, count: int) -> None:
        """`measured` (2 + z_dim,): means over `count` sequences."""
        weighted = measured.double() * count
        # A state that is taken up comes back on the CPU, wherever the run is.
        before = 0 if self.sums is None else self.sums.to(weighted.device)
        self.sums = before + weighted
        self.sequences += count

    def means(self) -> dict[str, float]:
        """Columns of the history; not a number where every batch was skipped."""
        if self.sums is None:
            return dict.fromkeys(("train_loss", "train_mse", "kl", "active_dims"), float("nan"))
        loss, mse, *kl = (self.sums / self.sequences).tolist()
        active = sum(nats > ACTIVE_NATS for nats in kl)
        return {"train_loss": loss, "train_mse": mse, "kl": sum(kl), "active_dims": active}


@dataclass
class Run:
    """A state between two batches. Random draws are keyed by their number: none is kept.

    earlier: epochs of the runs that its first weights came from, as `load_lineage` gives them.
    history: a row an epoch that is complete. logs: of the epoch that is not.
    skipped_in_a_row: batches without a finite loss and gradient since the last good one.
    has_state_model: whether the state model is fitted, which comes before the first epoch.
    """

    checkpoint: Checkpoint
    optimizer: torch.optim.Optimizer
    earlier: pd.DataFrame | None = None
    history: list[dict[str, float]] = field(default_factory=list)
    logs: EpochLogs = field(default_factory=EpochLogs)
    skipped_in_a_row: int = 0
    has_state_model: bool = False

    @property
    def epoch(self) -> int:
        """The epoch that is under way or comes next, from 0."""
        return len(self.history)

    def complete_epoch(self, row: dict[str, float]) -> None:
        self.history.append(row)
        self.logs = EpochLogs()

    def save(self) -> None:
        """Keep this state, in one go. Raises InputError if the disk refuses: the old one stays."""
        content = io.BytesIO()
        state = {
            "version": STATE_VERSION,
            "settings": self.settings(),
            "model": self.checkpoint.model.state_dict(),
            "state_model": self.checkpoint.state_model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "history": self.history,
            "logs": asdict(self.logs),
            "skipped_in_a_row": self.skipped_in_a_row,
            "has_state_model": self.has_state_model,
        }
        torch.save(state, content)
        write_whole(self.checkpoint.path / RESUME, content.getbuffer())

    def publish(self) -> None:
        """Write what others read, the checkpoint and the history: all made from the state."""
        save_checkpoint(self.checkpoint)
        if self.earlier is not None:
            table = self.earlier.to_csv(index=False, float_format="%.6g")  # to be drawn
            write_text(self.checkpoint.path / EARLIER, table)
        if self.history:
            table = pd.DataFrame(self.history).to_csv(index=False)
            write_text(self.checkpoint.path / HISTORY, table)

    def restore(self, state: dict[str, Any]) -> None:
        """Take up a state that `load_resume` gave; InputError if it is another run's."""
        try:
            self._take_up(state)
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
            file = self.checkpoint.path / RESUME
            raise InputError(
                f"{file} holds no state of this run; delete {file.parent} and train again."
            ) from error

    def _take_up(self, state: dict[str, Any]) -> None:
        before = with_new_fields(state["settings"], self.checkpoint.path / RESUME)
        differing = differences(before, self.settings())
        if differing:
            raise InputError(
                f"{self.checkpoint.path} holds a run with other settings ({differing}); "
                "go on with the same settings or choose another folder."
            )
        self.checkpoint.model.load_state_dict(state["model"])
        self.checkpoint.state_model.load_state_dict(state["state_model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.history = list(state["history"])
        self.logs = EpochLogs(**state["logs"])
        self.skipped_in_a_row = state["skipped_in_a_row"]
        self.has_state_model = state["has_state_model"]

    def finish(self) -> None:
        """The run is complete: nothing is left to resume."""
        (self.checkpoint.path / RESUME).unlink(missing_ok=True)
        sync(self.checkpoint.path)

    def settings(self) -> dict[str, Any]:
        return {**self.checkpoint.config.to_dict(), "data": self.checkpoint.data}


def load_resume(out: Path) -> dict[str, Any] | None:
    """The saved state of the run in `out`, or None where there is none.

    Raises InputError if it is damaged, or another version of this program wrote it.
    """
    file = out / RESUME
    if not file.is_file():
        return None
    try:
        with ZipFile(file) as parts:  # PyTorch itself compares no checksums
            if parts.testzip():
                raise ValueError("a checksum is wrong")
        state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever a damaged file makes the unpickler trip over
        raise InputError(f"{file} is damaged; delete {out} and train again.") from error
    if not isinstance(state, dict) or state.get("version") != STATE_VERSION:
        raise InputError(
            f"{file} was written by another version of this program; finish the run with that "
            "version, or train again in a new folder."
        )
    return state


def is_complete(run: Run) -> bool:
    """Whether the folder holds this very run, trained to its end."""
    out = run.checkpoint.path
    kept = (out / CONFIG).is_file() and (out / HISTORY).is_file()
    # A record of a run may have been kept without its weights.
    if (out / RESUME).exists() or not (kept and has_weights(out)):
        return False
    config, data = load_config(out)
    same = {**config.to_dict(), "data": data} == run.settings()
    return same and len(load_history(out)) == config.training.epochs


def check_empty(run: Run) -> None:
    """Raise InputError if something lies in the folder of `run`, which is not this run."""
    out = run.checkpoint.path
    # A kill may have left a part of the very first state.
    if not out.exists() or (out.is_dir() and all(is_leftover(f, RESUME) for f in out.iterdir())):
        return
    if (out / CONFIG).is_file() and has_weights(out):
        config, data = load_config(out)
        differing = differences({**config.to_dict(), "data": data}, run.settings())
        if differing:
            raise InputError(
                f"{out} holds a finished run with other settings ({differing}); choose a new "
                "folder, where --start-from trains it on."
            )
    raise InputError(
        f"{out} is there and holds no run in progress; choose a new folder, or delete it."
    )


def with_new_fields(settings: dict[str, Any], file: Path) -> dict[str, Any]:
    """Saved settings, and fields that did not exist then: their defaults are what was done."""
    return {**settings, **RunConfig.from_dict(settings, str(file)).to_dict()}


def differences(before: dict[str, Any], now: dict[str, Any]) -> str:
    """Fields of two nested settings that differ, in words; empty if none does."""
    found = [
        f"{part}.{name} was {before.get(part, {}).get(name)!r}, is {now[part].get(name)!r}"
        for part in now
        for name in sorted(set(now[part]) | set(before.get(part, {})))
        if before.get(part, {}).get(name) != now[part].get(name)
    ]
    return "; ".join(found)
