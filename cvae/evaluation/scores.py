"""The numbers of evaluations: means with their intervals, and where they came from.

A checkpoint's folder keeps them, see `load_evaluations` and `load_scores`; cvae.evaluation.storage
writes them.
"""

import hashlib
import io
import json
import math
from collections.abc import Sequence as Items
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cvae.errors import InputError
from cvae.evaluation.protocol import PROTOCOLS, Protocol
from cvae.model.checkpoint import EVALUATION, EVALUATION_CSV, WEIGHTS, weights_checksum

METRICS = ("psnr", "psnr_lab", "ssim", "psnr_moved", "lpips")
SPREAD = "spread"

# What is measured beside each other; the names stand in the files.
COPY_LAST = "copy last"
ONE_SAMPLE = "one sample"
BEST = "best of N"
PRIOR_MEAN = "prior mean"
FOREIGN = "foreign conditions"
POSTERIOR = "posterior reference"
VARIANTS = (COPY_LAST, ONE_SAMPLE, BEST, PRIOR_MEAN, FOREIGN, POSTERIOR)

KEYS = ("protocol", "sequence", "variant", "frame")
COLUMNS = (*KEYS, *METRICS, SPREAD)
"""Of scores, a row a predicted frame. "one sample": the mean of the metrics over the samples;
"spread": the samples' standard deviation at a pixel, its mean over pixels, in grey levels of 255;
only "one sample" has it, and only with several samples."""

AGAIN = "run `python -m cvae evaluate` on the checkpoint"


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
class Curve:
    """An estimate at each predicted frame."""

    mean: Items[float | None]
    half_width: Items[float | None]


@dataclass(frozen=True)
class Evaluation:
    """One model measured on one split under one protocol.

    n_past: given frames in training. samples: drawn for each sequence.
    data: the data's folder as the user named it; source: where they come from.
    sequences: measured; split_size: in the split.
    without_positions: sequences that have no recorded positions, though the protocol gives some;
    theirs were read from the first frame and rolled out.
    overall: variant -> metric -> Estimate. steps: variant -> metric -> Curve. METRICS for every
    variant, and SPREAD for ONE_SAMPLE.
    """

    checkpoint: str
    prior: str
    n_past: int
    protocol: Protocol
    samples: int
    data: str
    source: str
    split: str
    split_size: int
    sequences: int
    without_positions: int
    overall: dict[str, dict[str, Estimate]]
    steps: dict[str, dict[str, Curve]]

    @property
    def whole_split(self) -> bool:
        return self.sequences == self.split_size


def estimate(values: np.ndarray) -> Estimate:
    """Mean of one value a sequence with 1.96 sd / sqrt(n); NaN values are left out."""
    values = values[~np.isnan(values)]
    if not len(values):
        return Estimate(None, None, 0)
    deviation = values.std(ddof=1) if len(values) > 1 else math.nan
    half_width = 1.96 * deviation / math.sqrt(len(values))
    return Estimate(_number(values.mean()), _number(half_width), len(values))


def load_evaluations(path: Path) -> dict[str, Evaluation]:
    """The evaluations in the checkpoint folder `path` by protocol, in the order of PROTOCOLS.

    Raises InputError when there are none, they are damaged, or they are stale: measured with
    other weights than the folder holds now.
    """
    values = _read(path)
    try:
        found = {name: _evaluation_from(numbers) for name, numbers in values["protocols"].items()}
        return {name: found[name] for name in sorted(found, key=list(PROTOCOLS).index)}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path / EVALUATION, error) from error


def load_scores(path: Path) -> pd.DataFrame:
    """The scores in the checkpoint folder `path`, of all protocols: COLUMNS, a row a frame.

    Raises InputError when there are none, or they are damaged or stale.
    """
    expected = _read(path).get("scores")
    file = path / EVALUATION_CSV
    try:
        content = file.read_bytes()
        if hashlib.sha256(content).hexdigest() != expected:
            raise ValueError(f"it is not the one that {EVALUATION} tells of")
        return read_scores(content)
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(file, error) from error


def read_scores(content: bytes) -> pd.DataFrame:
    """The scores in a gzipped CSV file's `content`; ValueError, OSError if they are none."""
    types = {"protocol": str, "sequence": str, "variant": str, "frame": int}
    scores = pd.read_csv(
        io.BytesIO(content),
        compression="gzip",
        dtype=types,
        keep_default_na=False,  # a sequence may be called "NA"
        na_values=[""],
    )
    if tuple(scores.columns) != COLUMNS:
        raise ValueError("it has other columns")
    return scores


def _read(path: Path) -> dict[str, Any]:
    """evaluation.json as it is, of the weights that the folder holds (if it holds any)."""
    file = path / EVALUATION
    if not file.is_file():
        raise InputError(f"{file} is missing; {AGAIN}.")
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        weights = values["weights"]
        current = weights_checksum(path) if (path / WEIGHTS).is_file() else weights
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(file, error) from error
    if weights != current:
        raise InputError(
            f"{file} is stale: it was measured with other weights than {path / WEIGHTS} holds "
            f"now; {AGAIN} again."
        )
    return values


def _evaluation_from(values: dict[str, Any]) -> Evaluation:
    values = dict(values)
    for part, kind in (("overall", Estimate), ("steps", Curve)):
        values[part] = {
            variant: {metric: kind(**numbers) for metric, numbers in metrics.items()}
            for variant, metrics in values[part].items()
        }
    return Evaluation(**{**values, "protocol": Protocol(**values["protocol"])})


def _damaged(file: Path, error: Exception) -> InputError:
    return InputError(f"{file} is damaged ({error}); {AGAIN} again.")


def _number(value: float) -> float | None:
    """JSON has no NaN; five decimals are more than anyone reads."""
    return None if math.isnan(value) else round(float(value), 5)
