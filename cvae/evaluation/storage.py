"""Evaluations on disk: what is measured so far, and what is kept in the end.

FOLDER/
    evaluation.json      by protocol, with the checksums of the weights and of the scores
    evaluation.csv.xz    the scores: a row a frame
    evaluation.webp      curves over the predicted frames
    README.md            model card
    evaluation.partial/  only until the evaluation is complete: one file a measured chunk
"""

import hashlib
import json
import lzma
import shutil
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from cvae.disk import sole_owner, write_text, write_whole
from cvae.errors import InputError
from cvae.evaluation.columns import MEASURED
from cvae.evaluation.protocol import PROTOCOLS, Protocol
from cvae.evaluation.rows import VARIANTS
from cvae.evaluation.scores import (
    MOST_UNPACKED,
    Evaluation,
    load_evaluations,
    load_scores,
    read_scores,
)
from cvae.json_file import read_json
from cvae.model.checkpoint import EVALUATION, EVALUATION_CSV

PARTIAL = "evaluation.partial"
CURVES = "evaluation.webp"
VERSION = 2  # of how it is measured; another one's partial results are not gone on with
# Windows of higher presets are wider than all scores; text has no alignment (pb) to look for.
PACKING = {"id": lzma.FILTER_LZMA2, "preset": 6, "lc": 4, "pb": 0}
ROW = 72  # bytes, about, of a row of scores before it is packed
DIGITS = {name: column.stored for name, column in MEASURED.items()}


class Partial:
    """Chunks of one evaluation that are measured, each in a file of its own in `folder`.

    identity: all that the numbers depend on; chunks of another identity are not found.
    """

    def __init__(self, folder: Path, protocol: str, identity: dict[str, Any]) -> None:
        measured = {"version": VERSION, "columns": [*MEASURED], **identity}
        told = json.dumps(measured, sort_keys=True, default=str)
        digest = hashlib.sha256(told.encode()).hexdigest()[:16]
        self.path = folder / PARTIAL / f"{protocol}-{digest}"

    def has(self, numbers: range) -> bool:
        return self._file(numbers).is_file()

    def keep(self, numbers: range, scores: pd.DataFrame) -> None:
        """Write the scores of a chunk; whole or not at all, and with every bit."""
        write_whole(self._file(numbers), packed_csv(scores))

    def load(self, numbers: range) -> pd.DataFrame:
        """The scores of a chunk. Raises InputError if they are damaged."""
        file = self._file(numbers)
        try:
            return read_scores(file.read_bytes())
        except (OSError, ValueError) as error:
            raise InputError(
                f"{file} is damaged ({error}); delete {file.parent} and run the command again."
            ) from error

    def _file(self, numbers: range) -> Path:
        return self.path / f"{numbers.start:06d}-{numbers.stop:06d}.csv.xz"


def store(folder: Path, weights: str, evaluation: Evaluation, scores: pd.DataFrame) -> None:
    """Write an evaluation and its scores into `folder`, beside those of other protocols.

    weights: checksum of those that were measured; evaluations of others leave the folder.
    Raises InputError when the disk refuses.
    """
    evaluations, rows = stored(folder, weights)
    evaluations[evaluation.protocol.name] = evaluation
    rows = rows[rows["protocol"] != evaluation.protocol.name] if rows is not None else None
    scores = scores.round(DIGITS) if rows is None else pd.concat([rows, scores.round(DIGITS)])
    scores = scores.sort_values(["protocol", "variant"], key=_places, kind="stable")
    content = packed_csv(scores)
    values = {
        "weights": weights,
        "scores": hashlib.sha256(content).hexdigest(),
        "protocols": {name: asdict(evaluations[name]) for name in PROTOCOLS if name in evaluations},
    }
    # Between the two the scores do not fit: that is noticed when they are read.
    write_whole(folder / EVALUATION_CSV, content)
    _write_summary(folder, values)


def sole_evaluation(folder: Path) -> AbstractContextManager[None]:
    """Keep other evaluations out of `folder`: what one stores would lack what the other adds.

    A model may be trained on meanwhile. Raises InputError as `sole_owner` does.
    """
    return sole_owner(folder / PARTIAL)


def remove_partial(folder: Path) -> None:
    """The evaluation is complete: nothing is left to go on with."""
    shutil.rmtree(folder / PARTIAL, ignore_errors=True)


def stored(folder: Path, weights: str) -> tuple[dict[str, Evaluation], pd.DataFrame | None]:
    """What `folder` holds of these weights; nothing if it is damaged: it is measured again."""
    try:
        measured = read_json(folder / EVALUATION)["weights"]
        if measured == weights:
            return load_evaluations(folder), load_scores(folder)
    except (OSError, ValueError, KeyError, TypeError, InputError):
        pass
    return {}, None


def restamp_evaluations(folder: Path, weights: str, before: str) -> None:
    """Evaluations in `folder` are of the weights with checksum `weights`, no more of `before`.

    For a file of weights that was written in another form; evaluations of others stay as they are.
    Raises InputError if what is there is damaged, or the disk refuses.
    """
    file = folder / EVALUATION
    if not file.is_file():
        return
    try:
        values = read_json(file)
        measured = values["weights"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file} is damaged ({error}); delete it, or measure again.") from error
    if measured == before:
        _write_summary(folder, values | {"weights": weights})


def packed_csv(table: pd.DataFrame) -> bytes:
    """Packed by XZ: two thirds of what gzip makes, which of a whole split is half a megabyte.

    Raises InputError for more than is ever unpacked again: it would be lost.
    """
    content = table.to_csv(index=False).encode()
    if len(content) > MOST_UNPACKED:
        raise _too_many(len(content))
    return lzma.compress(content, filters=[PACKING])


def _places(names: pd.Series) -> pd.Series:
    """Of protocols or variants: where people read them, which also packs best."""
    order = [*PROTOCOLS, *VARIANTS]
    return names.map(order.index)


def _write_summary(folder: Path, values: dict[str, Any]) -> None:
    # Indented it is twice as long.
    text = json.dumps(values, separators=(",", ":"), allow_nan=False)
    write_text(folder / EVALUATION, text + "\n")


def check_size(sequences: int, protocols: list[Protocol]) -> None:
    """Raise InputError if scores of so many sequences would be too many to keep."""
    rows = sequences * len(VARIANTS) * sum(protocol.horizon for protocol in protocols)
    if rows * ROW > MOST_UNPACKED:
        raise _too_many(rows * ROW)


def _too_many(size: int) -> InputError:
    return InputError(
        f"The scores would take {size / 1e6:,.0f} MB, and at most {MOST_UNPACKED / 1e6:,.0f} MB of "
        "a model are kept: measure fewer sequences (--limit) or fewer --protocols at a time, each "
        "in its own --out."
    )
