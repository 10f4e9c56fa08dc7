"""A few sequences repeated until they are a data set as large as BAIR, in the forms it comes in."""

import os
import shutil
from collections.abc import Sequence as Row
from pathlib import Path

import numpy as np

from cvae.data.png_tree import write_sequence
from cvae.data.sequence import POSITION_DIM, Sequence
from cvae.data.tf_example import Example
from cvae.data.tfrecord import ACTION, CHECKSUM, FOLDER, IMAGE, POSITION, SUFFIX, masked_crc32c

FILE_SIZE = 256  # sequences that share a TFRecord file or a folder traj_A_to_B, as in BAIR
SECOND_CAMERA = "image_main/encoded"


def split_sizes(sequences: int) -> dict[str, int]:
    """How many of them are for training, how many for tests: as in BAIR, or an eighth."""
    test = min(FILE_SIZE, sequences // 8)
    return {"train": sequences - test, "test": test}


def write_tfrecords(root: Path, samples: Row[Sequence], sequences: int) -> None:
    """The original form with both cameras, `sequences` in number.

    Files of equal length are one file with many names, which takes its room but once.
    """
    written: dict[int, Path] = {}
    for split, first, count in _groups(sequences):
        file = root / FOLDER / split / f"traj_{first}_to_{first + count - 1}{SUFFIX}"
        file.parent.mkdir(parents=True, exist_ok=True)
        if count in written:
            os.link(written[count], file)
            continue
        with file.open("wb") as stream:
            for number in range(count):
                stream.write(_record(samples[number % len(samples)]))
        written[count] = file


def write_png_tree(root: Path, samples: Row[Sequence], sequences: int) -> list[Path]:
    """The lab's form, each picture a file of its own; returns the folders of the sequences."""
    folders: list[Path] = []
    for split, first, count in _groups(sequences):
        for number in range(count):
            group = f"traj_{first}_to_{first + count - 1}"
            folder = root / split / group / str(number + 1)
            if len(folders) < len(samples):
                write_sequence(folder, samples[len(folders)])
            else:  # copied, which is much faster than compressing the same pictures again
                shutil.copytree(folders[len(folders) % len(samples)], folder)
            folders.append(folder)
    return folders


def _groups(sequences: int) -> list[tuple[str, int, int]]:
    """(split, number of the first sequence, how many), at most FILE_SIZE each."""
    return [
        (split, first, min(FILE_SIZE, size - first))
        for split, size in split_sizes(sequences).items()
        for first in range(0, size, FILE_SIZE)
    ]


def _record(sequence: Sequence) -> bytes:
    """A TFRecord as `cvae.data.tfrecord` describes it."""
    example = Example()
    features = example.features.feature
    positions = sequence.positions
    if positions is None:
        positions = np.zeros((len(sequence), POSITION_DIM), np.float32)
    for t, frame in enumerate(sequence.frames):
        for image in (IMAGE, SECOND_CAMERA):
            features[f"{t}/{image}"].bytes_list.value.append(frame.tobytes())
        features[f"{t}/{ACTION}"].float_list.value.extend(sequence.actions[t].tolist())
        features[f"{t}/{POSITION}"].float_list.value.extend(positions[t].tolist())
    data = example.SerializeToString()
    size = len(data).to_bytes(8, "little")
    parts = [size, CHECKSUM.pack(masked_crc32c(size)), data, CHECKSUM.pack(masked_crc32c(data))]
    return b"".join(parts)
