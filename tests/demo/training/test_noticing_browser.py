"""The Training page in a real browser, which stays open while runs come and go."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.demo.server import running_app
from tests.demo.visit import PATIENCE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def runs(tiny_checkpoints: Path, tmp_path_factory) -> Path:
    """Two runs, called otherwise than those that come with the app."""
    root = tmp_path_factory.mktemp("noticed")
    for name in ("first", "second"):
        shutil.copytree(tiny_checkpoints / "fixed", root / name)
    return root


@pytest.fixture(scope="module")
def address(store: Path, runs: Path, tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("elsewhere")
    with running_app(["--data", str(store), "--runs", str(runs)], folder) as app:
        yield app.address


def test_a_run_that_comes_is_offered_and_one_that_goes_is_not(visit_page, runs: Path) -> None:
    with visit_page("training?runs=first&runs=second", height=1200) as seen:
        chosen = seen.page.get_by_test_id("stMultiSelect")
        expect(seen.page.locator("tr", has_text="second").first).to_be_visible(timeout=PATIENCE)
        shutil.copytree(runs / "first", runs / "latecomer")
        shutil.rmtree(runs / "second")
        expect(seen.page.locator("tr", has_text="second")).to_have_count(0, timeout=PATIENCE)
        seen.choose(chosen.get_by_role("combobox"), "latecomer")
        expect(seen.page.get_by_test_id("stException")).to_have_count(0)
