"""TFRecord files laid out byte by byte after the descriptions of their format.

Nothing here comes from the reader: the checksum is computed bit by bit (test_tfrecord compares it
with published values), and a tf.train.Example is put together by the rules of the protocol
buffers' wire format, protobuf.dev/programming-guides/encoding.
"""

import struct
from functools import cache
from pathlib import Path

import numpy as np

from cvae.data.sequence import Sequence
from tests.tiny_data import tiny_sequence

CASTAGNOLI = 0x82F63B78  # the polynomial, bits reversed
LENGTH_DELIMITED = 2
BYTES_LIST, FLOAT_LIST, INT64_LIST = 1, 2, 3  # fields of tf.train.Feature


@cache
def _after_byte(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (CASTAGNOLI if byte & 1 else 0)
    return byte


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _after_byte((crc ^ byte) & 0xFF)
    return crc ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    """The crc rotated right by 15 bits, plus a constant, in 32 bits."""
    return (((crc >> 15) | (crc << 17)) % 2**32 + 0xA282EAD8) % 2**32


def varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def field(number: int, content: bytes) -> bytes:
    """A length-delimited field: strings, bytes, messages, packed numbers."""
    return varint(number << 3 | LENGTH_DELIMITED) + varint(len(content)) + content


def feature(kind: int, values: bytes) -> bytes:
    """tf.train.Feature: one of the lists, whose field 1 has the values."""
    return field(kind, field(1, values))


def floats(values: np.ndarray) -> bytes:
    return feature(FLOAT_LIST, np.asarray(values, "<f4").tobytes())


def features_of(sequence: Sequence) -> dict[str, bytes]:
    """The features that BAIR's files have for a sequence, by name."""
    features = {}
    for t, frame in enumerate(sequence.frames):
        features[f"{t}/image_aux1/encoded"] = feature(BYTES_LIST, frame.tobytes())
        features[f"{t}/image_main/encoded"] = feature(BYTES_LIST, bytes(12))
        features[f"{t}/action"] = floats(sequence.actions[t])
        features[f"{t}/endeffector_pos"] = floats(sequence.positions[t])
    return features


def example(features: dict[str, bytes]) -> bytes:
    """tf.train.Example: field 1 has the features, a map: entries of key (1) and value (2)."""
    entries = [field(1, name.encode()) + field(2, value) for name, value in features.items()]
    return field(1, b"".join(field(1, entry) for entry in entries))


def record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    checksums = [struct.pack("<I", masked(crc32c(part))) for part in (length, data)]
    return length + checksums[0] + data + checksums[1]


def write_tfrecords(file: Path, records: list[bytes]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(records))
    return file


@cache
def tiny_record(name: str, seed: int, length: int = 30) -> bytes:
    return record(example(features_of(tiny_sequence(name, seed, labelled=False, length=length))))


def tiny_tfrecords(root: Path, train: int = 8, test: int = 2, length: int = 30) -> Path:
    """softmotion30_44k in `root`, four sequences a file: the sequences of `tiny_png_tree`."""
    for split, count, seed in (("train", train, 0), ("test", test, 2000)):
        for first in range(0, count, 4):
            last = min(first + 4, count)
            name = f"traj_{first}_to_{last - 1}"
            records = [
                tiny_record(f"{name}/{i - first + 1}", seed + i, length) for i in range(first, last)
            ]
            write_tfrecords(root / "softmotion30_44k" / split / f"{name}.tfrecords", records)
    return root
