"""The arm under the hand in a real browser: keys, pad, a click in the picture, and back."""

import re

import pytest
from playwright.sync_api import Locator, expect

from demo.commands import MOST
from tests.demo.visit import PATIENCE, Visit

BESIDE, FIXED = range(2)
RIGHT, WAIT = "0_500_0_0x2", "0_0_0_0x2"

pytestmark = pytest.mark.browser


def wheel_of(seen: Visit, frames: int = 3) -> Locator:
    """The wheel, once so many frames are there and the last one is on view."""
    wheel = seen.page.locator(".wheel")
    expect(wheel).to_have_attribute("data-frames", str(frames), timeout=PATIENCE)
    expect(wheel).to_have_attribute("data-frame", str(frames - 1))
    return wheel


def pictures(wheel: Locator) -> list[str]:
    """What each pane shows, as data URLs."""
    return wheel.locator("canvas").evaluate_all("all => all.map(c => c.toDataURL())")


def told(seen: Visit) -> str:
    return seen.query().get("told", [""])[0]


def test_keys_and_pad_move_the_arm_and_the_link(visit_page):
    with visit_page("steer") as seen:
        wheel = wheel_of(seen)
        first = pictures(wheel)
        assert len(set(first)) == 3, "the frame after the given ones"
        wheel.focus()
        seen.page.keyboard.press("ArrowRight")
        wheel_of(seen, 5)
        assert told(seen) == RIGHT
        second = pictures(wheel)
        assert len(set(second)) == 3 and not set(first) & set(second)
        wheel.get_by_role("button", name="Wait").click()
        wheel_of(seen, 7)
        assert told(seen) == f"{RIGHT}.{WAIT}"
        wheel.get_by_role("checkbox", name="Gripper closed").check()
        wheel.get_by_role("slider", name="Size of a command").fill("2.5")
        wheel.get_by_role("button", name="Near and left").click()
        wheel_of(seen, 9)
        assert told(seen) == f"{RIGHT}.{WAIT}.250_-250_1_0x2"


def test_a_click_in_a_models_picture_sends_the_arm_there(visit_page):
    with visit_page("steer") as seen:
        wheel = wheel_of(seen)
        pane = wheel.locator("canvas").nth(FIXED)
        box = pane.bounding_box()
        pane.click(position={"x": box["width"] * 0.95, "y": box["height"] * 0.5})
        wheel_of(seen, 5)
        sent = told(seen)
        _, dy, close, lift = map(int, sent.removesuffix("x2").split("_"))
        assert dy > 300 and (close, lift) == (0, 0)
        wheel.locator("canvas").nth(BESIDE).click()
        wheel.press("ArrowRight")
        wheel_of(seen, 7)
        assert told(seen) == f"{sent}.{RIGHT}", "what stands beside sends it nowhere"


def test_commands_are_taken_back_and_given_again_from_an_earlier_frame(visit_page):
    with visit_page("steer", reduced_motion="reduce") as seen:
        wheel = wheel_of(seen)
        wheel.focus()
        seen.page.keyboard.press("ArrowRight")
        wheel_of(seen, 5)
        after_two = pictures(wheel)
        seen.page.keyboard.press("ArrowUp")
        wheel_of(seen, 7)
        seen.page.keyboard.press("u")
        wheel_of(seen, 5)
        assert pictures(wheel) == after_two
        seen.page.keyboard.press("ArrowDown")
        wheel_of(seen, 7)
        seen.messages.clear()
        for _ in range(2):
            seen.page.keyboard.press(",")
        expect(wheel).to_have_attribute("data-frame", "4")
        assert pictures(wheel) == after_two and not seen.messages
        seen.page.keyboard.press("ArrowLeft")
        expect(seen.page).to_have_url(re.compile(r"told=0_500_0_0x2\.0_-500_0_0x2$"))
        wheel_of(seen, 7)
        wheel.get_by_role("button", name="Start over").click()
        wheel_of(seen, 3)
        assert not told(seen)
        expect(wheel.get_by_role("button", name="Undo")).to_be_disabled()


def test_sliders_are_moved_by_the_keyboard(visit_page):
    with visit_page("steer?told=0_500_0_0x2") as seen:
        wheel = wheel_of(seen, 5)
        last = pictures(wheel)
        seek = wheel.get_by_role("slider", name="Frame")
        for key, frame in (("Home", 0), ("ArrowRight", 1), ("End", 4), ("ArrowLeft", 3)):
            seek.press(key)
            expect(wheel).to_have_attribute("data-frame", str(frame))
            assert seek.input_value() == str(frame)
        assert pictures(wheel) != last
        size = wheel.get_by_role("slider", name="Size of a command")
        size.press("ArrowRight")
        assert size.input_value() == "5.1"
        expect(wheel.locator(".reach output")).to_have_text("5.1 cm")
        size.press("Home")
        expect(wheel.locator(".reach output")).to_have_text("1.0 cm")
        assert told(seen) == "0_500_0_0x2", "no arm was told anything"
        size.press("w")  # which a slider has no use for
        expect(seen.page).not_to_have_url(re.compile("told=0_500_0_0x2$"))


def test_back_takes_the_last_command_back(visit_page):
    with visit_page("steer") as seen:
        wheel_of(seen).focus()
        for frames in (5, 7):
            seen.page.keyboard.press("ArrowRight")
            wheel_of(seen, frames)
        for frames in (5, 3):
            seen.page.go_back()
            wheel_of(seen, frames)


def test_commands_that_come_faster_than_their_frames_are_all_followed(visit_page):
    with visit_page("steer") as seen:
        wheel = wheel_of(seen)
        wheel.focus()
        for key in ("ArrowRight", "ArrowRight", "w", "ArrowRight", "u", "w"):
            seen.page.keyboard.press(key)
        wheel_of(seen, 11)
        expect(seen.page).to_have_url(re.compile(rf"told={RIGHT[:-1]}4\.{WAIT[:-1]}4$"))


def test_what_was_just_told_is_taken_back_before_its_frames_are_there(visit_page):
    with visit_page("steer") as seen:
        wheel_of(seen).focus()
        for key in ("ArrowRight", "u", "w"):
            seen.page.keyboard.press(key)
        expect(seen.page).to_have_url(re.compile(f"told={WAIT}$"))
        wheel_of(seen, 5)


def test_a_key_that_is_held_goes_on(visit_page):
    with visit_page("steer") as seen:
        wheel = wheel_of(seen)
        wheel.focus()
        for _ in range(2400):  # a browser sends keys that are held again and again
            seen.page.keyboard.down("ArrowRight")
            if int(wheel.get_attribute("data-frames")) >= 7:
                break
            seen.page.wait_for_timeout(50)
        seen.page.keyboard.up("ArrowRight")
        expect(wheel).to_have_attribute("data-frames", re.compile("[79]|..+"))
        assert re.fullmatch(r"0_500_0_0x\d+", told(seen))


def test_a_button_that_is_held_goes_on_until_it_is_let_go(visit_page):
    with visit_page("steer") as seen:
        wheel = wheel_of(seen)
        wheel.get_by_role("button", name="Right", exact=True).hover()
        seen.page.mouse.down()
        expect(wheel).not_to_have_attribute("data-frames", "3")
        seen.page.mouse.move(0, 0)  # as if the page had moved
        frames = int(wheel.get_attribute("data-frames"))
        if frames < 3 + MOST:
            expect(wheel).not_to_have_attribute("data-frames", str(frames))
        seen.page.mouse.up()
        expect(wheel).to_have_attribute("aria-busy", "false")  # the last answer is there
        held = int(wheel.get_attribute("data-frames")) - 3
        assert told(seen) == f"0_500_0_0x{held}"
        wheel.press("w")
        if held < MOST:
            wheel_of(seen, 3 + held + 2)
            assert told(seen) == f"0_500_0_0x{held}.{WAIT}", "it was let go before"


def test_a_button_is_pressed_by_a_key(visit_page):
    with visit_page("steer") as seen:
        wheel = wheel_of(seen)
        wheel.get_by_role("button", name="Near", exact=True).press("Enter")
        wheel_of(seen, 5)
        assert told(seen) == "500_0_0_0x2"


def test_the_recorded_commands_are_a_ride_and_a_reload_keeps_it(visit_page):
    with visit_page("steer") as seen:
        wheel = wheel_of(seen)
        wheel.get_by_role("button", name="As recorded").click()
        expect(wheel).not_to_have_attribute("data-frames", "3", timeout=PATIENCE)
        frames = int(wheel.get_attribute("data-frames"))
        wheel_of(seen, frames)
        shown = pictures(wheel)
        seen.page.reload()
        again = wheel_of(seen, frames)
        assert pictures(again) == shown
        again.focus()
        seen.page.keyboard.press("Home")
        seen.page.keyboard.press(" ")
        expect(again).to_have_attribute("data-frame", str(frames - 1))
        assert pictures(again) == shown


def test_a_download_is_the_ride(visit_page):
    with visit_page("steer?told=0_500_0_0x2&steered=fixed") as seen:
        wheel_of(seen, 5)
        with seen.page.expect_download() as got:
            seen.page.get_by_role("button", name="Commands as CSV").click()
        lines = got.value.path().read_text().splitlines()
        assert lines[2:] == ["0.0,0.05,0.0,0.0", "0.0,0.05,0.0,0.0", "0.0,0.0,0.0,0.0"]
