"""The test split of data that are not packed, as the app and the commands browse it."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cvae.data.bundle import open_test_sequences
from cvae.errors import InputError
from tests.data.same import assert_same
from tests.data.sources import COUNTS, LENGTH, WRITERS, npz_name, sequence_of, write_npz


def expected(form: str, number: int):
    sequence = sequence_of("test", number)
    return replace(sequence, name=npz_name(sequence)) if form == "NPZ files" else sequence


@pytest.mark.parametrize("form", WRITERS)
def test_every_form_is_browsed_where_it_lies(tmp_path: Path, form: str) -> None:
    root = WRITERS[form](tmp_path / "data")
    before = sorted(tmp_path.rglob("*"))
    opened = open_test_sequences(root)
    assert (len(opened), opened.length, opened.source) == (COUNTS["test"], LENGTH, form)
    for number, name in enumerate(opened.names, 1):
        assert_same(opened[number - 1], expected(form, number))
        assert_same(opened.by_name(name), expected(form, number))
    assert_same(opened.window(1, 1, 2), expected(form, 2).window(1, 2))
    assert (opened.motion(0)[1] == opened[0].positions).all()
    with pytest.raises(InputError, match=r"has no sequence 'x'; it has 4, from 'traj_0"):
        opened.by_name("x")
    assert sorted(tmp_path.rglob("*")) == before, "nothing is written"


@pytest.mark.parametrize("form", WRITERS)
def test_a_test_split_alone_is_enough(tmp_path: Path, form: str) -> None:
    root = WRITERS[form](tmp_path / "data")
    for split in ("train", "validate"):
        for folder in root.rglob(split):
            shutil.rmtree(folder)
    assert len(open_test_sequences(root)) == COUNTS["test"]


@pytest.mark.parametrize("form", WRITERS)
def test_a_missing_test_split_is_told(tmp_path: Path, form: str) -> None:
    root = WRITERS[form](tmp_path / "data")
    [folder] = root.rglob("test")
    shutil.rmtree(folder)
    with pytest.raises(InputError, match=f"data has no test split .{form}: "):
        open_test_sequences(root)


def test_a_damaged_sequence_leaves_the_others(tmp_path: Path) -> None:
    root = WRITERS["PNG tree"](tmp_path)
    (root / "test" / "traj_0_to_3" / "1" / "2.png").write_bytes(b"")
    opened = open_test_sequences(root)
    with pytest.raises(InputError, match=r"1/2.png can't be read .* choose another sequence"):
        opened[0]
    assert_same(opened[1], sequence_of("test", 2))
    for number in (2, 3, 4):
        (root / "test" / "traj_0_to_3" / str(number) / "0.png").unlink()
    with pytest.raises(InputError, match=r"no test sequence that can be read; .*/4/0.png is miss"):
        open_test_sequences(root)


def test_a_single_npz_file_of_any_length(tmp_path: Path) -> None:
    sequence = replace(sequence_of("test", 1), name="mine", positions=None)
    opened = open_test_sequences(write_npz(tmp_path / "mine.npz", sequence))
    assert opened.names == ["mine"]
    assert_same(opened[0], sequence)


def test_says_what_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("")
    said = r"has a.mp4; expected is one of: PNG tree .* Or name a packed store or a bundle"
    with pytest.raises(InputError, match=said):
        open_test_sequences(tmp_path)
    with pytest.raises(InputError, match=r"There is no folder .*absent"):
        open_test_sequences(tmp_path / "absent")
