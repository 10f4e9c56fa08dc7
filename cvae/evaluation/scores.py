"""The numbers of evaluations: means with their intervals, and where they came from.

A checkpoint's folder keeps them, see `load_evaluations` and `load_scores`; cvae.evaluation.storage
writes them.
"""

import hashlib
import io
import lzma
import math
from collections.abc import Sequence as Items
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cvae.disk import read_at_most
from cvae.errors import InputError
from cvae.evaluation.columns import MEASURED, METRICS
from cvae.evaluation.protocol import PROTOCOLS, Protocol
from cvae.evaluation.rows import COPY_LAST, ONE_SAMPLE, VARIANTS
from cvae.json_file import fitted, read_json
from cvae.model.checkpoint import EVALUATION, EVALUATION_CSV
from cvae.model.weights import has_weights, weights_checksum, weights_file

KEYS = ("protocol", "sequence", "variant", "frame")
COLUMNS = (*KEYS, *MEASURED)
"""Of scores, a row a predicted frame. "one sample": the mean of the metrics over the samples;
"spread": the samples' standard deviation at a pixel, its mean over pixels, in grey levels of 255;
only "one sample" has it, and only with several samples."""

MOST_UNPACKED = 1 << 28  # bytes of a table: some three million rows
MOST_TO_UNPACK = 1 << 26  # bytes of memory beside it, however much a file asks for
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
    data: the data's folder as the user named it; data_checksum: of what was in it, as other data
    may take its name; source: where they come from.
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
    data_checksum: str
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
    summary = _read(path)
    try:
        for name, evaluation in summary.protocols.items():
            _check(name, evaluation)
    except ValueError as error:
        raise _damaged(path / EVALUATION, error) from error
    return {name: summary.protocols[name] for name in PROTOCOLS if name in summary.protocols}


def load_scores(path: Path) -> pd.DataFrame:
    """The scores in the checkpoint folder `path`, of all protocols: COLUMNS, a row a frame.

    Raises InputError when there are none, or they are damaged or stale.
    """
    expected = _read(path).scores
    file = path / EVALUATION_CSV
    try:
        content = read_at_most(MOST_UNPACKED, file)
        if hashlib.sha256(content).hexdigest() != expected:
            raise ValueError(f"it is not the one that {EVALUATION} tells of")
        return read_scores(content)
    except (OSError, ValueError) as error:
        raise _damaged(file, error) from error


def read_scores(content: bytes) -> pd.DataFrame:
    """The scores in an XZ-packed CSV file's `content`.

    Raises ValueError if they are none, unpack to more than MOST_UNPACKED bytes, or hold words or
    infinities in place of numbers, or protocols or variants that do not exist.
    """
    types = {"protocol": str, "sequence": str, "variant": str, "frame": int}
    types |= dict.fromkeys(MEASURED, float)
    try:
        scores = pd.read_csv(
            io.BytesIO(_unpacked(content)),
            dtype=types,
            keep_default_na=False,  # a sequence may be called "NA"
            na_values=[""],
        )
    except (OSError, lzma.LZMAError, OverflowError, TypeError) as error:
        raise ValueError(str(error)) from error
    if tuple(scores.columns) != COLUMNS or not isinstance(scores.index, pd.RangeIndex):
        raise ValueError("it has other columns than are measured now")
    known = scores["protocol"].isin(list(PROTOCOLS)) & scores["variant"].isin(VARIANTS)
    if scores.empty or scores["sequence"].isna().any() or not known.all():
        raise ValueError("it has rows of no sequence, protocol or variant that there is")
    if np.isinf(scores[[*MEASURED]].to_numpy()).any():
        raise ValueError("it has numbers that are not finite")
    return scores


def _unpacked(content: bytes) -> bytes:
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_TO_UNPACK)
    pieces = bytearray()
    while not unpacker.eof:
        piece = unpacker.decompress(content, max_length=1 << 20)
        content = b""
        pieces += piece
        if len(pieces) > MOST_UNPACKED:
            raise ValueError(f"it unpacks to more than {MOST_UNPACKED / 1e6:,.0f} MB")
        if not piece and unpacker.needs_input:
            raise ValueError("it is cut off")
    if unpacker.unused_data:
        raise ValueError("it goes on after its end")
    return bytes(pieces)


@dataclass(frozen=True)
class _Summary:
    """evaluation.json. weights, scores: checksums of what was measured, and of the scores."""

    weights: str
    scores: str
    protocols: dict[str, Evaluation]


def _read(path: Path) -> _Summary:
    """evaluation.json as it is, of the weights that the folder holds (if it holds any)."""
    file = path / EVALUATION
    if not file.is_file():
        raise InputError(f"{file} is missing; {AGAIN}.")
    try:
        summary = fitted(_Summary, read_json(file), "it")
    except (OSError, ValueError) as error:
        raise _damaged(file, error) from error
    if has_weights(path) and summary.weights != weights_checksum(path):
        raise InputError(
            f"{file} is stale: it was measured with other weights than {weights_file(path)} "
            f"holds now; {AGAIN} again."
        )
    return summary


def _check(name: str, evaluation: Evaluation) -> None:
    """Raise ValueError unless the parts of the `evaluation` under protocol `name` fit together."""
    protocol, overall, steps = evaluation.protocol, evaluation.overall, evaluation.steps
    if name not in PROTOCOLS or protocol.name != name:
        raise ValueError(f"there is no protocol {name[:40]!r}, or it is that of {protocol.name!r}")
    if set(overall) != set(steps) or not {COPY_LAST, ONE_SAMPLE} <= set(overall) <= set(VARIANTS):
        raise ValueError(f"under {name} it has other variants than are measured")
    for variant in overall:
        curves = [*steps[variant].values()]
        lengths = {len(points) for one in curves for points in (one.mean, one.half_width)}
        measured = set(overall[variant])
        if measured != set(steps[variant]) or not set(METRICS) <= measured <= set(MEASURED):
            raise ValueError(f"under {name}, {variant}, it has other metrics than are measured")
        if lengths != {PROTOCOLS[name].horizon}:
            raise ValueError(f"under {name}, {variant}, it has curves of another length")


def _damaged(file: Path, error: Exception) -> InputError:
    return InputError(f"{file} is damaged or of another version ({error}); {AGAIN} again.")


def _number(value: float) -> float | None:
    """JSON has no NaN; five decimals are more than anyone reads."""
    return None if math.isnan(value) else round(float(value), 5)
