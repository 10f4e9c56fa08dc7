"""Files of a source that can't be used, told in one sentence each."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from cvae.disk import read_at_most
from cvae.errors import InputError


class DamagedSequence(InputError):
    """One sequence of a source can't be used; the others can: `prepare --skip-bad` leaves it out.

    file: where the damage lies.
    wrong: what is wrong, as it follows the file's name in a sentence.
    """

    def __init__(self, file: Path, wrong: str, cure: str = "copy it again") -> None:
        """cure: what to do about it; a part of the sentence only."""
        super().__init__(f"{file} {wrong}: {cure}, or leave it out with --skip-bad.")
        self.file = file
        self.wrong = wrong


@contextmanager
def told_when_unreadable(path: Path) -> Iterator[None]:
    """Turn what the system says about reading `path` into one sentence.

    Missing rights are no damage: nothing is left out for them, as they can be given.
    """
    try:
        yield
    except PermissionError as error:
        raise InputError(
            f"{path} can't be read ({error.strerror}): give the user who runs this the right to."
        ) from error
    except FileNotFoundError as error:
        raise DamagedSequence(path, "is missing", "put it there") from error
    except OSError as error:
        raise DamagedSequence(path, f"can't be read ({error.strerror})") from error


def read_file(file: Path, most: int) -> bytes:
    """The content of `file`; DamagedSequence for more than `most` bytes, which are not read."""
    with told_when_unreadable(file):
        try:
            return read_at_most(most, file)
        except ValueError as error:
            wrong = f"has more than {most / 1e6:,.0f} MB"
            raise DamagedSequence(file, wrong, "take smaller files for one sequence") from error


def list_folder(folder: Path) -> list[os.DirEntry]:
    """What is in `folder`; nothing where there is no such folder.

    Unlike `Path.glob`, it says so when the folder may not be read.
    """
    with told_when_unreadable(folder):
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except (FileNotFoundError, NotADirectoryError):
            return []


def finite_numbers(file: Path, name: str, values: object, shape: tuple[int, int]) -> np.ndarray:
    """`values`, which `file` has under `name`, as float32 of `shape`, a row a frame.

    Raises DamagedSequence for words, another shape, NaN, infinities and what float32 can't hold.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "fiu":
        raise DamagedSequence(file, f"has {name} of type {array.dtype} where numbers belong")
    if array.shape != shape:
        raise DamagedSequence(file, f"has {name} of shape {array.shape}, not {shape}")
    with np.errstate(over="ignore"):
        numbers = array.astype(np.float32)
    if not np.isfinite(numbers).all():
        frame, column = np.argwhere(~np.isfinite(numbers))[0]
        raise DamagedSequence(
            file,
            f"has {array[frame, column]} in {name} at frame {frame} where a finite number belongs",
        )
    return numbers
