"""Reading a window of a sequence is reading the sequence and cutting it."""

from pathlib import Path

import pytest

from cvae.data.bundle import Bundle, write_bundle
from cvae.data.store import Store
from tests.data.same import assert_same


@pytest.mark.parametrize(("start", "length"), [(0, 30), (0, 12), (7, 12), (18, 12), (29, 1)])
@pytest.mark.parametrize("index", [0, 2, -1])
def test_a_window_of_a_store(store: Path, index: int, start: int, length: int) -> None:
    for split in map(Store.open(store).split, ("train", "test")):
        assert_same(split.window(index, start, length), split[index].window(start, length))


def test_a_window_of_a_bundle(store: Path, tmp_path: Path) -> None:
    write_bundle(Store.open(store).split("test"), 2, tmp_path / "bundle")
    bundle = Bundle.open(tmp_path / "bundle")
    assert_same(bundle.window(1, 7, 12), bundle[1].window(7, 12))
