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
        assert len(set(seen.pictures())) == 4
        assert seen.said()[:3] == ["what happened", "predicted", "predicted"]
        assert all(number.endswith(" dB") for number in seen.numbers())
        expect(seen.page.locator(".js-plotly-plot")).to_have_count(2)
        expect(seen.page.get_by_text("Imagined here on the")).to_be_visible()
        box = seen.player.bounding_box()
        assert box["y"] < 600, "the panes are on the first screen"


def test_given_frames_are_the_truth_in_every_pane(visit):
    with visit() as seen:
        seen.show_frame(1)
        assert len(set(seen.pictures()[:3])) == 1
        assert seen.spread()[3] == 0, "no error yet"
        assert seen.said() == ["given"] * 4
        assert seen.numbers() == ["given"] * 3
        borders = seen.borders()
        assert set(borders) == {"dotted"}
        seen.show_frame(2)
        assert seen.borders() == ["solid", "solid", "dashed", "solid"]


def test_another_sequence_model_and_seed_change_frames_and_numbers(visit):
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

        seen.page.get_by_role("button", name="Remove fixed").click()
        expect(seen.player.locator("figure")).to_have_count(3)
        assert seen.pictures()[:2] == [seeded[0], seeded[2]]
        assert seen.query() == {
            "sequence": ["tiny-test-0001"],
            "seed": ["1"],
            "models": ["learned"],
        }


def test_a_thumbnail_opens_its_sequence(visit):
    with visit() as seen:
        strip = seen.page.get_by_role("listbox", name="Test sequences")
        expect(strip.get_by_role("option", selected=True)).to_have_text("0000")
        strip.get_by_role("option", name="tiny-test-0002").click()
        expect(seen.player).to_have_attribute("data-sequence", "tiny-test-0002")
        seen.page.keyboard.press("ArrowRight")
        seen.page.keyboard.press("Enter")
        expect(seen.player).to_have_attribute("data-sequence", "tiny-test-0003")
        assert seen.query() == {"sequence": ["tiny-test-0003"]}


def test_a_link_opens_the_same_state(visit):
    query = "?sequence=tiny-test-0002&models=fixed&seed=41&samples=3&frame=7&horizon=28"
    with visit(query, motion="no-preference") as seen:
        assert seen.panes() == ["Ground truth", "Fixed prior"]
        assert seen.player.get_attribute("data-sequence") == "tiny-test-0002"
        assert seen.frame() == 7, "a link to a frame stands still"
        expect(seen.player.locator(".place")).to_have_text("Frame 7 / 29")
        expect(seen.player.locator(".sample")).to_have_count(3)
        expect(seen.page.get_by_role("spinbutton", name="Seed")).to_have_value("41")
        pictures = seen.pictures()
        address = seen.page.url
    with visit(f"?{urlparse(address).query}", motion="no-preference") as again:
        assert again.pictures() == pictures


def test_two_visitors_see_each_their_own(visit):
    with visit("?seed=1&models=fixed") as one, visit("?seed=2&models=learned") as other:
        one.show_frame(LAST_FRAME)
        other.show_frame(LAST_FRAME)
        first, second = one.pictures(), other.pictures()
        assert first[0] == second[0] and first[1] != second[1]
        other.page.get_by_role("button", name="New sample").click()
        other.wait_for_other(second)
        assert one.pictures() == first and one.panes()[1] == "Fixed prior"
        assert one.query()["seed"] == ["1"] and other.query()["seed"] == ["3"]


def test_nonsense_in_the_link_is_said(visit):
    with visit("?sequence=nowhere&seed=inf&models=none&samples=9999&frame=-1") as seen:
        assert seen.player.get_attribute("data-sequence") == "tiny-test-0000"
        assert len(seen.panes()) == 3
        for asked in ("nowhere", "inf", "none", "9999", "-1"):
            expect(seen.page.get_by_text(f"“{asked}”")).to_be_visible()


def test_keys_step_and_jump_with_panes_cursors_and_numbers(visit):
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


def test_scrubbing_draws_every_frame_and_tells_the_server_at_its_end(visit):
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
        assert not seen.messages
        slider.evaluate("s => s.dispatchEvent(new Event('change'))")
        expect(seen.page).to_have_url(re.compile("frame=9"))
        assert seen.frame() == 9


def test_dragging_over_the_chart_seeks(visit):
    with visit() as seen:
        chart = seen.player.locator(".chart")
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        seen.page.mouse.move(box["x"] + 60, box["y"] + 40)
        seen.page.mouse.down()
        assert seen.frame() == 0
        seen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
        assert seen.frame() in (5, 6)
        seen.page.mouse.up()


def test_the_last_pane_compares_in_the_browser_alone(visit):
    with visit("?samples=3&models=fixed") as seen:
        seen.show_frame(LAST_FRAME)
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
        seen.wait_for_pane(2, truth)
        seen.wait_for_pane(2, predicted)
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


def test_ssim_takes_the_place_of_psnr(visit):
    with visit("?frame=11") as seen:
        before = seen.numbers()
        seen.player.get_by_role("button", name="SSIM").click()
        expect(seen.player.locator(".chart")).to_have_attribute("aria-label", re.compile("^SSIM"))
        assert all(re.fullmatch(r"-?0\.\d{3}", number) for number in seen.numbers())
        expect(seen.page).to_have_url(re.compile("metric=ssim"))
        assert seen.frame() == 11
        seen.player.get_by_role("button", name="PSNR").click()
        assert seen.numbers() == before


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
        for key in ("r", "c", ".", " ", " "):
            seen.page.keyboard.press(key)
        expect(seen.page.get_by_role("dialog")).to_have_count(0)
        assert not seen.messages


def test_pressing_next_in_haste_leaves_the_page_whole(visit):
    with visit("?models=fixed") as seen:
        button = seen.page.get_by_role("button", name="Next", exact=True)
        for _ in range(9):
            button.click()
        expect(seen.page.get_by_test_id("stStatusWidget")).to_have_count(0)
        chosen = seen.page.get_by_role("combobox", name="Test sequence").input_value()
        expect(seen.player).to_have_attribute("data-sequence", chosen)
        expect(seen.page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 390), ("light", 2560)])
def test_fits_every_screen(visit, scheme, width):
    with visit("?samples=2", color_scheme=scheme) as seen:
        seen.page.set_viewport_size({"width": width, "height": 844})
        seen.show_frame(LAST_FRAME)
        seen.page.wait_for_timeout(300)
        for inside in ("html", "[data-testid=stMain]"):
            assert seen.page.locator(inside).evaluate("element => element.scrollWidth") <= width
        box = seen.player.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        panes = [figure.bounding_box() for figure in seen.player.locator("figure").all()]
        assert all(pane["width"] >= 140 for pane in panes)
        assert len({pane["y"] for pane in panes}) == (2 if width == 390 else 1)
        assert min(seen.spread()) > 20
