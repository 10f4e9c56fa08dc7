"""NPZ files, one sequence each.

    NAME.npz    frames or image                        uint8 (T, 64, 64, 3), RGB
                actions or action                      numbers (T, 4)
                positions, endeffector_positions or
                endeffector_pos                        numbers (T, 3), or absent

A single file, or a folder of them, is a test split: what evaluation, prediction and the app
take. A folder with subfolders train, validate, test has these splits.
"""

import io
from pathlib import Path
from typing import Any

import numpy as np

from cvae.data.damage import DamagedSequence, finite_numbers, list_folder, read_file
from cvae.data.npy import parse_array
from cvae.data.sequence import (
    ACTION_DIM,
    FRAME_SIZE,
    POSITION_DIM,
    SEQUENCE_LENGTH,
    Sequence,
)
from cvae.data.splits import SPLITS, natural_order, with_validate_split
from cvae.data.zip_members import MOST_UNPACKED, read_members

SUFFIX = ".npz"
FRAMES = ("frames", "image")
ACTIONS = ("actions", "action")
POSITIONS = ("positions", "endeffector_positions", "endeffector_pos")


def has_npz(root: Path) -> bool:
    """Whether `root` is an NPZ file, or a folder with some, or one whose splits have some."""
    return root.name.endswith(SUFFIX) or any(map(_list_folder, _folders(root)))


def list_sequences(root: Path) -> dict[str, dict[str, Path]]:
    """Per split, the file of every sequence by its name, in natural order.

    Training sequences without a validate split give the last of them to it.
    """
    if not root.is_dir() or _list_folder(root):
        return {"test": list_test(root)}
    listed = {folder.name: _list_folder(folder) for folder in _folders(root)}
    splits = {split: listed[split] for split in SPLITS if listed[split]}
    return with_validate_split(splits, root) if "train" in splits else splits


def list_test(root: Path) -> dict[str, Path]:
    """The same for the test split alone, whatever else is there or is not."""
    if not root.is_dir():
        return {root.name.removesuffix(SUFFIX): root}
    return _list_folder(root) or _list_folder(root / "test")


def read_sequence(file: Path, name: str, length: int | None = SEQUENCE_LENGTH) -> Sequence:
    """The sequence of `length` frames in `file`, of any number where that is None.

    Raises DamagedSequence if it is no NPZ file, cut off or damaged, lacks frames or actions, or
    has other types, sizes or counts than above, words, NaN or infinities.
    """
    return parse_sequence(read_file(file, MOST_UNPACKED), file, name, length)


def parse_sequence(
    content: bytes, file: Path, name: str, length: int | None, most: int = MOST_UNPACKED
) -> Sequence:
    """The same from the `content` of the file that is called `file`.

    most: bytes to which it may unpack.
    """
    arrays = _Arrays(content, file, most)
    frames = arrays.read(FRAMES)
    wanted = f"uint8 (T, {FRAME_SIZE}, {FRAME_SIZE}, 3)"
    if frames.dtype != np.uint8 or frames.shape[1:] != (FRAME_SIZE, FRAME_SIZE, 3):
        raise DamagedSequence(
            file, f"has frames {frames.dtype} {frames.shape}, not {wanted}", "convert it"
        )
    if length is not None and len(frames) != length:
        raise DamagedSequence(
            file,
            f"has {len(frames)} frames, not {length} as every sequence of a store",
            f"give --length {len(frames)} where all sequences have as many",
        )
    rows = len(frames)
    recorded = arrays.has(POSITIONS)
    return Sequence(
        name=name,
        frames=np.ascontiguousarray(frames),
        actions=arrays.numbers(ACTIONS, (rows, ACTION_DIM)),
        positions=arrays.numbers(POSITIONS, (rows, POSITION_DIM)) if recorded else None,
    )


def parse_arrays(content: bytes, file: Path, most: int) -> dict[str, np.ndarray]:
    """All arrays by name, of whatever shapes, in the `content` of `file`.

    most: bytes to which it may unpack.
    Raises ValueError for more, and if it is no NPZ file, damaged, or holds objects.
    """
    try:
        members = read_members(content, file, "NPZ file", most)
    except DamagedSequence as error:
        raise ValueError(f"it {error.wrong}") from error
    return {name.removesuffix(".npy"): parse_array(members[name]) for name in members}


def npz_bytes(sequence: Sequence) -> bytes:
    """The content of an NPZ file with the frames, actions and positions of `sequence`."""
    arrays: dict[str, Any] = {"frames": sequence.frames, "actions": sequence.actions}
    if sequence.positions is not None:
        arrays["positions"] = sequence.positions
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


class _Arrays:
    """The arrays of one file, each found by one of its names."""

    def __init__(self, content: bytes, file: Path, most: int) -> None:
        self.file = file
        members = read_members(content, file, "NPZ file", most)
        self._members = {name.removesuffix(".npy"): array for name, array in members.items()}

    def has(self, names: tuple[str, ...]) -> bool:
        return any(name in self._members for name in names)

    def read(self, names: tuple[str, ...]) -> np.ndarray:
        present = [name for name in names if name in self._members]
        if len(present) != 1:
            held = sorted(self._members)
            more = f" and {len(held) - 4} more" if len(held) > 4 else ""
            raise DamagedSequence(
                self.file,
                f"needs one array called {' or '.join(names)} and holds "
                f"{', '.join(held[:4])}{more}",
                "rename its arrays",
            )
        try:
            return parse_array(self._members[present[0]])
        except ValueError as error:
            raise DamagedSequence(
                self.file, f"has an array {present[0]!r} that can't be read ({error})"
            ) from error

    def numbers(self, names: tuple[str, ...], shape: tuple[int, int]) -> np.ndarray:
        return finite_numbers(self.file, names[0], self.read(names), shape)


def _folders(root: Path) -> list[Path]:
    return [root, *(root / split for split in SPLITS)]


def _list_folder(folder: Path) -> dict[str, Path]:
    names = [entry.name for entry in list_folder(folder) if entry.name.endswith(SUFFIX)]
    stems = sorted((name.removesuffix(SUFFIX) for name in names), key=natural_order)
    return {stem: folder / (stem + SUFFIX) for stem in stems}
