"""A model finds the commands, in a real browser."""

from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import expect

from demo.commands import read
from demo.foresight import TITLE
from tests.demo.visit import PATIENCE

pytestmark = pytest.mark.browser


def test_a_goal_is_set_and_the_way_to_it_is_ridden_by_all_models(visit_page):
    with visit_page("steer?told=0_500_0_0x4") as seen:
        wheel = seen.page.locator(".wheel")
        expect(wheel).to_have_attribute("data-frames", "7", timeout=PATIENCE)
        seen.page.get_by_role("button", name=TITLE).click()
        dialog = seen.page.get_by_role("dialog")
        goal = dialog.get_by_role("slider")
        expect(goal).to_have_value("11", timeout=PATIENCE)
        for _ in range(3):
            goal.press("ArrowLeft")
        expect(goal).to_have_value("8", timeout=PATIENCE)
        dialog.get_by_role("radio", name="Learned prior").click()
        dialog.get_by_role("button", name="Find the commands").click()
        expect(wheel).to_have_attribute("data-frames", "9", timeout=PATIENCE)
        expect(dialog).to_have_count(0, timeout=PATIENCE)
        expect(wheel.locator("canvas")).to_have_count(3)
        [told] = parse_qs(urlparse(seen.page.url).query)["told"]
        commands = read(told)
        assert len(commands) == 6 and len(set(commands)) > 1
        # The way may be gone on from, and taken back, like any other.
        wheel.locator(".undo").click()
        expect(wheel).to_have_attribute("data-frames", "7", timeout=PATIENCE)
