"""TFRecords, the form in which BAIR is downloaded: files of 256 sequences.

    ROOT/softmotion30_44k/{train,test}/traj_A_to_B.tfrecords

A file is a row of records (tensorflow/core/lib/io/record_writer.h):

    uint64  length of the data, little-endian like all of these
    uint32  masked CRC32C of those eight bytes
    bytes   data: a tf.train.Example, one sequence
    uint32  masked CRC32C of the data

Features of frame i: `i/image_aux1/encoded` (64 * 64 * 3 bytes, raw RGB), `i/action` (4 floats),
`i/endeffector_pos` (3 floats). `i/image_main/encoded`, the second camera, is not looked at.
"""

import os
import re
import struct
from collections.abc import Sequence as Items
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
from google.protobuf.message import DecodeError

from cvae.data.damage import DamagedSequence, finite_numbers, list_folder, told_when_unreadable
from cvae.data.sequence import (
    ACTION_DIM,
    FRAME_SIZE,
    POSITION_DIM,
    SEQUENCE_LENGTH,
    Sequence,
)
from cvae.data.splits import SPLITS, natural_order, train_and_test
from cvae.data.tf_example import Example
from cvae.errors import InputError

SUFFIX = ".tfrecords"
FOLDER = "softmotion30_44k"
IMAGE, ACTION, POSITION = "image_aux1/encoded", "action", "endeffector_pos"
FRAME_BYTES = FRAME_SIZE * FRAME_SIZE * 3
HEADER = struct.Struct("<QI")
CHECKSUM = struct.Struct("<I")
AGAIN = "download or copy it again"
MOST_RECORDS = 1 << 16  # in a file; BAIR has 256
MOST_OF_A_RECORD = 1 << 26  # bytes; 30 frames of two cameras take 0.75 MB


@dataclass(frozen=True, slots=True)
class Record:
    """Where one sequence lies: `size` bytes of data from `offset` on.

    number: of the sequence in its file, from 1.
    lost: why the record can't be found, where it can't.
    """

    file: Path
    number: int
    offset: int = 0
    size: int = 0
    lost: str | None = None


def has_tfrecords(root: Path) -> bool:
    """Whether `root`, or softmotion30_44k in it, has splits of TFRecord files."""
    folders = (_records_root(root) / split for split in SPLITS)
    return any(entry.name.endswith(SUFFIX) for f in folders for entry in list_folder(f))


def list_sequences(root: Path) -> dict[str, dict[str, Record]]:
    """Per split, the record of every sequence by its name "traj_A_to_B/K", K from 1.

    Reads twelve bytes a record. A record that can't be found is listed all the same, up to
    B - A + 1 of a file; reading it says why. The last of train become the validate split.
    Raises InputError if the train or the test split is missing, or a file may not be read or has
    more than MOST_RECORDS.
    """
    root = _records_root(root)
    splits = {split: _list_split(root / split) for split in SPLITS}
    return train_and_test(splits, root, "traj_A_to_B" + SUFFIX)


def list_test(root: Path) -> dict[str, Record]:
    """The same for the test split alone, whatever else is there or is not."""
    return _list_split(_records_root(root) / "test")


def read_sequence(record: Record, name: str, length: int | None = SEQUENCE_LENGTH) -> Sequence:
    """The sequence of `length` frames in `record`, of any number where that is None.

    Raises DamagedSequence if the record is cut off or its checksum is wrong, it is no
    tf.train.Example, has fewer or more frames, features of another type or size, NaN or
    infinities.
    """
    features = _Features(record)
    count = features.count_frames()
    if count != (length or max(count, 1)):
        raise features.damaged(
            f"{count} frames instead of {length or 'some'}",
            "give --length where all sequences have as many",
        )
    return Sequence(
        name=name,
        frames=np.stack([features.frame(t) for t in range(count)]),
        actions=features.numbers(ACTION, (count, ACTION_DIM)),
        positions=features.numbers(POSITION, (count, POSITION_DIM)),
    )


class _Features:
    """The features of one record by name."""

    def __init__(self, record: Record) -> None:
        self.record = record
        example = Example()
        try:
            example.ParseFromString(_read_data(record))
        except DecodeError as error:
            raise self.damaged("something that is no tf.train.Example", AGAIN) from error
        self._features = example.features.feature

    def damaged(self, what: str, cure: str = AGAIN) -> DamagedSequence:
        return DamagedSequence(
            self.record.file, f"has {what} in sequence {self.record.number}", cure
        )

    def count_frames(self) -> int:
        count = 0
        while f"{count}/{IMAGE}" in self._features:
            count += 1
        return count

    def frame(self, t: int) -> np.ndarray:
        """uint8 (H, W, 3)."""
        [content] = self._values(t, IMAGE, "bytes_list", 1)
        if len(content) != FRAME_BYTES:
            raise self.damaged(
                f"{len(content)} bytes in '{t}/{IMAGE}', not {FRAME_BYTES} "
                f"({FRAME_SIZE} x {FRAME_SIZE} pixels)",
                "convert it to that size",
            )
        return np.frombuffer(content, np.uint8).reshape(FRAME_SIZE, FRAME_SIZE, 3)

    def numbers(self, feature: str, shape: tuple[int, int]) -> np.ndarray:
        """float32 of `shape`, a row a frame."""
        length, count = shape
        rows = [list(self._values(t, feature, "float_list", count)) for t in range(length)]
        name = f"'{feature}' of sequence {self.record.number}"
        return finite_numbers(self.record.file, name, rows, shape)

    def _values(self, t: int, feature: str, kind: str, count: int) -> Items[Any]:
        name = f"{t}/{feature}"
        if name not in self._features:
            raise self.damaged(f"no feature '{name}'")
        found = self._features[name].WhichOneof("kind")
        if found != kind:
            raise self.damaged(f"a feature '{name}' of type {found}, not {kind},")
        values = getattr(self._features[name], kind).value
        if len(values) != count:
            raise self.damaged(f"{len(values)} values in '{name}', not {count},")
        return values


def _records_root(root: Path) -> Path:
    return root / FOLDER if (root / FOLDER).is_dir() else root


def _list_split(folder: Path) -> dict[str, Record]:
    names = [entry.name for entry in list_folder(folder) if entry.name.endswith(SUFFIX)]
    return {
        f"{name.removesuffix(SUFFIX)}/{record.number}": record
        for name in sorted(names, key=natural_order)
        for record in _list_records(folder / name)
    }


def _list_records(file: Path) -> list[Record]:
    """The records of `file` in order; those that can't be found say why."""
    with told_when_unreadable(file), file.open("rb", buffering=0) as stream:
        records, lost = _scan(stream.fileno(), file)
    # A file whose name does not tell how many it should have has at least one.
    promised = max(_promised_count(file), 1)
    if lost is None and len(records) < promised:
        lost = f"ends after {len(records)} of {promised} sequences"
    if lost is None:
        return records
    rest = range(len(records) + 1, max(promised, len(records) + 1) + 1)
    return records + [Record(file, number, lost=lost) for number in rest]


def _scan(descriptor: int, file: Path) -> tuple[list[Record], str | None]:
    """The whole records of an open file, and why there are no more, unless it simply ends."""
    records: list[Record] = []
    offset, end = 0, os.fstat(descriptor).st_size
    while offset < end:
        number = len(records) + 1
        header = os.pread(descriptor, HEADER.size, offset)
        if len(header) < HEADER.size:
            return records, f"is cut off in sequence {number}"
        size, checksum = HEADER.unpack(header)
        if checksum != masked_crc32c(header[:8]):
            return records, f"has no TFRecord where sequence {number} should begin"
        if number > MOST_RECORDS:
            raise InputError(
                f"{file} has more than {MOST_RECORDS:,} sequences: divide it into several files."
            )
        record = Record(file, number, offset + HEADER.size, size)
        offset = record.offset + size + CHECKSUM.size
        if offset > end:
            return records, f"is cut off in sequence {number}"
        records.append(record)
    return records, None


def _promised_count(file: Path) -> int:
    """How many sequences traj_A_to_B should have; 0 for another name."""
    bounds = re.fullmatch(r".*?(\d+)_to_(\d+)", file.name.removesuffix(SUFFIX))
    return min(int(bounds[2]) - int(bounds[1]) + 1, MOST_RECORDS) if bounds else 0


def _read_data(record: Record) -> bytes:
    if record.lost:
        raise DamagedSequence(record.file, record.lost, AGAIN)
    if record.size > MOST_OF_A_RECORD:
        raise DamagedSequence(
            record.file,
            f"has {record.size:,} bytes in sequence {record.number}, more than the "
            f"{MOST_OF_A_RECORD:,} allowed for one",
            AGAIN,
        )
    with told_when_unreadable(record.file), record.file.open("rb", buffering=0) as stream:
        data = os.pread(stream.fileno(), record.size, record.offset)
        checksum = os.pread(stream.fileno(), CHECKSUM.size, record.offset + record.size)
    if len(data) < record.size or len(checksum) < CHECKSUM.size:
        raise DamagedSequence(record.file, f"is cut off in sequence {record.number}", AGAIN)
    if CHECKSUM.unpack(checksum)[0] != masked_crc32c(data):
        raise DamagedSequence(
            record.file, f"has a wrong checksum in sequence {record.number}", AGAIN
        )
    return data


def masked_crc32c(data: bytes) -> int:
    """CRC32C, rotated and shifted so that a checksum of checksums stays a good one."""
    crc = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
