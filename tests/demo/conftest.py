"""The app's pages without a browser; a running app for tests that need one."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from streamlit.testing.v1 import AppTest

from demo import loading
from tests.demo.server import APP, running_app
from tests.demo.visit import Visit

FIRST = "compare"  # the page that the app opens on


@pytest.fixture
def open_view(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., AppTest]:
    """Opens the page of that name at `?query`, of an app with `data` and with `models` alone."""

    def open_view(view: str, data: Path, models: Path, **query: str | list[str]) -> AppTest:
        for module in (loading, sys.modules["demo.settings"]):
            monkeypatch.setattr(module, "BUNDLED_MODELS", tmp_path / "none are bundled")
        monkeypatch.setattr(sys, "argv", ["app.py", "--data", str(data), "--runs", str(models)])
        page = AppTest.from_file(str(APP), default_timeout=240)
        if view != FIRST:
            page.switch_page(f"views/{view}.py")
        page.query_params.update(query)
        page.run()
        assert not page.exception, page.exception
        return page

    return open_view


@pytest.fixture(scope="module")
def served_data(store: Path) -> Path:
    """What the running app shows; a module of tests may serve other data."""
    return store


@pytest.fixture(scope="module")
def served_models(tiny_checkpoints: Path) -> Path:
    """The models of the running app, besides the bundled ones."""
    return tiny_checkpoints


@pytest.fixture(scope="module")
def address(served_data: Path, served_models: Path, tmp_path_factory) -> Iterator[str]:
    """Where the app runs, started from a folder that is not the project's."""
    arguments = ["--data", str(served_data), "--runs", str(served_models)]
    with running_app(arguments, tmp_path_factory.mktemp("elsewhere")) as app:
        yield app.address


@pytest.fixture
def visit(browser: Browser, address: str):
    """Opens the page without autoplay, so that frames stand still to be looked at."""
    return lambda query="", motion="reduce", **options: Visit(
        browser, address, query, reduced_motion=motion, **options
    )
