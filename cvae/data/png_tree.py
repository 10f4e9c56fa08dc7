"""The lab's PNG tree: one folder a sequence, one PNG a frame, two CSV files.

    ROOT/{train,validate,test}/traj_A_to_B/K/{0..29}.png
                                             actions.csv                  30 rows of 4 numbers
                                             endeffector_positions.csv    30 rows of 3, or absent

The CSV files have no header. Row t belongs to frame t.
"""

import csv
import re
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from cvae.data.sequence import (
    ACTION_DIM,
    FRAME_SIZE,
    POSITION_DIM,
    SEQUENCE_LENGTH,
    Sequence,
)
from cvae.errors import InputError

ACTIONS = "actions.csv"
POSITIONS = "endeffector_positions.csv"
VALIDATE_COUNT = 256


def list_sequences(root: Path | str) -> dict[str, dict[str, Path]]:
    """Per split, the folder of every sequence by its name "traj_A_to_B/K", in natural order.

    A tree without a validate split gives its last 256 training sequences to it (the last eighth
    where there are fewer than 512); the test split is never touched.
    Raises InputError if `root` is absent or empty, or lacks the train or the test split.
    """
    root = Path(root)
    if not root.is_dir():
        raise InputError(f"There is no folder {root}: give the folder that holds train and test.")
    if not any(root.iterdir()):
        raise InputError(f"{root} is empty: give the folder that holds train and test.")
    splits = {split: _list_split(root / split) for split in ("train", "validate", "test")}
    for split in ("train", "test"):
        if not splits[split]:
            what = "has no sequences" if (root / split).is_dir() else "is missing"
            raise InputError(
                f"{root / split} {what}: a PNG tree needs {split}/traj_A_to_B/K/0.png and so on."
            )
    if not splits["validate"]:
        train = list(splits["train"].items())
        held_out = VALIDATE_COUNT if len(train) >= 2 * VALIDATE_COUNT else len(train) // 8
        if held_out == 0:
            raise InputError(
                f"{root} has no validate split and too few training sequences ({len(train)}) to "
                "take one from: add a validate folder, or have at least 8 sequences in train."
            )
        splits["train"] = dict(train[:-held_out])
        splits["validate"] = dict(train[-held_out:])
    return splits


def read_sequence(folder: Path | str, name: str, length: int = SEQUENCE_LENGTH) -> Sequence:
    """The sequence in `folder`: its first `length` frames with their actions and positions.

    Raises InputError naming the file if a frame is missing, unreadable or not 64 x 64, or a CSV
    has too few rows, another number of columns, words, NaN or infinities.
    """
    folder = Path(folder)
    positions = folder / POSITIONS
    return Sequence(
        name=name,
        frames=np.stack([_read_frame(folder / f"{t}.png") for t in range(length)]),
        actions=_read_csv(folder / ACTIONS, length, ACTION_DIM),
        positions=_read_csv(positions, length, POSITION_DIM) if positions.exists() else None,
    )


def write_sequence(folder: Path | str, sequence: Sequence) -> None:
    """Write `sequence` into `folder`, which is there only once it is whole."""
    folder = Path(folder)
    partial = folder.with_name(folder.name + ".partial")
    partial.mkdir(parents=True, exist_ok=True)
    for t, frame in enumerate(sequence.frames):
        Image.fromarray(frame).save(partial / f"{t}.png")
    # Nine digits bring every float32 back exactly.
    np.savetxt(partial / ACTIONS, sequence.actions, fmt="%.9g", delimiter=",")
    if sequence.positions is not None:
        np.savetxt(partial / POSITIONS, sequence.positions, fmt="%.9g", delimiter=",")
    partial.rename(folder)


def _natural(text: str) -> list:
    """Sort key that puts "traj/2" before "traj/10"."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]


def _list_split(folder: Path) -> dict[str, Path]:
    folders = {
        f"{sequence.parent.name}/{sequence.name}": sequence
        for sequence in folder.glob("*/*")
        if sequence.is_dir() and not sequence.name.endswith(".partial")
    }
    return {name: folders[name] for name in sorted(folders, key=_natural)}


def _read_frame(file: Path) -> np.ndarray:
    try:
        with Image.open(file) as image:
            frame = np.asarray(image.convert("RGB"))
    except FileNotFoundError as error:
        raise InputError(
            f"{file} is missing: put the frame there, or remove the folder of this sequence."
        ) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise InputError(
            f"{file} can't be read as a picture: copy it again, or remove the folder of this "
            "sequence."
        ) from error
    if frame.shape != (FRAME_SIZE, FRAME_SIZE, 3):
        raise InputError(
            f"{file} is {frame.shape[1]} x {frame.shape[0]} pixels, not {FRAME_SIZE} x "
            f"{FRAME_SIZE}: convert the tree to that size."
        )
    return frame


def _read_csv(file: Path, rows: int, columns: int) -> np.ndarray:
    """The first `rows` rows as float32 (rows, columns)."""
    try:
        with file.open(newline="", encoding="utf-8") as stream:
            table = [row for row in csv.reader(stream) if row]
    except FileNotFoundError as error:
        raise InputError(
            f"{file} is missing: put it there, or remove the folder of this sequence."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file} can't be read as a CSV file: write it again.") from error
    if len(table) < rows:
        raise InputError(
            f"{file} has {len(table)} rows, not {rows} (one a frame): complete it, or remove the "
            "folder of this sequence."
        )
    for number, row in enumerate(table[:rows], 1):
        if len(row) != columns:
            raise InputError(
                f"{file}, row {number} has {len(row)} columns, not {columns}: write it again."
            )
        for cell in row:
            if not _is_finite_number(cell):
                raise InputError(
                    f"{file}, row {number} has {cell.strip()!r} where a finite number belongs "
                    "(there is no header): correct it."
                )
    return np.array([[float(cell) for cell in row] for row in table[:rows]], np.float32)


def _is_finite_number(cell: str) -> bool:
    try:
        return abs(float(cell)) <= float(np.finfo(np.float32).max)
    except ValueError:
        return False
