"""A page that stays open while the server is started anew, and is gone on with."""

import re
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import expect

from tests.demo.server import running_app
from tests.demo.visit import PATIENCE, CompareVisit

pytestmark = pytest.mark.browser


def test_compare_goes_on_and_loses_nothing(
    context_of, store: Path, tiny_checkpoints: Path, tmp_path: Path
) -> None:
    arguments = ["--data", str(store), "--runs", str(tiny_checkpoints)]
    query = "?models=fixed&samples=3&seed=5&frame=11"
    with running_app(arguments, tmp_path) as app:
        seen = CompareVisit(context_of(reduced_motion="reduce"), app.address, query)
        seen.wait_until_idle()
        before = seen.pictures()
    with running_app(arguments, tmp_path, port=urlparse(app.address).port):
        expect(seen.page.get_by_test_id("stConnectionStatus")).to_have_count(0, timeout=PATIENCE)
        samples = seen.page.get_by_role("spinbutton", name="Samples")
        samples.fill("4")
        samples.press("Enter")
        expect(seen.player.locator(".sample")).to_have_count(4, timeout=PATIENCE)
        seen.wait_until_idle()
        expect(seen.page.get_by_text("Training: KL")).to_be_visible()
        expect(seen.page.get_by_role("button", name="WebP, lossless")).to_be_visible()
        assert seen.pictures()[:4] == before[:4]
    with running_app(arguments, tmp_path, port=urlparse(app.address).port):
        expect(seen.page.get_by_test_id("stConnectionStatus")).to_have_count(0, timeout=PATIENCE)
        seen.player.locator(".sample").nth(2).click()
        expect(seen.page).to_have_url(re.compile("picked=3"), timeout=PATIENCE)
        seen.wait_until_idle()
        expect(seen.player.locator(".said").nth(1)).to_have_text("predicted, sample 3")
        assert (seen.query()["seed"], seen.query()["samples"]) == (["5"], ["4"])
        seen.page.close()
