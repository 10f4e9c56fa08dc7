"""One damaged sequence among good ones: it is left out of the thumbnails, and that is said."""

import pytest

from tests.demo.compare.page import tiles
from tests.demo.shown import errors, player, warnings
from tests.tiny_data import tiny_png_tree


@pytest.fixture
def damaged(tmp_path):
    """Three sequences, of which the second has a frame that is none."""
    tree = tiny_png_tree(tmp_path / "tree", train=0, validate=0, test=3)
    frame = sorted((tree / "test").glob("*/2/5.png"))[0]
    frame.write_bytes(b"no picture")
    return tree


@pytest.mark.parametrize("order", ["titled first", "hard first", "most moved first"])
def test_the_others_are_shown_in_every_order(open_page, damaged, order):
    page = open_page(damaged, order=order)
    assert len(tiles(page)) == 2 and player(page)["sequence"] in tiles(page)
    assert warnings(page).count("5.png") == 1 and "Left out here:" in warnings(page)
    assert not errors(page)


def test_where_all_are_damaged_that_is_said(open_page, damaged):
    for frame in (damaged / "test").glob("*/*/5.png"):
        frame.write_bytes(b"no picture")
    page = open_page(damaged)
    assert "5.png" in errors(page)
