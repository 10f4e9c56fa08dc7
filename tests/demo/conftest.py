"""A running app and a real browser, for the tests that need them."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.demo.visit import Visit

APP = Path(__file__).parents[2] / "demo" / "app.py"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    command = [sys.executable, "-m", "streamlit", "run", str(APP)]
    command += ["--server.port", str(port), "--server.headless", "true"]
    command += ["--", "--data", str(served_data), "--runs", str(served_models)]
    with (
        (elsewhere / "log.txt").open("w+") as log,
        subprocess.Popen(command, cwd=elsewhere, stdout=log, stderr=log) as server,
    ):
        try:
            yield _wait_until_it_answers(f"http://localhost:{port}", server, log)
        finally:
            server.terminate()


def _wait_until_it_answers(address: str, server: subprocess.Popen, log) -> str:
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            with urlopen(f"{address}/_stcore/health", timeout=5):
                return address
        except OSError:
            time.sleep(0.1)
    log.seek(0)
    raise AssertionError(f"the app does not answer at {address}:\n{log.read()}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        message = "no Chromium found: install the system's chromium package"
        if os.environ.get("CVAE_TESTS_STRICT") == "1":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, address: str):
    """Opens the page without autoplay, so that frames stand still to be looked at."""
    return lambda query="", motion="reduce", **options: Visit(
        browser, address, query, reduced_motion=motion, **options
    )
