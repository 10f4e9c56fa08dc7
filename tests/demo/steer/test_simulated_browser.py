"""What would have happened, beside the models in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from demo.settings import BUNDLED_SEQUENCES
from tests.demo.server import running_app
from tests.demo.visit import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.simulator]


@pytest.fixture(scope="module")
def address(tiny_checkpoints: Path, tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("simulated")
    arguments = ["--data", str(BUNDLED_SEQUENCES), "--runs", str(tiny_checkpoints)]
    with running_app(arguments, folder) as app:
        yield app.address


def test_the_simulation_takes_the_place_of_the_recording_and_is_measured_against(visit_page):
    with visit_page(
        "steer?beside=simulated&told=0_500_0_0x2&steered=fixed&steered=learned"
    ) as seen:
        wheel = seen.page.locator(".wheel")
        expect(wheel).to_have_attribute("data-frames", "5", timeout=PATIENCE)
        said = wheel.locator(".said")
        decibels = re.compile(r"^\d+\.\d dB$")
        expect(said).to_have_text(["would have happened", decibels, decibels])
        beside = wheel.locator("canvas").first
        simulated = beside.evaluate("canvas => canvas.toDataURL()")
        wheel.focus()
        seen.page.keyboard.press(",")
        expect(wheel).to_have_attribute("data-frame", "3")
        seen.page.get_by_role("radio", name="recorded").click()
        expect(said).to_have_text(["what happened", "imagined", "imagined"])
        expect(wheel).to_have_attribute("data-frame", "3")
        seen.page.keyboard.press("End")
        wheel.focus()
        seen.page.keyboard.press("End")
        expect(wheel).to_have_attribute("data-frame", "4")
        assert beside.evaluate("canvas => canvas.toDataURL()") != simulated
