"""The same short sequences in each form that `prepare` reads, and ways to damage them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from cvae.data.png_tree import write_sequence
from cvae.data.sequence import Sequence
from tests.data.tfrecord_bytes import example, features_of, record, write_tfrecords
from tests.tiny_data import tiny_sequence

LENGTH = 4  # frames: the damage is the same as in 30
COUNTS = {"train": 4, "validate": 4, "test": 4}


def sequence_of(split: str, number: int) -> Sequence:
    """Sequence `number`, from 1, of a split, in every form."""
    seed = 100 * list(COUNTS).index(split) + number
    return tiny_sequence(f"traj_0_to_3/{number}", seed, labelled=False, length=LENGTH)


def write_png_tree(root: Path) -> Path:
    for split, sequence in _all():
        write_sequence(root / split / sequence.name, sequence)
    return root


def write_tfrecord_folder(root: Path) -> Path:
    for split, count in COUNTS.items():
        sequences = [sequence_of(split, number) for number in range(1, count + 1)]
        write_tfrecords(
            root / "softmotion30_44k" / split / "traj_0_to_3.tfrecords",
            [record(example(features_of(sequence))) for sequence in sequences],
        )
    return root


def write_npz_folder(root: Path) -> Path:
    for split, sequence in _all():
        write_npz(root / split / f"{npz_name(sequence)}.npz", sequence)
    return root


def write_npz(file: Path, sequence: Sequence, **changed: object) -> Path:
    """`changed` arrays instead of the sequence's own; None leaves one out."""
    arrays = {
        "frames": sequence.frames,
        "actions": sequence.actions,
        "positions": sequence.positions,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    present = {name: array for name, array in (arrays | changed).items() if array is not None}
    np.savez_compressed(file, **present)
    return file


def npz_name(sequence: Sequence) -> str:
    return sequence.name.replace("/", "-")


WRITERS: dict[str, Callable[[Path], Path]] = {
    "PNG tree": write_png_tree,
    "TFRecords": write_tfrecord_folder,
    "NPZ files": write_npz_folder,
}


def cut_in_half(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def flip(file: Path, offset: int) -> None:
    """Another value for the byte at `offset`; negative counts from the end."""
    content = bytearray(file.read_bytes())
    content[offset] ^= 0x10
    file.write_bytes(content)


def _all() -> list[tuple[str, Sequence]]:
    return [
        (split, sequence_of(split, number))
        for split, count in COUNTS.items()
        for number in range(1, count + 1)
    ]
