"""The page How it works in a real browser: the latent under the hand."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.demo.server import running_app
from tests.demo.visit import PATIENCE, Visit

FIRST_FRAME, LAST_FRAME = 2, 11  # predicted by the tiny models
TRUTH, STILL, MOVED, CHANGE = range(4)
MOST_APART = "sim-test-00027"  # that it is, says test_how_it_works.py

pytestmark = pytest.mark.browser


def walk_of(seen: Visit) -> Locator:
    """The latent walk, once it is drawn."""
    walk = seen.page.locator(".walk")
    expect(walk).to_have_attribute(
        "data-shown", re.compile("^tiny-test-0000 fixed"), timeout=PATIENCE
    )
    return walk


def pictures(walk: Locator) -> list[str]:
    """What each pane shows, as data URLs."""
    return walk.locator(".panes canvas").evaluate_all("all => all.map(c => c.toDataURL())")


def test_the_link_to_both_priors_opens_them_on_its_sequence(context_of, tmp_path):
    with (
        running_app([], tmp_path) as app,
        Visit(context_of(), app.address, "how_it_works") as seen,
    ):
        with seen.page.expect_popup() as opened:
            seen.page.get_by_role("link", name="Both priors where no actions are told").click()
        page = opened.value
        player = page.locator(".player")
        expect(player).to_have_attribute("data-sequence", MOST_APART, timeout=PATIENCE)
        titles = ("Fixed, no actions", "Learned, no actions")
        for title in titles:
            expect(player.locator(".panes").get_by_text(title).first).to_be_visible()
        expect(player.locator(".sample")).to_have_count(6)
        page.close()


def test_the_frame_under_the_hand_is_drawn_in_every_pane(visit_page):
    with visit_page("how_it_works") as seen:
        walk = walk_of(seen)
        expect(walk).to_have_attribute("data-frame", str(LAST_FRAME))
        last = pictures(walk)
        seen.messages.clear()
        time = walk.get_by_role("slider", name="Frame")
        time.press("Home")
        expect(walk).to_have_attribute("data-frame", str(FIRST_FRAME))
        first = pictures(walk)
        assert all(one != other for one, other in zip(first, last, strict=True))
        time.press("ArrowRight")
        expect(walk).to_have_attribute("data-frame", str(FIRST_FRAME + 1))
        expect(time).to_have_attribute("aria-valuetext", f"frame {FIRST_FRAME + 1}")
        assert pictures(walk) not in (first, last)
        time.press("End")
        assert pictures(walk) == last
        assert not seen.messages, "drawn in the browser alone"


def test_a_pressed_thumbnail_is_the_value_that_is_shown(visit_page):
    with visit_page("how_it_works") as seen:
        walk = walk_of(seen)
        latent, before = walk.get_by_role("slider", name="Latent"), pictures(walk)
        pressed = walk.locator(".strip [aria-pressed=true]")
        expect(pressed).to_have_text("+3 σ")
        assert before[MOVED] != before[STILL], "it opens on the far end"

        walk.get_by_role("button", name=re.compile("at mean")).click()
        expect(pressed).to_have_text("mean")
        expect(walk).to_have_attribute("data-value", "0")
        at_mean = pictures(walk)
        assert at_mean[MOVED] == at_mean[STILL] == before[STILL]
        change = walk.locator(".change canvas")
        expect(change).to_have_attribute("aria-label", re.compile(r": 0\.0 levels of 255"))

        latent.press("End")
        expect(pressed).to_have_text("+3 σ")
        assert pictures(walk) == before, "slider and thumbnails are one choice"


def test_a_sweep_goes_through_the_values_until_it_is_pressed_again(visit_page):
    with visit_page("how_it_works") as seen:
        walk = walk_of(seen)
        sweep = walk.get_by_role("button", name="Sweep")
        drawn = {walk.get_attribute("data-value"): pictures(walk)[MOVED]}
        while len(drawn) < 3:  # it may stop where it did before
            before = walk.get_attribute("data-value")
            sweep.click()
            expect(sweep).to_have_attribute("aria-pressed", "true")
            expect(walk).not_to_have_attribute("data-value", before)
            sweep.click()
            expect(sweep).to_have_attribute("aria-pressed", "false")
            stopped = walk.get_attribute("data-value")
            drawn[stopped] = pictures(walk)[MOVED]
            seen.page.wait_for_timeout(500)  # more than three steps of the sweep
            assert walk.get_attribute("data-value") == stopped
        assert len(set(drawn.values())) == len(drawn)
        sweep.click()
        walk.get_by_role("button", name=re.compile("at −3 σ")).click()
        expect(sweep).to_have_attribute("aria-pressed", "false")
        expect(walk).to_have_attribute("data-value", "-3")


def test_another_dimension_is_walked_at_the_same_place(visit_page):
    with visit_page("how_it_works") as seen:
        walk = walk_of(seen)
        walk.get_by_role("slider", name="Frame").press("Home")
        before, shown = pictures(walk), walk.get_attribute("data-shown")
        seen.choose(seen.page.get_by_role("combobox", name="Dimension"), 1)
        expect(walk).not_to_have_attribute("data-shown", shown)
        expect(seen.page).to_have_url(re.compile("rank=2"))
        expect(walk).to_have_attribute("data-frame", str(FIRST_FRAME))
        expect(walk).to_have_attribute("data-value", "3")
        after = pictures(walk)
        assert after[TRUTH] == before[TRUTH] and after[MOVED] != before[MOVED]


def test_back_goes_to_the_dimension_before(visit_page):
    with visit_page("how_it_works?rank=3") as seen:
        walk = walk_of(seen)
        shown = walk.get_attribute("data-shown")
        seen.choose(seen.page.get_by_role("combobox", name="Dimension"), 0)
        expect(walk).not_to_have_attribute("data-shown", shown)
        expect(seen.page).not_to_have_url(re.compile("rank"))
        other = walk.get_attribute("data-shown")
        seen.page.go_back()
        expect(walk).to_have_attribute("data-shown", shown)
        expect(seen.page).to_have_url(re.compile("rank=3"))
        seen.page.go_forward()
        expect(walk).to_have_attribute("data-shown", other)
        expect(seen.page).not_to_have_url(re.compile("rank"))
