"""The app's pages without a browser; a running app for tests that need one."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext
from streamlit.testing.v1 import AppTest

from demo import loading, settings
from tests.demo.server import APP, App, running_app
from tests.demo.shown import OpenPage
from tests.demo.visit import PATIENCE, CompareVisit, Visit

FIRST = "compare"  # the page that the app opens on


@pytest.fixture(scope="module")
def open_view() -> Iterator[OpenPage]:
    """Opens the page of that name at `?query`, of an app with `data` and with `models` alone."""
    with pytest.MonkeyPatch.context() as patch:

        def open_view(view: str, data: Path, models: Path, /, **query: str | list[str]) -> AppTest:
            for module in (loading, settings):
                patch.setattr(module, "BUNDLED_MODELS", models.resolve())
            patch.setattr(sys, "argv", ["app.py", "--data", str(data), "--runs", str(models)])
            page = AppTest.from_file(str(APP), default_timeout=240)
            if view != FIRST:
                page.switch_page(f"views/{view}.py")
            page.query_params.update(query)
            page.run()
            assert not page.exception, page.exception
            return page

        yield open_view


@pytest.fixture(scope="session")
def app(store: Path, tiny_checkpoints: Path, tmp_path_factory) -> Iterator[App]:
    """The app with the tiny data and models, started from a folder that is not the project's."""
    arguments = ["--data", str(store), "--runs", str(tiny_checkpoints)]
    with running_app(arguments, tmp_path_factory.mktemp("elsewhere")) as app:
        yield app


@pytest.fixture(scope="session")
def address(app: App) -> str:
    """What a browser visits; a module of tests that shows other data or models has its own."""
    return app.address


@pytest.fixture(scope="module")
def context_of(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A browser's context of such a size and such options; asked for again, the same one.

    It keeps the app's scripts, so that not every visit fetches and compiles them anew.
    """
    contexts: dict[tuple, BrowserContext] = {}

    def context_of(width: int = 1440, height: int = 900, **options: str) -> BrowserContext:
        key = (width, height, *sorted(options.items()))
        if key not in contexts:
            size = {"width": width, "height": height}
            contexts[key] = browser.new_context(viewport=size, **options)
            contexts[key].set_default_timeout(PATIENCE)
        return contexts[key]

    yield context_of
    for context in contexts.values():
        context.close()


@pytest.fixture
def visit_page(context_of, address: str) -> Callable[..., Visit]:
    """Opens the page at that path of the app."""
    return lambda path, **options: Visit(context_of(**options), address, path)


@pytest.fixture
def visit(context_of, address: str) -> Callable[..., CompareVisit]:
    """Opens Compare without autoplay, so that frames stand still to be looked at."""
    return lambda query="", motion="reduce", **options: CompareVisit(
        context_of(reduced_motion=motion, **options), address, query
    )
