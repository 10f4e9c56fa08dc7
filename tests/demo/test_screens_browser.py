"""Pages on a phone, by day and by night; Compare and the test set have such tests of their own."""

import re

import pytest
from playwright.sync_api import expect

from demo.curves import QUANTITIES
from tests.demo.visit import PAPER, PATIENCE, Visit

PHONE = {"width": 390, "height": 844}

pytestmark = pytest.mark.browser


def draw_training(seen: Visit) -> None:
    curves = seen.page.locator(".js-plotly-plot")
    expect(curves).to_have_count(len(QUANTITIES), timeout=PATIENCE)
    expect(seen.page.get_by_role("heading", name="Ablations")).to_be_visible()


def draw_how_it_works(seen: Visit) -> None:
    shown = re.compile("tiny-test-0000")
    expect(seen.page.locator(".walk")).to_have_attribute("data-shown", shown, timeout=PATIENCE)
    expect(seen.page.locator(".js-plotly-plot")).to_have_count(4)


def draw_own_data(seen: Visit) -> None:
    seen.page.get_by_text("Show the example").click(timeout=PATIENCE)
    player = seen.page.locator(".player")
    expect(player).to_have_attribute("data-sequence", "example", timeout=PATIENCE)
    expect(seen.page.get_by_text("Imagined here on the")).to_be_visible()


def draw_steer(seen: Visit) -> None:
    wheel = seen.page.locator(".wheel")
    expect(wheel).to_have_attribute("data-sequence", "tiny-test-0000", timeout=PATIENCE)
    expect(seen.page.get_by_text("1 frame imagined")).to_be_visible()


PAGES = {
    "steer": draw_steer,
    "training": draw_training,
    "how_it_works": draw_how_it_works,
    "own_data": draw_own_data,
}


@pytest.mark.parametrize("page", PAGES)
def test_fits_a_phone_by_day_and_by_night(visit_page, page):
    with visit_page(page, reduced_motion="reduce", **PHONE) as seen:
        PAGES[page](seen)
        for scheme in PAPER:
            seen.turn(scheme)
            seen.wait_until_it_fits(PHONE["width"])
        expect(seen.page.get_by_test_id("stException")).to_have_count(0)
