"""The Training page without a browser."""

import shutil
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from demo import loading
from tests.demo.server import APP
from tests.demo.training.page import OpenPage
from tests.demo.training.written import write_history


@pytest.fixture
def runs(tiny_checkpoints: Path, tmp_path: Path) -> Path:
    """The two tiny runs, with longer histories; free to be changed."""
    root = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    for name in ("fixed", "learned"):
        write_history(root / name)
    return root


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, runs: Path, tmp_path: Path) -> OpenPage:
    """Opens the page on `runs` alone, at `?query`."""

    def open_page(models: Path = runs, **query: str | list[str]) -> AppTest:
        for module in (loading, sys.modules["demo.settings"]):
            monkeypatch.setattr(module, "BUNDLED_MODELS", tmp_path / "none are bundled")
        monkeypatch.setattr(sys, "argv", ["app.py", "--runs", str(models)])
        page = AppTest.from_file(str(APP), default_timeout=120)
        page.switch_page("views/training.py")
        page.query_params.update(query)
        page.run()
        assert not page.exception, page.exception
        return page

    return open_page
