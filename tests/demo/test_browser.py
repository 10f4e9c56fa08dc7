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
        expect(seen.page).to_have_url(re.compile(f"frame={LAST_FRAME}"))
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
            "frame": [str(LAST_FRAME)],
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
    one_at, other_at = "?seed=1&models=fixed", "?seed=2&models=learned"
    with visit(one_at) as one, visit(other_at, color_scheme="dark") as other:
        one.show_frame(LAST_FRAME)
        other.show_frame(LAST_FRAME)
        first, second = one.pictures(), other.pictures()
        assert first[0] == second[0] and first[1] != second[1]
        other.page.get_by_role("button", name="New sample").click()
        other.wait_for_other(second)
        assert one.pictures() == first and one.panes()[1] == "Fixed prior"
        assert one.query()["seed"] == ["1"] and other.query()["seed"] == ["3"]


def test_pressing_next_in_haste_leaves_the_page_whole(visit):
    with visit("?models=fixed") as seen:
        button = seen.page.get_by_role("button", name="Next", exact=True)
        for _ in range(9):
            button.click()
        choice = seen.page.get_by_role("combobox", name="Test sequence")
        for _ in range(600):  # the last presses may still be on their way
            seen.wait_until_idle()
            if seen.player.get_attribute("data-sequence") == choice.input_value():
                break
        else:
            raise AssertionError("the player shows another sequence than the list says")
        expect(seen.page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 390), ("light", 2560)])
def test_fits_every_screen(visit, scheme, width):
    with visit("?samples=2", width=width, height=844, color_scheme=scheme) as seen:
        seen.show_frame(LAST_FRAME)
        expect(seen.page.locator(".js-plotly-plot")).to_have_count(2)
        seen.wait_until_it_fits(width)
        box = seen.player.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        panes = seen.player.locator("figure").evaluate_all(
            "all => all.map((figure) => figure.getBoundingClientRect().toJSON())"
        )
        assert all(pane["width"] >= 140 for pane in panes)
        assert len({pane["y"] for pane in panes}) == (2 if width == 390 else 1)
        assert min(seen.spread()) > 20
