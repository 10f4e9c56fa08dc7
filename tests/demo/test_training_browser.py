"""The Training page in a real browser, beside a real run that is being trained."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.demo.visit import PATIENCE
from tests.training.runs import command, wait_for_events

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served_models(tmp_path_factory) -> Path:
    """A folder that runs may be added to."""
    return tmp_path_factory.mktemp("runs")


def test_a_run_is_followed_epoch_by_epoch_to_its_end(
    browser: Browser, address: str, store: Path, served_models: Path
) -> None:
    run = served_models / "mine"
    line = command(store, run, "--training.epochs", "1000", "--precision", "float32")
    training = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert wait_for_events(training, run, 4), "two epochs"
        context = browser.new_context(viewport={"width": 1440, "height": 1200})
        page = context.new_page()
        page.goto(f"{address}/training")
        row = page.locator("tr", has_text="mine")
        epochs = row.get_by_role("cell", name=re.compile(r"\d+ of 1000"))
        expect(epochs).to_be_visible(timeout=PATIENCE)
        seen = epochs.inner_text()
        expect(row).to_contain_text("being trained")
        expect(epochs).not_to_have_text(seen, timeout=PATIENCE)
        assert int(epochs.inner_text().split()[0]) > int(seen.split()[0])
        training.terminate()
        expect(row).to_contain_text("stopped", timeout=PATIENCE)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        context.close()
    finally:
        training.kill()
        training.wait()
