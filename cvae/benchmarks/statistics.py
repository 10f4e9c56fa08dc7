"""`bench statistics`: whether BatchNorm may measure all frames of a call together.

Speed comes from calling encoder and decoder with many frames at once. What is computed stays the
same but for one thing: in training BatchNorm then measures all frames of the call, not those of
each time step by themselves as under SVG's scripts. Here both are trained, and compared.
"""

import sys
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from cvae.benchmarks.machine import describe_machine
from cvae.benchmarks.variants import Stepwise
from cvae.config import DEFAULT, RunConfig
from cvae.data.store import Store
from cvae.device import choose_device
from cvae.errors import InputError
from cvae.evaluation.pairing import by_sequence, difference, format_difference
from cvae.evaluation.protocol import GIVEN_STATES
from cvae.evaluation.rows import ONE_SAMPLE, PRIOR_MEAN
from cvae.evaluation.run import measure
from cvae.inference.predictor import Predictor
from cvae.markdown import markdown_table
from cvae.model.checkpoint import Checkpoint, load_checkpoint
from cvae.model.history import load_history
from cvae.training.allocation import keep_freed_memory
from cvae.training.trainer import train

WAYS = {"together": None, "each step": Stepwise}
EPOCHS = 3
ALL = "all"  # the mean over the seeds


@dataclass(frozen=True)
class StatisticsBenchmark:
    """Train with BatchNorm's statistics of a whole call and of each step, and compare.

    For every seed two models of the `default` recipe are trained from the same first weights on
    the same windows in the same order, and predict the same validation sequences with the same
    noise. The runs are kept in --out; the same command goes on where it stopped. It takes hours on
    two cores.

    Example: python -m cvae bench statistics --seeds 1 2 3
    """

    data: Path = Path("data/sim")
    """Packed store with the splits train and validate."""
    out: Path = Path("runs/statistics")
    """Folder for the runs."""
    windows: int = 2400
    """Drawn by each run, a multiple of 3 batches (of 8)."""
    seeds: tuple[int, ...] = (1, 2, 3)
    """Each trains two models; the table has a line for each, and one for all."""
    width: float = DEFAULT.model.width
    """Of the recipe's encoder and decoder, a share of VGG64's."""
    device: str | None = None
    """Such as cpu or cuda; the GPU where there is one, unless told otherwise."""

    def __post_init__(self) -> None:
        least = EPOCHS * DEFAULT.training.batch_size
        if self.windows < least or self.windows % least:
            raise InputError(f"--windows is {self.windows}: give a multiple of {least}.")
        if not self.seeds:
            raise InputError("There is no seed to train with; give --seeds 1, or several.")

    def run(self) -> str:
        """Train what is not trained yet, and tell in Markdown.

        Raises InputError if the data, the device or the folder do not fit.
        """
        keep_freed_memory()
        machine, store = describe_machine(), Store.open(self.data)
        measured = {
            (seed, way): self._measured(store, seed, way) for seed in self.seeds for way in WAYS
        }
        return "\n\n".join([machine, self._describe(store), _table(self.seeds, measured)])

    def _measured(self, store: Store, seed: int, way: str) -> pd.DataFrame:
        """PSNR of each validation sequence, a column a variant."""
        checkpoint = self._trained(store, seed, way)
        predictor = Predictor(checkpoint, choose_device(self.device))
        scores = measure(predictor, store.split("validate"), GIVEN_STATES, samples=1)
        minutes = load_history(checkpoint.path)["seconds"].sum() / 60
        psnr = by_sequence(scores, GIVEN_STATES.name, "psnr")
        return psnr[[ONE_SAMPLE, PRIOR_MEAN]].assign(minutes=minutes)

    def _trained(self, store: Store, seed: int, way: str) -> Checkpoint:
        out = self.out / f"{way.replace(' ', '-')}-{seed}"
        print(f"bench statistics: {out}", file=sys.stderr)
        device = choose_device(self.device)
        with redirect_stdout(sys.stderr):  # the table alone goes to the standard output
            train(store, out, self._config(seed), device, observer=WAYS[way])
        return load_checkpoint(out, device)  # as it is kept, in half precision

    def _config(self, seed: int) -> RunConfig:
        return replace(
            DEFAULT,
            model=replace(DEFAULT.model, width=self.width),
            training=replace(
                DEFAULT.training,
                epochs=EPOCHS,
                sequences_per_epoch=self.windows // EPOCHS,
                state_updates=1,  # positions are given here: nothing asks the state model
                seed=seed,
            ),
        )

    def _describe(self, store: Store) -> str:
        batch = DEFAULT.training.batch_size
        return (
            f"The `default` recipe with a {DEFAULT.model.prior} prior at width {self.width:g}: "
            f"{self.windows} windows in {self.windows // batch} updates, schedules stretched over "
            f"them. PSNR in dB on {len(store.split('validate'))} validation sequences, "
            f"{GIVEN_STATES.name}; differences are taken sequence by sequence, ± the half-width of "
            "their 95 % interval."
        )


def _table(seeds: tuple[int, ...], measured: dict[tuple[int, str], pd.DataFrame]) -> str:
    header = ["seed", "frames of a call together", "each step by itself", "difference"]
    header += ["at the prior's mean: difference", "minutes", "minutes"]
    rows = [_row(str(seed), *(measured[seed, way] for way in WAYS)) for seed in seeds]
    if len(seeds) > 1:
        # A sequence's values are averaged over the seeds first: they are not independent.
        means = [sum(measured[seed, way] for seed in seeds) / len(seeds) for way in WAYS]
        rows.append(_row(ALL, *means))
    return markdown_table(header, rows)


def _row(name: str, together: pd.DataFrame, each: pd.DataFrame) -> list[str]:
    gains = [difference(together[v], each[v]) for v in (ONE_SAMPLE, PRIOR_MEAN)]
    return [
        name,
        *(f"{frame[ONE_SAMPLE].mean():.2f}" for frame in (together, each)),
        *(format_difference(gain, 2) for gain in gains),
        *(f"{frame['minutes'].iloc[0]:.1f}" for frame in (together, each)),
    ]
