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


@pytest.mark.parametrize("key", ["Space", "f", ".", "Home", "End"])
def test_a_select_keeps_its_keys(visit, key):
    with visit("?frame=5") as seen:
        for select in ("select.kind", "select.speed"):
            heard = seen.player.locator(select).evaluate(
                """(select, key) => select.dispatchEvent(
                    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))""",
                " " if key == "Space" else key,
            )
            assert heard, "a browser may act on it"
            seen.player.locator(select).press(key)
            seen.page.keyboard.press("Escape")  # closes what it may have opened
        assert seen.frame() == 5
        expect(seen.player.get_by_role("button", name="Play")).to_be_visible()
        expect(seen.page.locator(".player:fullscreen")).to_have_count(0)


def test_the_wipes_slider_keeps_its_keys_and_no_others(visit):
    with visit("?frame=5") as seen:
        seen.player.locator("select.kind").select_option("wipe")
        wiper = seen.player.locator(".wiper")
        for key, value in (("Home", 0), ("ArrowRight", 1), ("PageUp", None), ("End", 64)):
            wiper.press(key)
            assert seen.frame() == 5
            assert value is None or wiper.input_value() == str(value)
        wiper.press(".")
        assert seen.frame() == 6
        seen.player.locator(".seek").press("Home")
        seen.player.locator(".seek").press("ArrowLeft")
        assert seen.frame() == 11, "round from the first to the last"


def test_keys_leave_the_page_alone_where_the_player_is_out_of_view(visit):
    with visit("?frame=5", height=500) as seen:
        seen.page.evaluate(
            "addEventListener('keydown', e => (window.heard = [e.key, e.defaultPrevented]))"
        )
        seen.player.scroll_into_view_if_needed()
        for key, name in (("Shift+Space", " "), ("Shift+ArrowRight", "ArrowRight")):
            seen.page.keyboard.press(key)
            assert seen.page.evaluate("window.heard") == [name, False]
        assert seen.frame() == 5
        expect(seen.page.locator(".js-plotly-plot")).to_have_count(2)
        seen.wait_until_idle()  # the page grows no more
        seen.page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, main.scrollHeight)")
        expect(seen.player).not_to_be_in_viewport()
        for key, name in (("Space", " "), ("ArrowRight", "ArrowRight")):
            seen.page.keyboard.press(key)
            assert seen.page.evaluate("window.heard") == [name, False]
        assert seen.frame() == 5
        expect(seen.player.get_by_role("button", name="Play")).to_have_count(1)
        seen.player.scroll_into_view_if_needed()
        expect(seen.player).to_be_in_viewport()
        seen.page.keyboard.press("ArrowRight")
        expect(seen.player).to_have_attribute("data-frame", "6")


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


def test_back_undoes_what_was_picked(visit):
    with visit("?samples=4&models=fixed&models=learned&frame=11") as seen:
        samples, said = seen.player.locator(".sample"), seen.player.locator(".said")
        expect(samples).to_have_count(4)
        first = seen.pictures()[:3]
        for number in (2, 3):
            samples.nth(number).click()
            expect(seen.page).to_have_url(re.compile(f"picked={number + 1}&picked=1"))
            if number == 2:
                third = seen.pictures()[:3]
        # What was picked may be on its way from the server yet, and be seen for a moment.
        seen.page.go_back()
        seen.wait_for_panes(*third)
        expect(said.nth(1)).to_have_text("predicted, sample 3")
        seen.page.go_back()
        seen.wait_for_panes(*first)
        expect(said.nth(1)).to_have_text("predicted, sample 1")
        expect(samples.first).to_have_attribute("aria-pressed", "true")
        expect(seen.page).not_to_have_url(re.compile("picked"))
        seen.page.go_forward()
        expect(said.nth(1)).to_have_text("predicted, sample 3")
        samples.nth(1).click()
        expect(seen.page).to_have_url(re.compile("picked=2&picked=1"))
        expect(said.nth(1)).to_have_text("predicted, sample 2")


def test_back_and_forward_faster_than_the_page_follows(visit):
    """Whatever reached the server last counts, and player and link agree."""
    with visit("?samples=4&models=fixed&models=learned&frame=11") as seen:
        samples, said = seen.player.locator(".sample"), seen.player.locator(".said")
        samples.nth(2).click()
        expect(seen.page).to_have_url(re.compile("picked=3&picked=1"))
        for _ in range(3):
            # Forward in the very moment in which the player has gone back.
            said.nth(1).evaluate(
                """(said) => new Promise((done) => {
                    const look = () => said.textContent === "predicted, sample 3"
                        ? requestAnimationFrame(look) : done(history.forward());
                    history.back();
                    look();
                })"""
            )
            expect(seen.page).to_have_url(re.compile("picked=3&picked=1"))
            seen.wait_until_idle()
            assert seen.query()["picked"] == ["3", "1"]
            expect(said.nth(1)).to_have_text("predicted, sample 3")


def test_a_sample_is_picked_without_new_frames(visit):
    with visit("?samples=4&models=fixed&frame=11") as seen:
        seen.page.evaluate(
            """() => {
                const { decode } = HTMLImageElement.prototype;
                window.decoded = 0;
                HTMLImageElement.prototype.decode = function () {
                    window.decoded += 1;
                    return decode.call(this);
                };
            }"""
        )
        seen.player.locator(".sample").nth(2).click()
        expect(seen.page).to_have_url(re.compile("picked=3"))
        seen.wait_until_idle()
        assert seen.page.evaluate("window.decoded") == 0


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
