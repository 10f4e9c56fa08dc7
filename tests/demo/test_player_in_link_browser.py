"""In a real browser: how the player is set is in the link, and a link sets it."""

import re
from urllib.parse import urlparse

import pytest
from playwright.sync_api import expect

from demo.components.frame_player.link import PANES, SPEEDS
from tests.demo.visit import PATIENCE, CompareVisit

pytestmark = pytest.mark.browser

BOTH = "models=fixed&models=learned&frame=11"


def values(seen: CompareVisit) -> list[str]:
    """What the player's selects and the wipe's slider say."""
    chosen = seen.player.locator("select.kind, select.model, select.speed, .wiper")
    return chosen.evaluate_all("all => all.map(one => one.value)")


def test_a_link_opens_the_player_as_it_was_set(visit):
    with visit(f"?{BOTH}") as seen:
        seen.messages.clear()
        seen.player.locator("select.kind").select_option("wipe")
        seen.player.get_by_label("Model of the last pane").select_option("Learned prior")
        seen.player.locator(".wiper").fill("20")
        speed = seen.player.get_by_role("combobox", name="Speed, frames per second", exact=True)
        speed.select_option("8")
        seen.player.get_by_label("Loop").uncheck()
        seen.player.get_by_role("checkbox", name="Actions").check()
        setting = "pane=wipe&pane_model=learned&wipe=20&fps=8&loop=false&actions=true"
        expect(seen.page).to_have_url(re.compile(setting))
        assert not seen.messages
        set_to, pictures, address = values(seen), seen.pictures(), seen.page.url
        assert sorted(set_to) == ["20", "8", "Learned prior", "wipe"]
    with visit(f"?{urlparse(address).query}") as again:
        assert values(again) == set_to and again.pictures() == pictures
        assert not again.player.get_by_label("Loop").is_checked()
        again.page.get_by_role("button", name="New sample").click()
        expect(again.page).to_have_url(re.compile("seed=1"))
        again.wait_for_other(pictures)
        assert values(again) == set_to, "other frames, looked at in the same way"
        expect(again.page).to_have_url(re.compile("wipe=20"))
        again.player.locator("select.kind").select_option("error")
        again.player.locator("select.model").select_option("Fixed prior")
        again.player.locator("select.speed").select_option("4")
        for name in ("Loop", "Actions"):
            again.player.get_by_role("checkbox", name=name).click()
        expect(again.page).not_to_have_url(re.compile("pane|wipe|fps|loop|actions"))


def test_the_wipes_edge_stays_whatever_else_is_chosen(visit):
    with visit(f"?{BOTH}&pane=wipe") as seen:
        wiper = seen.player.locator(".wiper")
        expect(wiper).to_have_value("32")
        picture = seen.player.locator(".extra .picture").bounding_box()
        x, y = picture["x"], picture["y"] + picture["height"] / 2
        seen.page.mouse.move(x + picture["width"] / 2, y)
        seen.page.mouse.down()
        seen.page.mouse.move(x + picture["width"] / 4, y)
        seen.page.mouse.up()
        expect(wiper).to_have_value("16")
        seen.player.focus()
        seen.page.keyboard.press("n")
        expect(seen.player).to_have_attribute("data-sequence", "tiny-test-0001")
        expect(wiper).to_have_value("16")
        pictures = seen.pictures()
        seen.page.keyboard.press("s")
        seen.wait_for_other(pictures)
        expect(wiper).to_have_value("16")
        seen.player.get_by_role("button", name="SSIM").click()
        expect(seen.player.locator(".metrics .waiting")).to_have_count(0)
        expect(wiper).to_have_value("16")


def test_what_a_link_asks_of_the_player_in_vain_is_told_and_left_out(visit):
    bad = {"pane": "x", "pane_model": "nobody", "wipe": "65", "fps": "7", "loop": "0"}
    with visit(f"?{BOTH}&" + "&".join(f"{key}={value}" for key, value in bad.items())) as seen:
        for key, value in bad.items():
            told = seen.page.get_by_text(f"The link asks for {key} “{value}”")
            expect(told).to_be_visible()
        assert sorted(values(seen)) == ["32", "4", "Fixed prior", "error"]
        assert seen.player.get_by_label("Loop").is_checked()
        expect(seen.page).not_to_have_url(re.compile("pane|wipe|fps|loop"))
    with visit(f"?{BOTH}&pane=spread") as seen:  # which one sample has none of
        expect(seen.page).not_to_have_url(re.compile("pane"))
        assert values(seen)[0] == "error"


def test_all_that_the_player_offers_can_stand_in_a_link(visit):
    with visit(f"?{BOTH}&samples=2") as seen:
        for select, known in (("kind", PANES), ("speed", SPEEDS)):
            options = seen.player.locator(f"select.{select} option")
            offered = options.evaluate_all("all => all.map(one => one.value)")
            assert offered == [str(value) for value in known]


def test_after_back_to_another_page_its_address_is_left_alone(visit_page):
    """The player looks again and again, also before the other page is drawn."""
    with visit_page("training") as seen:
        seen.page.add_init_script(
            """const { setInterval } = window;
            const looks = [];
            window.setInterval = (look, ...all) => (looks.push(look), setInterval(look, ...all));
            addEventListener("popstate", () => looks.forEach((look) => look()));"""
        )
        seen.page.reload()
        seen.page.get_by_role("link", name="Compare").first.click()
        player = seen.page.locator(".player")
        expect(player).to_have_attribute("data-sequence", re.compile("."), timeout=PATIENCE)
        expect(seen.page.get_by_text("Training: KL")).to_be_visible(timeout=PATIENCE)
        seen.wait_until_idle()
        player.locator("select.speed").select_option("8")
        expect(seen.page).to_have_url(re.compile("fps=8"))
        while not urlparse(seen.page.url).path.endswith("training"):
            seen.page.go_back()
        expect(seen.page).to_have_title(re.compile("^Training"))
        seen.wait_until_idle()
        assert "fps" not in seen.query()
