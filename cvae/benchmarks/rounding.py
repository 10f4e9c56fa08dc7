"""`bench rounding`: what bfloat16 costs in quality, also where it would not be fast."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from cvae.benchmarks.machine import describe_machine
from cvae.bundled import CHECKPOINTS, SEQUENCES
from cvae.data.bundle import SequenceSource, open_test_sequences
from cvae.device import choose_device, has_bf16
from cvae.evaluation.pairing import by_sequence, difference, format_difference
from cvae.evaluation.protocol import GIVEN_STATES
from cvae.evaluation.rows import ONE_SAMPLE, PRIOR_MEAN
from cvae.evaluation.run import measure
from cvae.inference.predictor import Predictor
from cvae.inference.prepared import prepare
from cvae.markdown import markdown_table
from cvae.model.checkpoint import load_checkpoint, name_of


@dataclass(frozen=True)
class RoundingBenchmark:
    """Predict the same sequences with the same noise in float32 and in bfloat16.

    A processor without instructions for bfloat16 does the same arithmetic, only slowly: there it
    takes some minutes a model for 256 sequences.

    Example: python -m cvae bench rounding --data data/sim
    """

    models: tuple[Path, ...] = (CHECKPOINTS / "fixed", CHECKPOINTS / "learned")
    """Checkpoint folders."""
    data: Path = SEQUENCES
    """Sequences to predict: a bundle, or the test split of a store."""
    limit: int | None = None
    """The first so many sequences only."""
    device: str | None = None
    """Such as cpu or cuda; the GPU where there is one, unless told otherwise."""

    def run(self) -> str:
        """Measure, and tell in Markdown. Raises InputError if models or data can't be read."""
        machine, source = describe_machine(), open_test_sequences(self.data)
        header = ["PSNR, dB", "float32", "bfloat16", "difference", "largest of a sequence"]
        rows = [row for path in self.models for row in self._rows(path, source)]
        device = choose_device(self.device)
        instructions = "instructions" if has_bf16(device) else "no instructions"
        count = len(source) if self.limit is None else min(self.limit, len(source))
        told = (
            f"{GIVEN_STATES.name}, {count} sequences of {name_of(self.data)}; differences sequence "
            "by sequence, ± the half-width of their 95 % interval. "
            f"{device.type.upper()} with {instructions} for bfloat16."
        )
        return f"{machine}\n\n{markdown_table(header, rows)}\n\n{told}"

    def _rows(self, path: Path, source: SequenceSource) -> list[list[str]]:
        device = choose_device(self.device)
        checkpoint = load_checkpoint(path, device)
        print(f"bench rounding: {checkpoint.name}", file=sys.stderr)
        exact, rounded = Predictor(checkpoint, device), Predictor(checkpoint, device)
        # Put in here, because a predictor refuses what would be slow.
        half = prepare(checkpoint.model, device, "bfloat16")
        rounded.checkpoint = replace(rounded.checkpoint, model=half)
        scores = [self._psnr(predictor, source) for predictor in (exact, rounded)]
        rows = []
        for variant in (ONE_SAMPLE, PRIOR_MEAN):
            one, other = (frame[variant] for frame in scores)
            rows.append(
                [
                    f"{checkpoint.name}: {variant}",
                    *(f"{values.mean():.3f}" for values in (one, other)),
                    format_difference(difference(other, one), 4),
                    f"{(other - one).abs().max():.3f}",
                ]
            )
        return rows

    def _psnr(self, predictor: Predictor, source: SequenceSource) -> pd.DataFrame:
        """A row a sequence, a column a variant."""
        scores = measure(predictor, source, GIVEN_STATES, samples=1, limit=self.limit)
        return by_sequence(scores, GIVEN_STATES.name, "psnr")
