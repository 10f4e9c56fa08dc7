"""The Compare page without a browser."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.demo.shown import OpenPage


@pytest.fixture(scope="module")
def open_page(open_view, store: Path, tiny_checkpoints: Path) -> OpenPage:
    """Opens the page at `?query`."""

    def open_page(data: Path = store, runs: Path = tiny_checkpoints, **query) -> AppTest:
        page = open_view("compare", data, runs, **query)
        page.run()  # as a browser does, which runs the page again when the player is drawn
        assert not page.exception, page.exception
        return page

    return open_page
