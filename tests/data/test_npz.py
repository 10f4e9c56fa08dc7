from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cvae.data.damage import DamagedSequence
from cvae.data.npz import list_sequences, read_sequence
from cvae.errors import InputError
from tests.data.same import assert_same
from tests.data.sources import LENGTH, cut_in_half, flip, sequence_of, write_npz

SEQUENCE = replace(sequence_of("test", 1), name="one")


def read(file: Path):
    return read_sequence(file, "one", LENGTH)


@pytest.mark.parametrize("positions", [True, False])
@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("names", [("frames", "actions"), ("image", "action")])
def test_reads_the_arrays_by_any_of_their_names(
    tmp_path: Path, names: tuple[str, str], compressed: bool, positions: bool
) -> None:
    expected = SEQUENCE if positions else replace(SEQUENCE, positions=None)
    arrays = dict(zip(names, (SEQUENCE.frames, SEQUENCE.actions.astype(np.float64)), strict=True))
    arrays["frames_second_camera"] = SEQUENCE.frames[::-1]
    if positions:
        arrays["endeffector_pos" if compressed else "positions"] = SEQUENCE.positions
    (np.savez_compressed if compressed else np.savez)(tmp_path / "one.npz", **arrays)
    assert_same(read(tmp_path / "one.npz"), expected)


def test_a_file_or_a_flat_folder_is_a_test_split(tmp_path: Path) -> None:
    for name in ("b10", "b9", "a"):
        (tmp_path / f"{name}.npz").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("")
    assert list_sequences(tmp_path) == {
        "test": {name: tmp_path / f"{name}.npz" for name in ("a", "b9", "b10")}
    }
    assert list_sequences(tmp_path / "b9.npz") == {"test": {"b9": tmp_path / "b9.npz"}}


def test_split_folders_are_splits(tmp_path: Path) -> None:
    for split, count in {"train": 16, "test": 1}.items():
        (tmp_path / split).mkdir()
        for number in range(count):
            (tmp_path / split / f"{number}.npz").write_bytes(b"")
    splits = list_sequences(tmp_path)
    assert list(splits) == ["train", "validate", "test"]
    assert list(splits["validate"]) == ["14", "15"]  # the last of train
    assert len(splits["train"]) == 14
    for number in range(9):
        (tmp_path / "train" / f"{number}.npz").unlink()
    with pytest.raises(InputError, match=r"no validate split and too few training sequences .7."):
        list_sequences(tmp_path)


OBJECTS = np.array([{}] * 16, dtype=object).reshape(LENGTH, 4)
WORDS = np.full((LENGTH, 4), "up")
NOT_A_NUMBER, INFINITE = np.zeros((LENGTH, 4)), np.zeros((LENGTH, 3))
NOT_A_NUMBER[2, 1], INFINITE[3, 0] = np.nan, -np.inf


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"frames": SEQUENCE.frames[:3]}, "has 3 frames, not 4 .*give --length 3 where all"),
        ({"frames": SEQUENCE.frames[:, ::2, ::2]}, r"has frames uint8 \(4, 32, 32, 3\), not uint8"),
        ({"frames": SEQUENCE.frames / 255}, r"has frames float64 \(4, 64, 64, 3\), not uint8"),
        ({"frames": None}, "needs one array called frames or image and holds actions, positions"),
        ({"image": SEQUENCE.frames}, "needs one array called frames or image and holds actions, "),
        ({"actions": None}, "needs one array called actions or action and holds frames, posit"),
        ({"actions": SEQUENCE.actions[:3]}, r"has actions of shape \(3, 4\), not \(4, 4\)"),
        ({"actions": SEQUENCE.actions[:, :2]}, r"has actions of shape \(4, 2\), not \(4, 4\)"),
        ({"actions": WORDS}, "has actions of type <U2 where numbers belong"),
        ({"actions": OBJECTS}, "has an array 'actions' that can't be read .Object arrays"),
        ({"actions": NOT_A_NUMBER}, "has nan in actions at frame 2 where a finite number belongs"),
        ({"positions": INFINITE}, "has -inf in positions at frame 3 where a finite number belongs"),
        ({"positions": np.full((LENGTH, 3), 1e99)}, "has 1e.99 in positions at frame 0"),
        ({"positions": SEQUENCE.actions}, r"has positions of shape \(4, 4\), not \(4, 3\)"),
    ],
)
def test_names_file_and_damage(tmp_path: Path, arrays: dict, said: str) -> None:
    file = write_npz(tmp_path / "one.npz", SEQUENCE, **arrays)
    with pytest.raises(DamagedSequence, match=f"one.npz {said}.* leave it out with --skip-bad"):
        read(file)


@pytest.mark.parametrize("content", [b"", b"a page of text", b"PK\x05\x06 and no more"])
def test_says_what_is_no_npz(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "one.npz").write_bytes(content)
    with pytest.raises(DamagedSequence, match=r"one.npz is no NPZ file, cut off or damaged"):
        read(tmp_path / "one.npz")


def test_a_cut_off_file_is_refused(tmp_path: Path) -> None:
    file = write_npz(tmp_path / "one.npz", SEQUENCE)
    cut_in_half(file)
    with pytest.raises(DamagedSequence, match=r"one.npz is no NPZ file, cut off or damaged"):
        read(file)


def test_a_flipped_byte_is_refused_or_harms_nothing(tmp_path: Path) -> None:
    file = write_npz(tmp_path / "one.npz", SEQUENCE)
    size, refused = file.stat().st_size, 0
    offsets = [*range(0, size - 300, 7), *range(size - 300, size)]  # the archive's list is last
    for offset in offsets:
        flip(file, offset)
        try:
            # Times and remarks in the archive have no checksum, and no meaning here.
            assert_same(read(file), SEQUENCE)
        except DamagedSequence:
            refused += 1
        flip(file, offset)
    assert refused > len(offsets) / 2
