from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cvae.data.damage import DamagedSequence
from cvae.data.tfrecord import list_sequences, masked_crc32c, read_sequence
from cvae.errors import InputError
from tests.data.same import assert_same
from tests.data.sources import LENGTH, flip, sequence_of
from tests.data.tfrecord_bytes import (
    BYTES_LIST,
    INT64_LIST,
    crc32c,
    example,
    feature,
    features_of,
    field,
    floats,
    masked,
    record,
    varint,
    write_tfrecords,
)

SEQUENCE = sequence_of("train", 1)
FEATURES = features_of(SEQUENCE)
DATA = example(FEATURES)
HEADER, CHECKSUM = 12, 4


def read(folder: Path, *records: bytes, file: str = "traj_0_to_0", number: int = 1):
    """Sequence `number` of a training file that has these `records`."""
    for split in ("train", "validate", "test"):
        write_tfrecords(folder / split / f"{file}.tfrecords", list(records))
    addresses = list_sequences(folder)["train"]
    name = f"{file}/{number}"
    return read_sequence(addresses[name], name, LENGTH)


# RFC 3720, appendix B.4, and the check value of the algorithm's usual catalogues.
@pytest.mark.parametrize(
    ("data", "published"),
    [
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(reversed(range(32))), 0x113FDB5C),
    ],
)
def test_checksums_are_the_published_ones(data: bytes, published: int) -> None:
    assert crc32c(data) == published
    rotated = published // 2**15 + published % 2**15 * 2**17
    assert masked(crc32c(data)) == masked_crc32c(data) == (rotated + 0xA282EAD8) % 2**32


def test_reads_what_the_bytes_say(tmp_path: Path) -> None:
    other = sequence_of("train", 2)
    records = [record(DATA), record(example(features_of(other)))]
    assert_same(
        read(tmp_path, *records, file="traj_5_to_6"), replace(SEQUENCE, name="traj_5_to_6/1")
    )
    assert_same(
        read(tmp_path, *records, file="traj_5_to_6", number=2),
        replace(other, name="traj_5_to_6/2"),
    )


def test_features_in_any_order_and_numbers_one_by_one(tmp_path: Path) -> None:
    shuffled = dict(reversed(FEATURES.items()))
    fixed32 = varint(1 << 3 | 5)  # a number in a field of its own instead of all packed in one
    one_by_one = b"".join(fixed32 + value.tobytes() for value in SEQUENCE.actions[2])
    shuffled["2/action"] = field(2, one_by_one)
    assert_same(read(tmp_path, record(example(shuffled))), replace(SEQUENCE, name="traj_0_to_0/1"))


def test_names_are_those_of_the_png_tree_in_natural_order(tmp_path: Path) -> None:
    root = tmp_path / "softmotion30_44k"
    for name in ("traj_10_to_10", "traj_2_to_3"):
        for split in ("train", "test"):
            count = 1 if name == "traj_10_to_10" else 2
            write_tfrecords(root / split / f"{name}.tfrecords", [record(b"")] * count)
    for number in range(20, 26):
        name = f"traj_{number}_to_{number}.tfrecords"
        write_tfrecords(root / "train" / name, [record(b"")])
    for place in (root, tmp_path):
        splits = list_sequences(place)
        assert list(splits) == ["train", "validate", "test"]
        assert list(splits["test"]) == ["traj_2_to_3/1", "traj_2_to_3/2", "traj_10_to_10/1"]
        assert list(splits["validate"]) == ["traj_25_to_25/1"]  # the last of train


def changed(name: str, value: bytes | None) -> bytes:
    """A record with another feature, or without one."""
    features = FEATURES | {name: value}
    return record(example({name: value for name, value in features.items() if value is not None}))


ACTION, POSITION = "2/action", "0/endeffector_pos"
IMAGE = "2/image_aux1/encoded"
LONGER = FEATURES | {"4/image_aux1/encoded": FEATURES["3/image_aux1/encoded"]}
SHORTER = {name: value for name, value in FEATURES.items() if not name.startswith("3/")}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (record(DATA)[:-1], "is cut off in sequence 1"),
        (record(DATA)[:1000], "is cut off in sequence 1"),
        (record(DATA)[:7], "is cut off in sequence 1"),
        (b"", "ends after 0 of 1 sequences"),
        (b"a page of text instead of the data", "has no TFRecord where sequence 1 should begin"),
        (record(b"\xff" * 40), "has something that is no tf.train.Example in sequence 1"),
        (record(b""), "has 0 frames instead of 4 in sequence 1"),
        (record(example(SHORTER)), "has 3 frames instead of 4 in sequence 1"),
        (record(example(LONGER)), "has 5 frames instead of 4 in sequence 1"),
        (
            changed(IMAGE, feature(BYTES_LIST, bytes(32 * 32 * 3))),
            f"has 3072 bytes in '{IMAGE}', not 12288 .64 x 64 pixels. in sequence 1",
        ),
        (
            changed(IMAGE, floats([1])),
            f"has a feature '{IMAGE}' of type float_list, not bytes_list, in sequence 1",
        ),
        (changed(ACTION, None), "has no feature '2/action' in sequence 1"),
        (changed(POSITION, None), "has no feature '0/endeffector_pos' in sequence 1"),
        (changed(ACTION, b""), "has a feature '2/action' of type None, not float_list"),
        (
            changed(ACTION, feature(BYTES_LIST, b"up")),
            "has a feature '2/action' of type bytes_list, not float_list, in sequence 1",
        ),
        (
            changed(ACTION, feature(INT64_LIST, b"\1\1\1\1")),
            "has a feature '2/action' of type int64_list, not float_list, in sequence 1",
        ),
        (changed(ACTION, floats([0, 0, 0])), "has 3 values in '2/action', not 4, in sequence 1"),
        (
            changed(ACTION, floats([0, np.nan, 0, 0])),
            "has nan in 'action' of sequence 1 at frame 2",
        ),
        (
            changed(ACTION, floats([0, np.inf, 0, 0])),
            "has inf in 'action' of sequence 1 at frame 2",
        ),
        (
            changed(POSITION, floats([0, 0, -np.inf])),
            "has -inf in 'endeffector_pos' of sequence 1 at",
        ),
    ],
)
def test_names_file_and_damage(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(DamagedSequence, match=rf"train/traj_0_to_0.tfrecords {said}"):
        read(tmp_path, content)


@pytest.mark.parametrize("part", ["header", "data", "checksum"])
def test_any_flipped_byte_is_found(tmp_path: Path, part: str) -> None:
    whole = record(DATA)
    offsets = {
        "header": range(HEADER),
        "data": range(HEADER, len(whole) - CHECKSUM, 997),
        "checksum": range(len(whole) - CHECKSUM, len(whole)),
    }
    read(tmp_path, whole)
    file = tmp_path / "train" / "traj_0_to_0.tfrecords"
    for offset in offsets[part]:
        file.write_bytes(whole)
        flip(file, offset)
        addresses = list_sequences(tmp_path)["train"]
        with pytest.raises(DamagedSequence, match=r"has no TFRecord|has a wrong checksum"):
            read_sequence(addresses["traj_0_to_0/1"], "traj_0_to_0/1", LENGTH)


@pytest.mark.parametrize(
    ("damage", "lost", "said"),
    [
        (lambda content, size: content[: 2 * size], "34", "ends after 2 of 4 sequences"),
        (lambda content, size: content[: 2 * size + 99], "34", "is cut off in sequence 3"),
        (lambda content, size: content[:size] + b"?" + content[size + 1 :], "234", "no TFRecord"),
    ],
)
def test_what_is_lost_behind_a_damage_is_known_by_name(
    tmp_path: Path, damage, lost: str, said: str
) -> None:
    one = record(DATA)
    content = damage(one * 4, len(one))
    read(tmp_path, content, file="traj_0_to_3")
    for number in "1234":
        name = f"traj_0_to_3/{number}"
        address = list_sequences(tmp_path)["train"][name]
        if number in lost:
            with pytest.raises(DamagedSequence, match=said):
                read_sequence(address, name, LENGTH)
        else:
            assert_same(read_sequence(address, name, LENGTH), replace(SEQUENCE, name=name))


def test_both_splits_are_asked_for(tmp_path: Path) -> None:
    write_tfrecords(tmp_path / "train" / "traj_0_to_0.tfrecords", [record(DATA)])
    with pytest.raises(InputError, match=r"test is missing: needed is test/traj_A_to_B.tfrecords"):
        list_sequences(tmp_path)
