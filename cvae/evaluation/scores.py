"""The numbers of an evaluation: from one row a frame to means with intervals, kept as files."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cvae.errors import InputError
from cvae.evaluation.protocol import Protocol
from cvae.model.checkpoint import EVALUATION, EVALUATION_CSV, write_text

METRICS = ("psnr", "psnr_lab", "ssim", "psnr_moved")

# What is measured beside each other; the names stand in evaluation.csv and evaluation.json.
COPY_LAST = "copy last"
ONE_SAMPLE = "one sample"
PRIOR_MEAN = "prior mean"
FOREIGN = "foreign conditions"
POSTERIOR = "posterior reference"
VARIANTS = (COPY_LAST, ONE_SAMPLE, PRIOR_MEAN, FOREIGN, POSTERIOR)


@dataclass(frozen=True)
class Estimate:
    """A mean over sequences; `half_width` is that of its 95 % interval.

    sequences: how many have the metric (psnr_moved: those where a toy moved).
    mean is None where none has it, half_width where fewer than two have it.
    """

    mean: float | None
    half_width: float | None
    sequences: int


@dataclass(frozen=True)
class Evaluation:
    """One model measured on one split.

    data: name of the folder of the data; source: where they come from.
    sequences: measured; split_size: in the split. without_positions: sequences whose positions
    were read from their first frame and rolled out.
    overall: variant -> metric -> Estimate. steps: variant -> metric -> the mean over sequences
    at each predicted frame, None where no sequence has the metric.
    """

    checkpoint: str
    prior: str
    protocol: Protocol
    data: str
    source: str
    split: str
    split_size: int
    sequences: int
    without_positions: int
    overall: dict[str, dict[str, Estimate]]
    steps: dict[str, dict[str, list[float | None]]]

    @property
    def whole_split(self) -> bool:
        return self.sequences == self.split_size


def estimate(values: np.ndarray) -> Estimate:
    """Mean of one value a sequence with 1.96 sd / sqrt(n); NaN values are left out."""
    values = values[~np.isnan(values)]
    if not len(values):
        return Estimate(None, None, 0)
    spread = values.std(ddof=1) if len(values) > 1 else math.nan
    half_width = 1.96 * spread / math.sqrt(len(values))
    return Estimate(float(values.mean()), _number(half_width), len(values))


def overall(scores: pd.DataFrame) -> dict[str, dict[str, Estimate]]:
    """Rows of (sequence, variant, frame, metrics) -> variant -> metric -> Estimate.

    The mean over a sequence's frames first, then over sequences: each counts once.
    """
    by_sequence = scores.groupby(["variant", "sequence"], sort=False)[list(METRICS)].mean()
    return {
        variant: {metric: estimate(values[metric].to_numpy()) for metric in METRICS}
        for variant, values in by_sequence.groupby("variant", sort=False)
    }


def per_step(scores: pd.DataFrame) -> dict[str, dict[str, list[float | None]]]:
    """Rows of (sequence, variant, frame, metrics) -> variant -> metric -> mean of each frame."""
    by_frame = scores.groupby(["variant", "frame"], sort=False)[list(METRICS)].mean()
    return {
        variant: {metric: [_number(value) for value in values[metric]] for metric in METRICS}
        for variant, values in by_frame.groupby("variant", sort=False)
    }


def store_evaluation(path: Path, evaluation: Evaluation, scores: pd.DataFrame) -> None:
    """Write evaluation.csv and evaluation.json into the checkpoint folder `path`."""
    write_text(path / EVALUATION_CSV, scores.to_csv(index=False, float_format="%.5f"))
    text = json.dumps(asdict(evaluation), indent=1, allow_nan=False)
    write_text(path / EVALUATION, text + "\n")


def load_evaluation(path: Path) -> Evaluation:
    """The stored evaluation of the checkpoint in folder `path`.

    Raises InputError when there is none, or it is damaged.
    """
    file = path / EVALUATION
    again = "run `python -m cvae evaluate` on the checkpoint"
    if not file.is_file():
        raise InputError(f"{file} is missing; {again}.")
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        values["protocol"] = Protocol(**values["protocol"])
        values["overall"] = {
            variant: {metric: Estimate(**numbers) for metric, numbers in metrics.items()}
            for variant, metrics in values["overall"].items()
        }
        return Evaluation(**values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{file} is damaged ({error}); {again} again.") from error


def load_scores(path: Path) -> pd.DataFrame:
    """Per-sequence numbers of the checkpoint in folder `path`: sequence, variant, frame, metrics.

    Raises InputError when there are none, or they are damaged.
    """
    file = path / EVALUATION_CSV
    try:
        return pd.read_csv(file, dtype={"sequence": str, "variant": str})
    except (OSError, ValueError) as error:
        raise InputError(
            f"{file} can't be read ({error}); run `python -m cvae evaluate` on the checkpoint."
        ) from error


def _number(value: float) -> float | None:
    """JSON has no NaN."""
    return None if math.isnan(value) else float(value)
