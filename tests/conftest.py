"""What tests of all parts share: surroundings, order, fixtures, and what the simulator needs."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from cvae.errors import InputError
from cvae.simulation.availability import require_simulator
from tests.demo.server import FLAGS, find_chromium
from tests.documented import PROJECT
from tests.lacking import lacking
from tests.tiny_data import tiny_store
from tests.tiny_models import tiny_checkpoint

# One thread, as `make test` has it: other numbers of them round otherwise, and workers share cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Exact numbers are the CPU's, whatever the machine has. PyTorch looks when it is first asked.
if os.environ.get("CVAE_TESTS_GPU") != "1":
    os.environ["CUDA_VISIBLE_DEVICES"] = ""

MAIN = sys.modules["__main__"]

# A shell has what it starts in the background ignore Ctrl-C, and so would what tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Begun first, the slowest before all: one that came last would keep one worker busy alone.
SLOW_FILES = (
    "demo/test_player_browser.py",
    "evaluation/test_processes.py",
    "training/test_interruption.py",
    "demo/test_browser.py",
    "test_tutorial.py",
    "demo/test_faults.py",
    "demo/compare/test_links.py",
    "demo/test_test_set_browser.py",
    "demo/test_training_browser.py",
    "demo/test_own_data_browser.py",
    "benchmarks/test_bench_statistics.py",
    "benchmarks/test_bench_train.py",
    "training/test_processes.py",
    "training/test_trainer.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {PROJECT / "tests" / file: rank for rank, file in enumerate(SLOW_FILES)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


@pytest.fixture(scope="session", autouse=True)
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The same wherever tests are started: the project's folder, no proxy, no weights of others."""
    with pytest.MonkeyPatch.context() as everywhere:
        everywhere.chdir(PROJECT)
        everywhere.setenv("no_proxy", "127.0.0.1,localhost")
        everywhere.setenv("TORCH_HOME", str(tmp_path_factory.mktemp("torch")))
        yield


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """A page shown without a browser takes its place, and processes begun later would run that."""
    yield
    sys.modules["__main__"] = MAIN


@cache
def what_the_simulator_lacks() -> str | None:
    """MuJoCo or a software OpenGL, in words; None where both are there."""
    try:
        require_simulator()
    except InputError as error:
        return str(error)
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("simulator") is None:
        return
    lacks = what_the_simulator_lacks()
    if lacks is not None:
        lacking(lacks)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny packed store (8 train, 4 validate, 4 test sequences; the test split labelled)."""
    return tiny_store(tmp_path_factory.mktemp("data") / "store")


@pytest.fixture(scope="session")
def tiny_checkpoints(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the checkpoints `fixed` and `learned` of preset tiny; leave it unchanged."""
    root = tmp_path_factory.mktemp("checkpoints")
    for prior in ("fixed", "learned"):
        tiny_checkpoint(store, root / prior, prior)
    return root


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = find_chromium()
    if chromium is None:
        lacking("no Chromium found: install the system's chromium package")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def real_bair() -> Callable[[str], Path]:
    """A file of that name with frames of BAIR itself, which are not in this repository.

    It is looked for in BAIR_REAL_FRAMES_DIR, else in a folder beside the checkout.
    """
    beside = PROJECT.parent / "shared" / "bair"
    folder = Path(os.environ.get("BAIR_REAL_FRAMES_DIR", beside))

    def find(name: str) -> Path:
        if not (folder / name).is_file():
            pytest.skip(f"no real frames at {folder / name}; BAIR_REAL_FRAMES_DIR names a folder")
        return folder / name

    return find
