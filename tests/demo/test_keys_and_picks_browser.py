"""In a real browser: the truth under a held key, the ends of the filmstrip, samples of a link."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_while_t_is_held_every_pane_shows_what_happened(visit):
    with visit("?frame=11") as seen:
        seen.player.focus()
        before = seen.pictures()
        truth, *imagined = before[:3]
        assert truth not in imagined
        seen.page.keyboard.down("t")
        assert seen.pictures()[:3] == [truth] * 3
        assert seen.said()[:3] == ["what happened"] * 3
        seen.page.keyboard.up("t")
        assert seen.pictures() == before
        seen.page.keyboard.down("t")
        seen.player.blur()  # the key is let go where the player does not hear of it
        assert seen.pictures() == before


def test_home_and_end_go_to_the_ends_of_the_filmstrip(visit):
    with visit() as seen:
        tiles = seen.page.get_by_role("option")
        expect(tiles).to_have_count(4)
        tiles.first.focus()
        seen.page.keyboard.press("End")
        expect(tiles.last).to_be_focused()
        seen.page.keyboard.press("Home")
        expect(tiles.first).to_be_focused()


def test_samples_that_a_link_asks_for_in_vain_are_not_taken_for_shown(visit):
    with visit("?samples=1&picked=3&picked=2") as seen:
        assert "picked" in seen.query()
        samples = seen.page.get_by_label("Samples")
        samples.fill("4")
        samples.press("Enter")
        expect(seen.player.locator(".sample")).to_have_count(8)
        expect(seen.page).not_to_have_url(re.compile("picked"))
