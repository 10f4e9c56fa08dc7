import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cvae.data.damage import DamagedSequence
from cvae.data.png_tree import list_sequences, read_sequence, write_sequence
from cvae.disk import sole_owner
from cvae.errors import InputError
from tests.data.same import assert_same
from tests.data.sources import flip
from tests.tiny_data import tiny_png_tree, tiny_sequence

NAME = "traj_0_to_3/1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of one sequence."""
    write_sequence(tmp_path / "1", tiny_sequence(NAME, 5, labelled=False))
    return tmp_path / "1"


def bare_tree(root: Path, **counts: int) -> Path:
    """Folders only, `counts` a split, 256 a trajectory folder."""
    for split, count in counts.items():
        for index in range(count):
            (root / split / f"traj_{index // 256}" / str(index % 256 + 1)).mkdir(parents=True)
    return root


def test_gives_back_what_was_written(folder: Path) -> None:
    assert_same(read_sequence(folder, NAME), tiny_sequence(NAME, 5, labelled=False))


def test_positions_may_be_absent(folder: Path) -> None:
    (folder / "endeffector_positions.csv").unlink()
    assert read_sequence(folder, NAME).positions is None


def test_what_a_killed_writer_left_is_not_read_as_frames(folder: Path) -> None:
    partial = folder.with_name("next.partial")
    longer = tiny_sequence("longer", 0, labelled=False)
    write_sequence(partial, longer)
    write_sequence(folder.with_name("next"), longer.window(0, 5))
    assert len(read_sequence(folder.with_name("next"), "next", length=None)) == 5
    assert not partial.exists()


def test_what_else_was_begun_in_its_place_stays(tmp_path: Path) -> None:
    begun = tmp_path / "a.partial" / "train" / "frames.npy"
    begun.parent.mkdir(parents=True)
    begun.write_bytes(b"of a store")
    with pytest.raises(InputError, match=r"a\.partial holds something else"):
        write_sequence(tmp_path / "a", tiny_sequence("a", 0, labelled=False, length=2))
    assert begun.exists()


def test_one_process_writes_a_sequence_at_a_time(tmp_path: Path) -> None:
    sequence = tiny_sequence("a", 0, labelled=False, length=2)
    with (
        sole_owner(tmp_path / "a.partial"),
        pytest.raises(InputError, match=r"Another process is writing into .*a\.partial"),
    ):
        write_sequence(tmp_path / "a", sequence)
    write_sequence(tmp_path / "a", sequence)
    with pytest.raises(InputError, match=r"a is already there: choose another place"):
        write_sequence(tmp_path / "a", sequence)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_lists_in_natural_order(tmp_path: Path) -> None:
    for name in ("traj_10_to_11/1", "traj_2_to_3/10", "traj_2_to_3/9", "traj_2_to_3/1"):
        for split in ("train", "validate", "test"):
            (tmp_path / split / name).mkdir(parents=True)
    (tmp_path / "train" / "traj_2_to_3" / "11.partial").mkdir()
    (tmp_path / "train" / "notes.txt").write_text("")
    splits = list_sequences(tmp_path)
    assert list(splits) == ["train", "validate", "test"]
    for split, listed in splits.items():
        assert list(listed) == [
            "traj_2_to_3/1",
            "traj_2_to_3/9",
            "traj_2_to_3/10",
            "traj_10_to_11/1",
        ]
        assert listed["traj_2_to_3/9"] == tmp_path / split / "traj_2_to_3" / "9"


def test_the_last_of_train_become_validate(tmp_path: Path) -> None:
    everything = list(
        list_sequences(bare_tree(tmp_path / "v", train=600, validate=1, test=1))["train"]
    )
    splits = list_sequences(bare_tree(tmp_path / "big", train=600, test=3))
    assert list(splits["validate"]) == everything[-256:]
    assert list(splits["train"]) == everything[:-256]
    assert len(splits["test"]) == 3
    splits = list_sequences(bare_tree(tmp_path / "small", train=511, test=3))
    assert [len(splits[name]) for name in ("train", "validate", "test")] == [511 - 63, 63, 3]
    with pytest.raises(InputError, match=r"no validate split and too few training sequences .7."):
        list_sequences(bare_tree(tmp_path / "few", train=7, test=3))


def test_says_what_is_no_tree(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no folder .*absent"):
        list_sequences(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty is empty: give the folder that holds"):
        list_sequences(tmp_path / "empty")
    tree = tiny_png_tree(tmp_path / "tree", train=1, validate=1, test=1)
    shutil.rmtree(tree / "test")
    with pytest.raises(
        InputError, match=r"tree/test is missing: needed is test/traj_A_to_B/K/0.png"
    ):
        list_sequences(tree)
    (tree / "test").mkdir()
    with pytest.raises(InputError, match="tree/test has no sequences"):
        list_sequences(tree)


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:150])


def replace_row(file: Path, row: int, text: str) -> None:
    lines = file.read_text().splitlines()
    lines[row] = text
    file.write_text("\n".join(lines))


def save_frame(file: Path, width: int, height: int) -> None:
    Image.fromarray(np.zeros((height, width, 3), np.uint8)).save(file)


ACTIONS, POSITIONS = "actions.csv", "endeffector_positions.csv"


@pytest.mark.parametrize(
    ("file", "damage", "said"),
    [
        ("17.png", lambda f: f.unlink(), r"17.png is missing: put it there"),
        ("17.png", lambda f: save_frame(f, 64, 48), r"17.png is 64 x 48 pixels, not 64 x 64"),
        ("17.png", lambda f: save_frame(f, 128, 64), r"17.png is 128 x 64 pixels"),
        ("17.png", lambda f: f.write_text("x"), r"17.png can't be read as a picture"),
        ("17.png", lambda f: f.write_bytes(b""), r"17.png can't be read as a picture"),
        ("17.png", cut_short, r"17.png can't be read as a picture .*: copy it again"),
        ("17.png", lambda f: f.write_bytes(b"\xff\xd8\xff\xe0 JPEG"), r"17.png can't be read as"),
        ("30.png", lambda f: save_frame(f, 64, 64), r"1 has frames beyond the 30 of a sequence"),
        (ACTIONS, lambda f: f.unlink(), r"actions.csv is missing"),
        (ACTIONS, lambda f: f.write_text(""), r"actions.csv has 0 rows, not 30"),
        (ACTIONS, lambda f: f.write_text("0,0,0,0\n" * 29), r"actions.csv has 29 rows, not 30"),
        (ACTIONS, lambda f: f.write_text("0,0,0,0\n" * 31), r"actions.csv has 31 rows, not 30"),
        (ACTIONS, lambda f: replace_row(f, 3, "0,0,up,0"), r"actions.csv has 'up' in row 4 where"),
        (ACTIONS, lambda f: replace_row(f, 0, "dx,dy,c,g"), r"has 'dx' in row 1 .*no header"),
        (ACTIONS, lambda f: replace_row(f, 9, "0,nan,0,0"), r"actions.csv has 'nan' in row 10"),
        (ACTIONS, lambda f: replace_row(f, 9, "0,0,,0"), r"actions.csv has '' in row 10 where"),
        (ACTIONS, lambda f: replace_row(f, 9, "0,0,0"), r"has 3 columns in row 10, not 4"),
        (ACTIONS, lambda f: f.write_bytes(b"\xff\xfe\x00"), r"actions.csv can't be read as a CSV"),
        (
            POSITIONS,
            lambda f: replace_row(f, 29, "0,-inf,0"),
            r"positions.csv has '-inf' in row",
        ),
        (POSITIONS, lambda f: replace_row(f, 2, "0,1e99,0"), r"positions.csv has '1e99' in row 3"),
        (POSITIONS, lambda f: replace_row(f, 2, "0,0,0,0"), r"has 4 columns in row 3, not 3"),
        (POSITIONS, lambda f: f.write_text("0,0,0\n"), r"endeffector_positions.csv has 1 rows"),
    ],
)
def test_names_file_and_damage(folder: Path, file: str, damage, said: str) -> None:
    damage(folder / file)
    with pytest.raises(InputError, match=said):
        read_sequence(folder, NAME)


def test_any_flipped_byte_of_a_picture_is_found(tmp_path: Path) -> None:
    whole = tiny_sequence(NAME, 5, labelled=False, length=4)  # read anew for each byte
    folder = tmp_path / "1"
    write_sequence(folder, whole)
    frame = folder / "2.png"
    size, unharmed = frame.stat().st_size, []
    for offset in range(size):
        flip(frame, offset)
        try:
            assert_same(read_sequence(folder, NAME, length=4), whole)
            unharmed.append(offset)
        except DamagedSequence as damage:
            assert "2.png can't be read as a picture" in str(damage)
        flip(frame, offset)
    # Length and checksum of the mark that ends the file, which holds no data.
    assert all(offset >= size - 12 for offset in unharmed)
