"""In a real browser: keys of the player and of the filmstrip, and samples that a link asks for."""

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


def test_arrows_and_space_need_no_click_into_the_player(visit):
    with visit("?frame=5") as seen:
        keyboard = seen.page.keyboard
        assert seen.page.evaluate("document.activeElement === document.body")
        keyboard.press("ArrowRight")
        expect(seen.player).to_have_attribute("data-frame", "6")
        keyboard.press("Space")
        expect(seen.player.get_by_role("button", name="Pause")).to_be_visible()
        keyboard.press("ArrowLeft")  # pauses, wherever it has come to
        expect(seen.player.get_by_role("button", name="Play")).to_be_visible()
        frame = seen.frame()
        keyboard.down("t")  # letters are the player's only where it has the focus
        assert seen.said()[1] != "what happened"
        keyboard.up("t")
        seen.page.get_by_label("Seed", exact=True).focus()
        keyboard.press("ArrowLeft")
        assert seen.frame() == frame
        seen.page.get_by_role("button", name="Next", exact=True).focus()
        keyboard.press("ArrowLeft")
        expect(seen.player).to_have_attribute("data-frame", str((frame - 1) % 12))


def test_keys_mean_the_same_with_caps_lock_and_shift(visit):
    with visit("?frame=11") as seen:
        seen.player.focus()
        before = seen.pictures()
        seen.page.keyboard.down("t")
        assert seen.pictures()[:3] == [before[0]] * 3
        seen.page.keyboard.up("T")  # Shift was pressed meanwhile
        assert seen.pictures() == before
        seen.page.keyboard.press("N")
        expect(seen.player).to_have_attribute("data-sequence", "tiny-test-0001")


def test_the_choice_of_whose_samples_are_shown_keeps_the_keyboard(visit):
    with visit("?samples=2&frame=11") as seen:
        choice = seen.player.get_by_label("Model whose samples are shown")
        choice.focus()
        first = seen.player.locator(".sample").first.inner_text()
        seen.page.keyboard.press("ArrowDown")
        expect(choice).to_be_focused()
        expect(seen.player.locator(".sample").first).not_to_have_text(first)


def test_keys_go_to_other_sequences_and_draw_another_sample(visit):
    with visit("?frame=11") as seen:
        seen.player.focus()
        for key, sequence in (("n", "tiny-test-0001"), ("p", "tiny-test-0000")):
            seen.page.keyboard.press(key)
            expect(seen.player).to_have_attribute("data-sequence", sequence)
        before = seen.pictures()
        seen.page.keyboard.press("s")
        expect(seen.page).to_have_url(re.compile("seed=1"))
        seen.wait_for_other(before)


def test_the_player_fills_the_screen_and_goes_back(visit):
    with visit("?frame=11") as seen:
        button = seen.player.get_by_role("button", name="Full screen")
        narrow = seen.player.bounding_box()["width"]
        button.click()
        expect(seen.page.locator(".player:fullscreen")).to_have_count(1)
        assert seen.player.bounding_box()["width"] > narrow
        seen.player.focus()
        seen.page.keyboard.press("f")
        expect(seen.page.locator(".player:fullscreen")).to_have_count(0)


def test_home_and_end_go_to_the_ends_of_the_filmstrip(visit):
    with visit() as seen:
        tiles = seen.page.get_by_role("listbox", name="Test sequences").get_by_role("option")
        expect(tiles).to_have_count(4)
        tiles.first.focus()
        seen.page.keyboard.press("End")
        expect(tiles.last).to_be_focused()
        seen.page.keyboard.press("Home")
        expect(tiles.first).to_be_focused()


def test_samples_that_a_link_asks_for_in_vain_are_not_taken_for_shown(visit):
    with visit("?samples=1&picked=3&picked=2") as seen:
        assert "picked" in seen.query()
        samples = seen.page.get_by_role("spinbutton", name="Samples")
        samples.fill("4")
        samples.press("Enter")
        expect(seen.player.locator(".sample")).to_have_count(4)
        expect(seen.page).not_to_have_url(re.compile("picked"))


def test_back_to_a_bad_link_is_no_dead_end(visit):
    with visit("?frame=11") as seen:
        # A link that someone typed into the address of the open page, and went on from.
        for link in ("?seed=inf&frame=11", "?seed=2&frame=11"):
            seen.page.evaluate("link => history.pushState({}, '', link)", link)
        seen.page.go_back()
        expect(seen.page.get_by_text("The link asks for seed")).to_be_visible()
        expect(seen.page).to_have_url(re.compile(r"\?frame=11$"))
        expect(seen.player).to_have_count(1)  # until it is drawn anew the old one stays, too
        expect(seen.player).to_be_visible()
        expect(seen.page.get_by_test_id("stException")).to_have_count(0)
