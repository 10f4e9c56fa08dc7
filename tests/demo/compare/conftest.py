"""The Compare page without a browser."""

import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.demo.compare.page import OpenPage
from tests.demo.server import APP


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, store: Path, tiny_checkpoints: Path) -> OpenPage:
    """Opens the page as `streamlit run demo/app.py -- --data .. --runs ..` at `?query`."""

    def open_page(data: Path = store, runs: Path = tiny_checkpoints, **query: str) -> AppTest:
        arguments = ["app.py", "--data", str(data), "--runs", str(runs)]
        monkeypatch.setattr(sys, "argv", arguments)
        page = AppTest.from_file(str(APP), default_timeout=120)
        for key, value in query.items():
            page.query_params[key] = value
        page.run().run()  # as a browser does, which runs the page again when the player is drawn
        assert not page.exception, page.exception
        return page

    return open_page
