"""The player in a real browser: keys, clock, panes, samples; and what it asks the server."""

import re
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Locator, expect

LAST_FRAME = 11

pytestmark = pytest.mark.browser


def test_keys_step_and_jump_with_panes_and_cursors(visit):
    with visit() as seen:
        seen.player.focus()
        places, pictures = {}, {}
        for key, frame in (
            ("End", LAST_FRAME),
            ("Home", 0),
            ("ArrowRight", 1),
            (".", 2),
            ("ArrowLeft", 1),
            (",", 0),
            (",", LAST_FRAME),
        ):
            seen.page.keyboard.press(key)
            assert seen.frame() == frame, f"after {key}"
            [places[frame]] = set(seen.cursors())
            assert seen.player.locator(".place").inner_text() == f"Frame {frame} / {LAST_FRAME}"
            assert seen.player.locator(".seek").input_value() == str(frame)
            assert pictures.setdefault(frame, seen.pictures()) == seen.pictures()
        assert places[0] < places[1] < places[2] < places[LAST_FRAME]
        assert len({shown[0] for shown in pictures.values()}) == 4


def test_playing_moves_all_panes_together_and_asks_the_server_nothing(visit):
    with visit() as seen:
        assert seen.messages, "the page itself was asked for"
        seen.show_frame(0)
        expected = [seen.pictures()]
        for _ in range(LAST_FRAME):
            seen.page.keyboard.press("ArrowRight")
            expected.append(seen.pictures())
        seen.show_frame(2)
        expect(seen.page).to_have_url(re.compile("frame=2"))
        seen.messages.clear()
        seen.page.keyboard.press(" ")
        expect(seen.player.get_by_role("button", name="Pause")).to_be_visible()
        expect(seen.player).to_have_attribute("data-frame", re.compile("[4-7]"))
        assert not seen.messages
        seen.player.get_by_role("button", name="Pause").click()
        stopped = seen.frame()
        assert seen.pictures() == expected[stopped]
        expect(seen.page).to_have_url(re.compile(rf"frame={stopped}\b"))
        assert seen.frame() == stopped, "paused"


def test_the_link_follows_the_keys_to_the_frame_that_stands_still(visit):
    with visit("?frame=9") as seen:
        seen.show_frame(3)
        expect(seen.page).to_have_url(re.compile("frame=3"))
        seen.player.get_by_role("button", name="Next frame").click()
        expect(seen.page).to_have_url(re.compile("frame=4"))
        seen.player.focus()
        seen.page.keyboard.press("End")
        expect(seen.page).to_have_url(re.compile(f"frame={LAST_FRAME}"))


def test_stepping_tells_the_link_and_not_the_server(visit):
    with visit() as seen:
        seen.messages.clear()
        seen.show_frame(3)
        expect(seen.page).to_have_url(re.compile("frame=3"))
        assert not seen.messages
        with seen.page.expect_download():
            seen.page.get_by_role("button", name="CSV per frame").click()


def test_the_link_keeps_the_frame_whatever_else_is_chosen(visit):
    with visit("?samples=2") as seen:
        seen.show_frame(4)
        seen.page.get_by_role("button", name="New sample").click()
        expect(seen.page).to_have_url(re.compile("seed=1"))
        expect(seen.page).to_have_url(re.compile("frame=4"))
        seen.player.locator(".metrics button[value=ssim]").click()
        expect(seen.page).to_have_url(re.compile("metric=ssim"))
        expect(seen.page).to_have_url(re.compile("frame=4"))
        assert seen.query()["seed"] == ["1"] and seen.query()["samples"] == ["2"]


def test_without_loop_it_stops_at_the_end(visit):
    with visit() as seen:
        seen.show_frame(LAST_FRAME - 2)
        seen.player.get_by_label("Loop").uncheck()
        seen.player.get_by_label("Frames per second").select_option("15")
        seen.player.get_by_role("button", name="Play").click()
        expect(seen.player).to_have_attribute("data-frame", str(LAST_FRAME))
        expect(seen.player.get_by_role("button", name="Play")).to_be_visible()


def test_plays_by_itself_where_motion_is_welcome(visit):
    with visit(motion="no-preference") as seen:
        expect(seen.player).to_have_attribute("data-frame", re.compile("[3-9]"))


def test_scrubbing_draws_every_frame_and_the_link_holds_the_last(visit):
    with visit() as seen:
        slider = seen.player.locator(".seek")
        seen.messages.clear()
        pictures = set()
        for frame in range(10):
            slider.evaluate(
                "(s, f) => { s.value = f; s.dispatchEvent(new Event('input')); }", frame
            )
            assert seen.frame() == frame
            pictures.add(seen.pictures()[0])
        assert len(pictures) == 10
        expect(seen.page).to_have_url(re.compile("frame=9"))
        assert seen.frame() == 9
        assert not seen.messages


def test_the_last_pane_compares_in_the_browser_alone(visit):
    with visit("?samples=3&models=fixed") as seen:
        seen.show_frame(LAST_FRAME)
        expect(seen.page).to_have_url(re.compile(f"frame={LAST_FRAME}"))
        truth, predicted, error = seen.pictures()[:3]
        seen.messages.clear()
        kind = seen.player.locator("select.kind")
        kind.select_option("wipe")
        wiper = seen.player.locator(".wiper")
        wiper.fill("64")
        assert seen.pictures()[2] == truth
        wiper.fill("0")
        assert seen.pictures()[2] == predicted
        kind.select_option("flicker")
        seen.wait_for_panes(truth, first=2)
        seen.wait_for_panes(predicted, first=2)
        assert seen.frame() == LAST_FRAME, "the frame stands still meanwhile"
        kind.select_option("mean")
        mean = seen.pictures()[2]
        assert mean not in (truth, predicted, error)
        kind.select_option("spread")
        assert seen.pictures()[2] not in (truth, predicted, error, mean)
        assert seen.spread()[2] > 0, "samples differ"
        kind.select_option("error")
        assert seen.pictures()[2] == error
        assert not seen.messages


def test_a_sample_is_picked_from_the_grid(visit):
    with visit("?samples=4&models=fixed&models=learned") as seen:
        seen.show_frame(LAST_FRAME)
        grid = seen.player.locator(".sample")
        expect(grid).to_have_count(4)
        expect(seen.player.locator(".sample.best")).to_have_count(1)
        expect(seen.player.locator(".sample.worst")).to_have_count(1)
        before, small = seen.pictures()[:3], seen.pictures()[4:]
        assert before[1] == small[0] and len(set(small)) == 4
        value = seen.numbers()[0]
        grid.nth(2).click()
        expect(grid.nth(2)).to_have_attribute("aria-pressed", "true")
        after = seen.pictures()
        assert after[1] == small[2] and after[2] == before[2]
        assert seen.said()[1] == "predicted, sample 3"
        assert seen.numbers()[0] != value, "the number is that of the picture"
        assert seen.numbers()[0].partition("mean")[2] == value.partition("mean")[2]
        expect(seen.player.locator(".band")).to_have_count(2)
        expect(seen.page).to_have_url(re.compile("picked=3&picked=1"))
        address = seen.page.url
    with visit(f"?{urlparse(address).query}") as again:
        again.show_frame(LAST_FRAME)
        assert again.pictures() == after
        assert again.said()[1] == "predicted, sample 3"


def test_with_fewer_samples_page_and_link_know_what_is_on_view(visit):
    with visit("?samples=4&models=fixed&models=learned&picked=4&picked=2&frame=11") as seen:
        assert seen.said()[1:3] == ["predicted, sample 4", "predicted, sample 2"]
        seen.page.get_by_role("spinbutton", name="Samples").fill("3")
        seen.page.keyboard.press("Enter")
        expect(seen.player.locator(".sample")).to_have_count(3)
        assert seen.said()[1:3] == ["predicted, sample 1", "predicted, sample 2"]
        expect(seen.page).to_have_url(re.compile("picked=1&picked=2"))


@pytest.mark.parametrize("width", [1440, 390])
def test_names_are_whole_however_many_stand_in_a_row(visit, width):
    query = "?models=fixed&models=learned&models=fixed-cyclical&samples=4&frame=11"
    with visit(query, width=width) as seen:
        captions = seen.player.locator("figcaption > span")
        expect(captions.filter(has_text="predicted, sample 1")).to_have_count(3)
        seen.page.evaluate("document.fonts.ready")
        cut = captions.evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth + 1 || "
            "one.scrollWidth > one.parentNode.clientWidth).map(one => one.textContent)"
        )
        assert cut == []


def test_what_is_pressed_can_be_read_by_day_and_by_night(visit):
    with visit() as seen:
        pressed = seen.player.get_by_role("button", name="PSNR", pressed=True)
        by_day = colours(pressed)
        seen.turn("dark")
        expect(pressed).not_to_have_css("background-color", by_day[1])
        for pair in (by_day, colours(pressed)):
            light, dark = sorted(map(luminance, pair), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2.1, success criterion 1.4.3


def colours(button: Locator) -> list[str]:
    """Of its words, and of what they stand on."""
    return button.evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")


def luminance(colour: str) -> float:
    """Relative luminance of "rgb(r, g, b)", as WCAG 2.1 defines it."""
    shares = [int(level) / 255 for level in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_actions_are_drawn_on_every_pane(visit):
    with visit() as seen:
        arrows = seen.player.locator(".arrow .over")
        expect(arrows).to_have_count(0)
        seen.player.get_by_role("checkbox", name="Actions").check()
        expect(arrows).to_have_count(4)
        seen.show_frame(3)
        paths = arrows.evaluate_all("all => all.map(a => a.getAttribute('d'))")
        seen.show_frame(5)
        assert len(set(paths)) == 1
        assert arrows.first.get_attribute("d") != paths[0], "another command"


def test_keys_of_the_player_are_no_shortcuts_of_streamlit(visit):
    with visit() as seen:
        seen.player.focus()
        seen.messages.clear()
        for key in ("r", "c", "ArrowRight"):
            seen.page.keyboard.press(key)
        expect(seen.page).to_have_url(re.compile("frame=1"))  # by now a dialog would be there
        expect(seen.page.get_by_role("dialog")).to_have_count(0)
        assert not seen.messages
