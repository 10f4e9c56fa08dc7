"""The Training page in a real browser, beside a real run that is being trained."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.demo.server import running_app
from tests.demo.visit import PATIENCE
from tests.training.runs import command, wait_for_events

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    """A folder that runs may be added to."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def address(store: Path, runs: Path, tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("elsewhere")
    with running_app(["--data", str(store), "--runs", str(runs)], folder) as app:
        yield app.address


def test_a_run_is_followed_epoch_by_epoch_to_its_end(visit_page, store: Path, runs: Path) -> None:
    run = runs / "mine"
    line = command(store, run, "--training.epochs", "1000000", "--precision", "float32")
    training = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert wait_for_events(training, run, 4), "two epochs"
        with visit_page("training", height=1200) as seen:
            row = seen.page.locator("tr", has_text=re.compile(r"mine.*\d+ of 1000000"))
            epochs = row.get_by_role("cell", name=re.compile(r"\d+ of 1000000"))
            expect(epochs).to_be_visible(timeout=PATIENCE)
            before = epochs.inner_text()
            expect(row).to_contain_text("being trained")
            expect(epochs).not_to_have_text(before, timeout=PATIENCE)
            assert int(epochs.inner_text().split()[0]) > int(before.split()[0])
            training.terminate()
            expect(row).to_contain_text("stopped", timeout=PATIENCE)
            expect(seen.page.get_by_test_id("stException")).to_have_count(0)
    finally:
        training.kill()
        training.wait()
