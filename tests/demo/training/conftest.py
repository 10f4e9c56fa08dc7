"""The Training page without a browser."""

import shutil
from pathlib import Path

import pytest

from tests.demo.shown import OpenPage
from tests.demo.training.written import write_history


@pytest.fixture
def runs(tiny_checkpoints: Path, tmp_path: Path) -> Path:
    """The two tiny runs, with longer histories; free to be changed."""
    root = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    for name in ("fixed", "learned"):
        write_history(root / name)
    return root


@pytest.fixture
def open_page(open_view, runs: Path, store: Path) -> OpenPage:
    return lambda folder=runs, **query: open_view("training", store, folder, **query)
