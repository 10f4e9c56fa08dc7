"""The page in a real browser, served by a real `streamlit run`."""

import re
from urllib.parse import urlparse

import pytest
from playwright.sync_api import expect

LAST_FRAME = 11

pytestmark = pytest.mark.browser


def test_first_screen_shows_predictions_without_a_click(visit):
    with visit() as seen:
        assert seen.panes() == ["Ground truth", "Fixed prior", "Learned prior"]
        seen.show_frame(LAST_FRAME)
        assert min(seen.spread()) > 20
        assert len(set(seen.pictures())) == 3
        assert seen.said() == ["what happened", "predicted", "predicted"]
        assert all(number.endswith(" dB") for number in seen.numbers())
        expect(seen.page.locator(".js-plotly-plot")).to_have_count(2)
        expect(seen.page.get_by_text("Imagined here on the")).to_be_visible()


def test_given_frames_are_the_truth_in_every_pane(visit):
    with visit() as seen:
        seen.show_frame(1)
        assert len(set(seen.pictures())) == 1
        assert seen.said() == ["given"] * 3
        assert seen.numbers() == ["given"] * 3


def test_another_sequence_prior_and_seed_change_frames_and_numbers(visit):
    with visit() as seen:
        seen.show_frame(LAST_FRAME)
        pictures, numbers = seen.pictures(), seen.numbers()

        seen.page.get_by_role("button", name="Next", exact=True).click()
        expect(seen.player).to_have_attribute("data-sequence", "tiny-test-0001")
        seen.wait_for_other(pictures)
        assert seen.frame() == LAST_FRAME, "the frame stays when the data change"
        other, other_numbers = seen.pictures(), seen.numbers()
        assert not set(pictures) & set(other) and numbers != other_numbers

        seen.page.get_by_role("button", name="New sample").click()
        seen.wait_for_other(other)
        seeded = seen.pictures()
        assert seeded[0] == other[0], "the truth has no seed"
        assert seeded[1] != other[1] and seeded[2] != other[2]
        assert seen.numbers()[:2] != other_numbers[:2]
        assert seen.numbers()[2] == other_numbers[2], "the reference has no seed"

        seen.page.get_by_role("radio", name="learned").click()
        expect(seen.player.locator("figure")).to_have_count(2)
        assert seen.pictures() == [seeded[0], seeded[2]]
        assert seen.query() == {"sequence": ["tiny-test-0001"], "seed": ["1"], "prior": ["learned"]}


def test_a_sequence_is_picked_from_the_list(visit):
    with visit() as seen:
        seen.page.get_by_role("combobox", name="Test sequence").click()
        seen.page.get_by_role("option", name="tiny-test-0003").click()
        expect(seen.player).to_have_attribute("data-sequence", "tiny-test-0003")


def test_a_link_opens_the_same_state(visit):
    with visit("?sequence=tiny-test-0002&prior=fixed&seed=41") as seen:
        seen.show_frame(LAST_FRAME)
        assert seen.panes() == ["Ground truth", "Fixed prior"]
        assert seen.player.get_attribute("data-sequence") == "tiny-test-0002"
        expect(seen.page.get_by_role("spinbutton", name="Seed")).to_have_value("41")
        pictures = seen.pictures()
        address = seen.page.url
    with visit(f"?{urlparse(address).query}") as again:
        again.show_frame(LAST_FRAME)
        assert again.pictures() == pictures


def test_nonsense_in_the_link_is_said(visit):
    with visit("?sequence=nowhere&seed=-3") as seen:
        assert seen.player.get_attribute("data-sequence") == "tiny-test-0000"
        expect(seen.page.get_by_text("There is no test sequence")).to_be_visible()
        expect(seen.page.get_by_text("is no seed")).to_be_visible()


def test_keys_step_and_jump_with_cursor_and_numbers(visit):
    with visit() as seen:
        seen.player.focus()
        cursor = seen.player.locator(".cursor")
        places = {}
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
            places[frame] = float(cursor.get_attribute("x1"))
            assert seen.player.locator(".place").inner_text() == f"Frame {frame} / {LAST_FRAME}"
            assert seen.player.locator(".seek").input_value() == str(frame)
        assert places[0] < places[1] < places[2] < places[LAST_FRAME]


def test_playing_moves_all_panes_together_and_asks_the_server_nothing(visit):
    with visit() as seen:
        assert seen.messages, "the page itself was asked for"
        seen.messages.clear()
        seen.show_frame(2)
        expected = {}
        for frame in range(3, LAST_FRAME + 1):
            seen.page.keyboard.press("ArrowRight")
            expected[frame] = seen.pictures()
        seen.show_frame(2)
        seen.page.keyboard.press(" ")
        expect(seen.player.get_by_role("button", name="Pause")).to_be_visible()
        expect(seen.player).to_have_attribute("data-frame", re.compile("[4-7]"))
        seen.player.get_by_role("button", name="Pause").click()
        stopped = seen.frame()
        assert seen.pictures() == expected[stopped]
        seen.page.wait_for_timeout(600)
        assert seen.frame() == stopped, "paused"
        assert not seen.messages


def test_plays_by_itself_where_motion_is_welcome(visit):
    with visit(motion="no-preference") as seen:
        expect(seen.player).to_have_attribute("data-frame", re.compile("[3-9]"))


def test_scrubbing_draws_every_frame(visit):
    with visit() as seen:
        slider = seen.player.locator(".seek")
        seen.messages.clear()
        pictures = set()
        for frame in range(12):
            slider.evaluate(
                "(s, f) => { s.value = f; s.dispatchEvent(new Event('input')); }", frame
            )
            assert seen.frame() == frame
            pictures.add(seen.pictures()[0])
        assert len(pictures) == 12
        assert not seen.messages


def test_pressing_next_in_haste_leaves_the_page_whole(visit):
    with visit("?prior=fixed") as seen:
        button = seen.page.get_by_role("button", name="Next", exact=True)
        for _ in range(9):
            button.click()
        expect(seen.page.get_by_test_id("stStatusWidget")).to_have_count(0)
        chosen = seen.page.get_by_role("combobox", name="Test sequence").input_value()
        expect(seen.player).to_have_attribute("data-sequence", chosen)
        expect(seen.page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_a_phone(visit, scheme):
    with visit(color_scheme=scheme) as seen:
        seen.page.set_viewport_size({"width": 390, "height": 844})
        seen.show_frame(LAST_FRAME)
        seen.page.wait_for_timeout(300)
        for inside in ("html", "[data-testid=stMain]"):
            assert seen.page.locator(inside).evaluate("element => element.scrollWidth") <= 390
        box = seen.player.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert min(seen.spread()) > 20
