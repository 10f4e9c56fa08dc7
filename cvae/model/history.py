"""The training history of a checkpoint, a row an epoch, checked as it is read."""

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from cvae.disk import read_at_most
from cvae.errors import InputError

HISTORY = "history.csv"
MOST_OF_A_HISTORY = 1 << 24  # bytes; 300 epochs take 60,000


def load_history(path: Path, needed: Iterable[str] = ("epoch",)) -> pd.DataFrame:
    """The training history of the checkpoint in `path`, a row an epoch, at least one.

    Raises InputError if it can't be read, lacks a column that is `needed`, or holds words,
    infinities, or epochs that are not 1 and so on upwards. NaN stands for what was not measured.
    """
    file = path / HISTORY
    try:
        content = read_at_most(MOST_OF_A_HISTORY, file)
        history = pd.read_csv(io.BytesIO(content), index_col=False)
    except (OSError, ValueError, OverflowError) as error:
        raise InputError(f"{file} can't be read ({error}); restore it or train again.") from error
    if wrong := _wrong_with_history(history, needed):
        raise InputError(f"{file} {wrong}; restore it or train again.")
    return history


def _wrong_with_history(history: pd.DataFrame, needed: Iterable[str]) -> str | None:
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
    epochs = numbers["epoch"].to_numpy() if "epoch" in numbers else np.arange(1, len(numbers) + 1)
    if not (epochs == np.floor(epochs)).all() or epochs[0] < 1 or (np.diff(epochs) <= 0).any():
        return "has epochs that do not follow each other"
    return None
