"""Whether sequences and folders hold the same."""

from pathlib import Path

import numpy as np

from cvae.data.sequence import Sequence

ARRAYS = ("frames", "actions", "positions", "masks", "toys")


def assert_same(one: Sequence, other: Sequence) -> None:
    """To the bit, with kinds of numbers; what one lacks the other lacks too."""
    assert (one.name, one.seed) == (other.name, other.seed)
    for array in ARRAYS:
        mine, theirs = getattr(one, array), getattr(other, array)
        if mine is None or theirs is None:
            assert mine is theirs, array
        else:
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(mine, theirs)


def contents(folder: Path) -> dict[str, bytes]:
    """Of all files in it, by their places."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}
