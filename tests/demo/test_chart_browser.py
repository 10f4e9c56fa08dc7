"""The chart of the player in a real browser: seeking in it, and what it shows."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_dragging_over_the_chart_seeks(visit):
    with visit("?frame=11") as seen:
        chart = seen.player.locator(".chart")
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        seen.page.mouse.move(box["x"] + 60, box["y"] + 40)
        seen.page.mouse.down()
        assert seen.frame() == 0
        seen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
        assert seen.frame() in (5, 6)
        seen.page.mouse.up()


def test_a_finger_that_scrolls_the_page_over_the_chart_seeks_nothing(visit):
    with visit("?frame=11") as seen:
        chart = seen.player.locator(".chart")
        box = chart.bounding_box()
        middle = {"clientX": box["x"] + box["width"] / 2, "clientY": box["y"] + 20, "bubbles": True}
        finger = middle | {"pointerType": "touch", "pointerId": 7, "buttons": 1}
        chart.dispatch_event("pointerdown", finger)
        chart.dispatch_event("pointercancel", finger)
        chart.dispatch_event("pointermove", finger)
        assert seen.frame() == 11
        chart.dispatch_event("pointerdown", finger)
        chart.dispatch_event("pointerup", finger | {"buttons": 0})
        assert seen.frame() in (5, 6)


def test_ssim_takes_the_place_of_psnr(visit):
    with visit("?frame=11") as seen:
        before = seen.numbers()
        seen.player.get_by_role("button", name="SSIM").click()
        expect(seen.player.locator(".chart")).to_have_attribute("aria-label", re.compile("^SSIM"))
        assert all(re.fullmatch(r"-?0\.\d{3}", number) for number in seen.numbers())
        expect(seen.page).to_have_url(re.compile("metric=ssim"))
        assert seen.frame() == 11
        seen.player.get_by_role("button", name="PSNR", exact=True).click()
        assert seen.numbers() == before


def test_a_metric_that_is_chosen_again_right_after_back_is_shown(visit):
    with visit("?frame=11") as seen:
        button, chart = (
            seen.player.get_by_role("button", name="SSIM"),
            seen.player.locator(".chart"),
        )
        button.click()
        expect(chart).to_have_attribute("aria-label", re.compile("^SSIM"))
        expect(seen.page).to_have_url(re.compile("metric=ssim"))
        for _ in range(3):
            # In the very moment in which the player has gone back.
            button.evaluate(
                """(button) => new Promise((done) => {
                    const look = () => button.getAttribute("aria-pressed") === "true"
                        ? requestAnimationFrame(look) : done(button.click());
                    history.back();
                    look();
                })"""
            )
            expect(chart).to_have_attribute("aria-label", re.compile("^SSIM"))
            expect(seen.page).to_have_url(re.compile("metric=ssim"))
            expect(button).not_to_have_class(re.compile("waiting"))


def test_back_before_the_server_has_heard_of_a_metric(visit):
    with visit("?frame=11") as seen:
        button, chart = (
            seen.player.get_by_role("button", name="SSIM"),
            seen.player.locator(".chart"),
        )
        seen.page.evaluate("history.pushState({}, '', location.href)")
        button.evaluate("button => { button.click(); history.back(); }")
        seen.wait_until_idle()
        pressed = seen.player.locator(".metrics [aria-pressed=true]")
        for _ in range(600):  # the server may still be at work
            linked = seen.query().get("metric", ["psnr"])[0]
            shown = chart.get_attribute("aria-label").lower()
            if pressed.get_attribute("value") == linked and shown.startswith(linked):
                break
            seen.page.wait_for_timeout(100)
        else:
            raise AssertionError(f"{shown} is shown under a link to {linked}")
        expect(seen.player.locator(".metrics .waiting")).to_have_count(0)


def test_back_takes_the_metric_along_and_it_can_be_chosen_again(visit):
    with visit("?frame=11") as seen:
        button = seen.player.get_by_role("button", name="SSIM")
        chart = seen.player.locator(".chart")
        for _ in range(2):
            button.click()
            expect(chart).to_have_attribute("aria-label", re.compile("^SSIM"))
            expect(seen.page).to_have_url(re.compile("metric=ssim"))
            seen.page.go_back()
            expect(button).to_have_attribute("aria-pressed", "false")
            expect(chart).to_have_attribute("aria-label", re.compile("^PSNR"))
