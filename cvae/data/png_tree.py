"""The lab's PNG tree: one folder a sequence, one PNG a frame, two CSV files.

    ROOT/{train,validate,test}/traj_A_to_B/K/{0..29}.png
                                             actions.csv                  30 rows of 4 numbers
                                             endeffector_positions.csv    30 rows of 3, or absent

The CSV files have no header. Row t belongs to frame t.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from cvae.data.damage import DamagedSequence, list_folder, read_file
from cvae.data.sequence import (
    ACTION_DIM,
    FRAME_SIZE,
    POSITION_DIM,
    SEQUENCE_LENGTH,
    Sequence,
)
from cvae.data.splits import SPLITS, natural_order, train_and_test
from cvae.disk import whole_folder
from cvae.errors import InputError

ACTIONS = "actions.csv"
POSITIONS = "endeffector_positions.csv"
MOST_OF_A_ROW = 1000  # bytes; four numbers take some eighty
MOST_OF_A_FILE = 1 << 24  # bytes; a frame takes some 5,000
FRAME = re.compile(r"([0-9]{1,6})\.png")


def is_png_tree(root: Path) -> bool:
    """Whether some sequence folder below `root` holds a PNG."""
    return any(
        entry.name.endswith(".png")
        for split in SPLITS
        for folder in _sequence_folders(root / split)
        for entry in list_folder(folder)
    )


def list_sequences(root: Path | str) -> dict[str, dict[str, Path]]:
    """Per split, the folder of every sequence by its name "traj_A_to_B/K", in natural order.

    A tree without a validate split gives the last training sequences to it.
    Raises InputError if `root` is absent or empty, or lacks the train or the test split.
    """
    root = Path(root)
    if not root.is_dir():
        raise InputError(f"There is no folder {root}: give the folder that holds train and test.")
    if not list_folder(root):
        raise InputError(f"{root} is empty: give the folder that holds train and test.")
    splits = {split: _list_split(root / split) for split in SPLITS}
    return train_and_test(splits, root, "traj_A_to_B/K/0.png")


def list_test(root: Path) -> dict[str, Path]:
    """The same for the test split alone, whatever else is there or is not."""
    return _list_split(root / "test")


def read_sequence(folder: Path | str, name: str, length: int | None = SEQUENCE_LENGTH) -> Sequence:
    """The sequence in `folder`: `length` frames with their actions and positions.

    length: None for as many as there are.
    Raises DamagedSequence naming the file if there are fewer or more frames or rows, a frame is
    unreadable or not 64 x 64, or a CSV has another number of columns, words, NaN or infinities.
    """
    folder = Path(folder)
    present = {entry.name for entry in list_folder(folder)}

    def read(file: str) -> bytes:
        return read_file(folder / file, MOST_OF_A_FILE)

    return parse_sequence(folder, present, read, name, length)


def parse_sequence(
    folder: Path,
    present: set[str],
    read: Callable[[str], bytes],
    name: str,
    length: int | None,
) -> Sequence:
    """The same from the files `present`, of which `read` gives the content.

    folder: what the place where they are is called.
    """
    if length is None:
        length = _count_frames(present)
    frames = [_parse_frame(folder / f"{t}.png", read(f"{t}.png")) for t in range(length)]
    if f"{length}.png" in present:
        raise DamagedSequence(
            folder,
            f"has frames beyond the {length} of a sequence",
            f"remove them, or give --length where all sequences have more than {length} frames",
        )

    def table(file: str, columns: int) -> np.ndarray:
        return _parse_csv(folder / file, read(file), length, columns)

    return Sequence(
        name=name,
        frames=np.stack(frames),
        actions=table(ACTIONS, ACTION_DIM),
        positions=table(POSITIONS, POSITION_DIM) if POSITIONS in present else None,
    )


def write_sequence(folder: Path | str, sequence: Sequence) -> None:
    """Write `sequence` into `folder`, which is there only once it is whole.

    Raises InputError as `whole_folder` does.
    """
    with whole_folder(Path(folder)) as partial:
        write_files(partial, sequence)


def write_files(folder: Path, sequence: Sequence) -> None:
    """Write the files of `sequence` into `folder`, which is there. Raises OSError."""
    for t, frame in enumerate(sequence.frames):
        Image.fromarray(frame).save(folder / f"{t}.png")
    # Nine digits bring every float32 back exactly.
    np.savetxt(folder / ACTIONS, sequence.actions, fmt="%.9g", delimiter=",")
    if sequence.positions is not None:
        np.savetxt(folder / POSITIONS, sequence.positions, fmt="%.9g", delimiter=",")


def _list_split(folder: Path) -> dict[str, Path]:
    folders = {f"{f.parent.name}/{f.name}": f for f in _sequence_folders(folder)}
    return {name: folders[name] for name in sorted(folders, key=natural_order)}


def _sequence_folders(split: Path) -> Iterator[Path]:
    """The folders traj_A_to_B/K of a split, in the order of the disk."""
    for trajectories in list_folder(split):
        if trajectories.is_dir():
            for sequence in list_folder(Path(trajectories.path)):
                if sequence.is_dir() and not sequence.name.endswith(".partial"):
                    yield Path(sequence.path)


def _count_frames(present: set[str]) -> int:
    """How many frames the files make up, when none is missing; at least one."""
    numbers = [int(found[1]) for file in present if (found := FRAME.fullmatch(file))]
    return max(numbers, default=0) + 1


def _parse_frame(file: Path, content: bytes) -> np.ndarray:
    try:
        # `verify` compares every checksum of the file, which decoding leaves out; it uses the
        # opened image up.
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            width, height = image.size
            image.verify()
        if (width, height) == (FRAME_SIZE, FRAME_SIZE):
            with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
                return np.asarray(image.convert("RGB"))
    except Image.DecompressionBombError as error:
        raise DamagedSequence(
            file,
            f"is far larger than {FRAME_SIZE} x {FRAME_SIZE} pixels",
            "convert it to that size",
        ) from error
    except Exception as error:  # whatever a damaged file makes the decoder trip over
        raise DamagedSequence(file, "can't be read as a picture (cut off or damaged)") from error
    raise DamagedSequence(
        file,
        f"is {width} x {height} pixels, not {FRAME_SIZE} x {FRAME_SIZE}",
        "convert it to that size",
    )


def _parse_csv(file: Path, content: bytes, rows: int, columns: int) -> np.ndarray:
    """All rows as float32 (rows, columns)."""
    if len(content) > MOST_OF_A_ROW * (rows + 1):  # parsed, text takes tenfold memory
        raise DamagedSequence(
            file,
            f"has {len(content):,} bytes, far more than {rows} rows of numbers",
            "write it again",
        )
    try:
        text = content.decode("utf-8")
        table = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DamagedSequence(file, "can't be read as a CSV file", "write it again") from error
    if len(table) != rows:
        raise DamagedSequence(
            file, f"has {len(table)} rows, not {rows} (one a frame)", "complete it"
        )
    for number, row in enumerate(table, 1):
        if len(row) != columns:
            raise DamagedSequence(
                file, f"has {len(row)} columns in row {number}, not {columns}", "write it again"
            )
        for cell in row:
            if not _is_finite_number(cell):
                raise DamagedSequence(
                    file,
                    f"has {cell.strip()[:40]!r} in row {number} where a finite number belongs "
                    "(there is no header)",
                    "correct it",
                )
    return np.array([[float(cell) for cell in row] for row in table], np.float32)


def _is_finite_number(cell: str) -> bool:
    try:
        return abs(float(cell)) <= float(np.finfo(np.float32).max)
    except ValueError:
        return False
