"""Going on with what was begun: with data put right since, and never with other data."""

from pathlib import Path

import pytest

from cvae.commands.prepare import main as prepare
from cvae.data.store import Store
from cvae.errors import InputError
from tests.data.sources import COUNTS, LENGTH, write_png_tree


def test_what_is_put_right_comes_in_when_it_goes_on(tmp_path: Path) -> None:
    tree, dst = write_png_tree(tmp_path / "data"), tmp_path / "store"
    for number in "23":
        (tree / "train" / "traj_0_to_3" / number / "1.png").write_bytes(b"")
    with pytest.raises(InputError, match=r"traj_0_to_3/2/1.png can't be read"):
        prepare(tree, dst, length=LENGTH)
    write_png_tree(tmp_path / "again")
    whole = tmp_path / "again" / "train" / "traj_0_to_3" / "2" / "1.png"
    whole.rename(tree / "train" / "traj_0_to_3" / "2" / "1.png")
    prepare(tree, dst, length=LENGTH, skip_bad=True)
    assert Store.open(dst).split("train").names == [f"traj_0_to_3/{number}" for number in "124"]


def test_other_data_of_the_same_names_do_not_mix(tmp_path: Path) -> None:
    tree, other = write_png_tree(tmp_path / "a" / "data"), write_png_tree(tmp_path / "b" / "data")
    for split in COUNTS:
        last = tmp_path / "last"
        first = other / split / "traj_0_to_3" / "1"
        first.rename(last)
        (other / split / "traj_0_to_3" / "4").rename(first)
        last.rename(other / split / "traj_0_to_3" / "4")
    bad = tree / "train" / "traj_0_to_3" / "2" / "1.png"
    kept = bad.read_bytes()
    bad.write_bytes(b"")
    dst = tmp_path / "store"
    with pytest.raises(InputError, match=r"can't be read as a picture"):
        prepare(tree, dst, length=LENGTH)
    with pytest.raises(InputError, match=r"store.partial was begun from other data .traj_0_to_3/1"):
        prepare(other, dst, length=LENGTH)
    bad.write_bytes(kept)
    prepare(tree, dst, length=LENGTH)
    with pytest.raises(InputError, match="already there: choose another place or delete it"):
        prepare(other, dst, length=LENGTH)
