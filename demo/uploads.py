"""One sequence that a user uploads: read in memory, bounded, and kept for that visit alone."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from threading import Lock

import numpy as np

from cvae.data import npz, zip_tree
from cvae.data.bundle import Bundle
from cvae.data.damage import DamagedSequence
from cvae.data.sequence import FRAME_SIZE, Sequence
from cvae.errors import InputError
from demo.gallery import first_sequence
from demo.settings import BUNDLED_SEQUENCES

MOST_MEGABYTES = 32  # of the file; what a thousand frames take at most, two cameras not packed
MOST_UNPACKED = 1 << 26
LEAST_FRAMES, MOST_FRAMES = 3, 1000
LARGEST = 100.0  # metres or steps: what is beyond is no command and no place
READERS = {".npz": npz.parse_sequence, ".zip": zip_tree.parse_sequence}
EXPECTED = (
    f"Expected is an NPZ with the arrays frames (T, {FRAME_SIZE}, {FRAME_SIZE}, 3) of type uint8 "
    "and actions (T, 4), and perhaps positions (T, 3); or a ZIP of 0.png, 1.png and so on with "
    "actions.csv, and perhaps endeffector_positions.csv. T is from "
    f"{LEAST_FRAMES} to {MOST_FRAMES:,} frames."
)
EXAMPLE = "example.npz"

# One at a time, so that many uploads at once need no more memory than one.
_reading = Lock()


@dataclass(frozen=True)
class Upload:
    """A sequence that is a source of its own (a SequenceSource of one).

    example: whether it is the example that the app offers, not the user's.
    """

    sequence: Sequence
    example: bool = False
    titles: dict[str, str] = field(default_factory=dict)
    description: dict = field(default_factory=dict)
    has_masks: bool = False

    @property
    def names(self) -> list[str]:
        return [self.sequence.name]

    @property
    def length(self) -> int:
        return len(self.sequence)

    @property
    def source(self) -> str:
        return "simulated" if self.example else "the user's own"

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> Sequence:
        return [self.sequence][index]

    def window(self, index: int, start: int, length: int) -> Sequence:
        return self[index].window(start, length)

    def by_name(self, name: str) -> Sequence:
        return self[self.names.index(name)]

    def motion(self, index: int) -> tuple[np.ndarray, np.ndarray | None]:
        return self[index].actions, self[index].positions


def read_upload(file: str, content: bytes) -> Upload:
    """The sequence in the uploaded `content` of the file that the user calls `file`.

    Nothing is written to a disk, and nothing is unpickled.
    Raises InputError that says what is wrong and what is expected.
    """
    path = PurePosixPath(file.replace("\\", "/"))
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise InputError(f"{path.name} is neither .npz nor .zip. {EXPECTED}")
    if not content:
        raise InputError(f"{path.name} is empty. {EXPECTED}")
    with _reading:
        try:
            sequence = read(content, Path(path.name), _name(path.stem), None, MOST_UNPACKED)
        except DamagedSequence as error:
            raise InputError(f"{error.file} {error.wrong}. {EXPECTED}") from error
    _check(sequence, path.name)
    return Upload(sequence, _is_example(content))


@cache
def example() -> bytes:
    """The content of EXAMPLE, an NPZ file to try with: a bundled, simulated sequence.

    Raises InputError if the bundled sequences are damaged.
    """
    bundle = Bundle.open(BUNDLED_SEQUENCES)
    return npz.npz_bytes(bundle.by_name(first_sequence(bundle)))


def _is_example(content: bytes) -> bool:
    try:
        return content == example()
    except InputError:
        return False


def _check(sequence: Sequence, file: str) -> None:
    if not LEAST_FRAMES <= len(sequence) <= MOST_FRAMES:
        raise InputError(f"{file} has {len(sequence):,} frames. {EXPECTED}")
    for what, numbers in (("actions", sequence.actions), ("positions", sequence.positions)):
        if numbers is not None and np.abs(numbers).max() > LARGEST:
            frame, column = np.argwhere(np.abs(numbers) > LARGEST)[0]
            raise InputError(
                f"{file} has {numbers[frame, column]:g} in {what} at frame {frame}; they are "
                "metres (of an action about ±0.07) and, in the last two columns of actions, steps "
                "from 0 to 4: convert them."
            )


def _name(stem: str) -> str:
    """A name that is good for files, too: the same file then gives the same noise everywhere."""
    return re.sub(r"[^\w.-]+", "-", stem)[:60].strip("-.") or "upload"
