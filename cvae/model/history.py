"""The training history of a checkpoint, a row an epoch, checked as it is read."""

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from cvae.disk import read_at_most
from cvae.errors import InputError

HISTORY = "history.csv"
EARLIER = "earlier.csv"  # of the runs before, whose weights this one began with
MOST_OF_A_HISTORY = 1 << 24  # bytes; 300 epochs take 60,000


def load_history(path: Path, needed: Iterable[str] = ("epoch",)) -> pd.DataFrame:
    """The training history of the checkpoint in `path`, a row an epoch, at least one.

    Raises InputError if it can't be read, lacks a column that is `needed`, or holds words,
    infinities, or epochs that are not 1 and so on upwards. NaN stands for what was not measured.
    """
    history = _read(path / HISTORY, needed, "restore it or train again")
    if wrong := _wrong_with_epochs(history):
        raise InputError(f"{path / HISTORY} {wrong}; restore it or train again.")
    return history


def load_lineage(path: Path, needed: Iterable[str] = ("epoch",)) -> pd.DataFrame:
    """All epochs that led to the weights in `path`: those of earlier runs, then its own.

    A column `run` counts the runs from 1; `epoch` begins anew with each of them.
    Raises InputError as `load_history` does, of either file; without earlier runs there is one.
    """
    history = load_history(path, ("epoch", *needed))
    if not (path / EARLIER).exists():
        return history.assign(run=1)
    remedy = "restore it, or delete it to go without the runs before"
    earlier = _read(path / EARLIER, ("run", "epoch", *needed), remedy)
    runs = earlier["run"].to_numpy(float)
    if runs[0] != 1 or not np.isin(np.diff(runs), (0, 1)).all():
        raise InputError(f"{path / EARLIER} has runs that do not follow each other; {remedy}.")
    for _, epochs in earlier.groupby("run"):
        if wrong := _wrong_with_epochs(epochs):
            raise InputError(f"{path / EARLIER} {wrong}; {remedy}.")
    return pd.concat([earlier, history.assign(run=int(runs[-1]) + 1)], ignore_index=True)


def own_epochs(lineage: pd.DataFrame) -> pd.DataFrame:
    """Of what `load_lineage` gave, the epochs of the last run, which is the checkpoint's own."""
    return lineage[lineage["run"] == lineage["run"].iloc[-1]]


def counted_on(lineage: pd.DataFrame) -> pd.DataFrame:
    """What `load_lineage` gave, with epochs that count on from one run to the next."""
    before = lineage.groupby("run")["epoch"].max().cumsum().shift(fill_value=0)
    return lineage.assign(epoch=lineage["epoch"] + lineage["run"].map(before))


def _read(file: Path, needed: Iterable[str], remedy: str) -> pd.DataFrame:
    """A table of numbers with the columns `needed`, at least one row."""
    try:
        content = read_at_most(MOST_OF_A_HISTORY, file)
        history = pd.read_csv(io.BytesIO(content), index_col=False)
    except (OSError, ValueError, OverflowError) as error:
        raise InputError(f"{file} can't be read ({error}); {remedy}.") from error
    if wrong := _wrong_with_table(history, needed):
        raise InputError(f"{file} {wrong}; {remedy}.")
    return history


def _wrong_with_table(history: pd.DataFrame, needed: Iterable[str]) -> str | None:
    missing = [name for name in needed if name not in history.columns]
    if missing:
        return f"lacks {', '.join(missing)}"
    if history.empty:
        return "has no epochs"
    try:
        numbers = history.astype(float)
    except (ValueError, TypeError, OverflowError) as error:
        return f"holds words in place of numbers ({error})"
    if np.isinf(numbers.to_numpy()).any():
        return "holds numbers that are not finite"
    return None


def _wrong_with_epochs(history: pd.DataFrame) -> str | None:
    if "epoch" not in history:
        return None
    epochs = history["epoch"].to_numpy(float)
    if not (epochs == np.floor(epochs)).all() or epochs[0] < 1 or (np.diff(epochs) <= 0).any():
        return "has epochs that do not follow each other"
    return None
