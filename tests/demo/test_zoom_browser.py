"""In a real browser: the colours under the pointer, and the same region of all panes enlarged."""

import re

import pytest
from playwright.sync_api import Locator, expect

from cvae.data.bundle import open_test_sequences
from tests.demo.visit import CompareVisit

SIZE, CLOSER, FRAME = 64, 4, 11
PIXEL = 21, 45  # x, y

pytestmark = pytest.mark.browser


def point(seen: CompareVisit, pane: int, pixel: tuple[int, int] = PIXEL) -> None:
    """Move the pointer to where that pixel of that pane is when nothing is enlarged."""
    picture = seen.player.locator(".picture").nth(pane)
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    x, y = ((place + 0.5) / SIZE for place in pixel)
    seen.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])


def colours(readout: Locator) -> list[list[int]]:
    """Of the truth and of each model."""
    return [[int(level) for level in one.split()] for one in readout.locator("b").all_inner_texts()]


def colours_of(seen: CompareVisit, pixel: tuple[int, int]) -> list[list[int]]:
    """What the canvases of all panes but the last hold there."""
    return seen.player.locator("figure:not(.extra) canvas").evaluate_all(
        """(all, [x, y]) => all.map(canvas =>
            [...canvas.getContext("2d").getImageData(x, y, 1, 1).data].slice(0, 3))""",
        list(pixel),
    )


def region(seen: CompareVisit) -> list[float]:
    """Left, top, right and bottom of what all panes have on view, in pixels of the frame."""
    first, *others = seen.player.locator(".picture").evaluate_all(
        """(all, size) => all.map(picture => {
            const outer = picture.getBoundingClientRect();
            const inner = picture.querySelector("canvas").getBoundingClientRect();
            const [x, y] = [size / inner.width, size / inner.height];
            return [(outer.left - inner.left) * x, (outer.top - inner.top) * y,
                (outer.right - inner.left) * x, (outer.bottom - inner.top) * y];
        })""",
        SIZE,
    )
    for other in others:
        assert other == pytest.approx(first, abs=0.1)
    return first


def test_the_colours_under_the_pointer_are_those_of_the_frames(visit, store):
    with visit(f"?models=fixed&models=learned&frame={FRAME}") as seen:
        seen.wait_until_idle()  # nothing moves any more
        readout, truth = seen.player.locator(".pixel"), open_test_sequences(store)[0].frames
        expect(readout).to_contain_text("Point at a picture")
        for pane in range(4):
            pixel = PIXEL[0] + pane, PIXEL[1]
            point(seen, pane, pixel)
            expect(readout).to_contain_text(f"RGB at {pixel[0]}, {pixel[1]}")
            told = colours(readout)
            assert told[0] == truth[FRAME, pixel[1], pixel[0]].tolist()
            assert told == colours_of(seen, pixel) and len(told) == 3
            expect(seen.player.locator(".cross .over")).to_have_count(4)
        expect(readout).to_have_text(re.compile("Ground truth.*Fixed prior.*Learned prior"))
        seen.page.keyboard.press("ArrowLeft")
        assert colours(readout)[0] == truth[FRAME - 1, PIXEL[1], PIXEL[0] + 3].tolist()
        seen.player.locator(".chart").hover()
        expect(readout).to_contain_text("Point at a picture")
        expect(seen.player.locator(".cross .over")).to_have_count(0)


def test_all_panes_are_enlarged_where_the_pointer_is(visit):
    with visit(f"?models=fixed&models=learned&frame={FRAME}&pane=wipe") as seen:
        seen.wait_until_idle()  # nothing moves any more
        readout = seen.player.locator(".pixel")
        zoom = seen.player.get_by_role("button", name="Zoom")
        whole = pytest.approx([0, 0, SIZE, SIZE], abs=0.1)
        assert region(seen) == whole
        zoom.click()
        expect(zoom).to_have_attribute("aria-pressed", "true")
        for pane in (0, 2):
            point(seen, pane)
            left, top, right, bottom = region(seen)
            sides = [right - left, bottom - top]
            assert sides == pytest.approx([SIZE / CLOSER] * 2, abs=0.1)
            assert left <= PIXEL[0] < right and top <= PIXEL[1] < bottom
            expect(readout).to_contain_text(f"RGB at {PIXEL[0]}, {PIXEL[1]}")
            assert colours(readout) == colours_of(seen, PIXEL)
        seen.player.locator(".chart").hover()
        kept = pytest.approx([left, top, right, bottom], abs=0.1)
        assert region(seen) == kept, "to be stepped through"
        # The wipe's edge still comes with the pointer.
        point(seen, 3)
        seen.page.mouse.down()
        point(seen, 3, (12, 45))
        seen.page.mouse.up()
        assert seen.player.locator(".wiper").input_value() in ("12", "13")
        zoom.click()
        assert region(seen) == whole


def test_a_pixel_is_reached_by_keys(visit, store):
    with visit(f"?models=fixed&frame={FRAME}") as seen:
        seen.wait_until_idle()  # nothing moves any more
        readout, truth = seen.player.locator(".pixel"), open_test_sequences(store)[0].frames
        seen.player.focus()
        for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowLeft"):
            seen.page.keyboard.press(f"Shift+{key}")
        expect(readout).to_contain_text("RGB at 31, 34")
        assert colours(readout)[0] == truth[FRAME, 34, 31].tolist()
        assert seen.frame() == FRAME
        for _ in range(40):
            seen.page.keyboard.press("Shift+ArrowLeft")
        expect(readout).to_contain_text("RGB at 0, 34")


def test_a_tap_reads_a_pixel_and_a_finger_still_scrolls(visit):
    options = {"width": 390, "height": 844, "has_touch": True}
    with visit(f"?models=fixed&frame={FRAME}", **options) as seen:
        seen.wait_until_idle()  # nothing moves any more
        picture = seen.player.locator(".picture").first
        picture.tap()
        expect(seen.player.locator(".pixel")).to_contain_text("RGB at 3")
        seen.player.get_by_role("button", name="Zoom").tap()
        box = picture.bounding_box()
        picture.tap(position={"x": 0.9 * box["width"], "y": 0.5 * box["height"]})
        expect(picture.locator("canvas")).to_have_css("touch-action", "auto")
        expect(seen.player.locator(".pixel")).to_contain_text("RGB at 5")
