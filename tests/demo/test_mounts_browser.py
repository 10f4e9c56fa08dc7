"""The player under a host that does what Streamlit does only now and then.

It imports a component's script anew for every mount, and ends a superseded one when its import is
done: that may be after the newer one has begun. A run that is ended before it has begun takes what
it was told along; one that comes to the same data as the last sends nothing.
"""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.appearance import looks
from demo.comparison import compare
from demo.components.frame_player import HERE, OWN, payload
from demo.components.frame_player.parts import SCRIPTS, STYLE, joined, with_parts
from demo.loading import Model, Setup, stamp_of_model
from tests.tiny_data import tiny_sequence

pytestmark = pytest.mark.browser

VIEWPORT = {"width": 1440, "height": 900}

HOST = """async (script) => {
    const { default: begin } = await import(script);
    window.told = [];
    window.mount = (data) => begin({
        data, parentElement: document.body, setStateValue() {},
        setTriggerValue: (name, what) => told.push([name, what]) });
}"""


@pytest.fixture(scope="module")
def shown(tiny_checkpoints: Path) -> dict[str, dict]:
    """What the player is given of two sequences, by their names."""
    path = tiny_checkpoints / "fixed"
    model = Model("fixed", path, "fixed", 2, True, stamp_of_model(path))
    found = {}
    for number, name in enumerate(("one", "other")):
        sequence = replace(tiny_sequence(name, number, length=12), name=name)
        comparison = compare([model], looks([model]), sequence, Setup(samples=3))
        found[name] = payload(comparison, 5, [], "psnr", browsing=False, alone=True)
    return found


def mount(page: Page, data: dict, **besides: object) -> None:
    page.evaluate("data => void mount(data)", data | besides)
    expect(page.locator(".player")).to_have_attribute("data-sequence", data["sequence"])


def told(page: Page, name: str) -> list:
    """What the server was told in the name `name`."""
    return [what for called, what in page.evaluate("told") if called == name]


def pressed(page: Page) -> str:
    """The metric whose button is pressed."""
    return page.locator(".metrics [aria-pressed=true]").get_attribute("value")


def sample(page: Page) -> str:
    return page.locator(".said").nth(1).inner_text()


@pytest.fixture
def page(context_of) -> Iterator[Page]:
    """A page that has the player's elements, and `mount(data)`, but no Streamlit."""
    page = context_of(reduced_motion="reduce").new_page()
    be_host(page)
    yield page
    page.close()


@pytest.fixture
def page_without_time(browser: Browser) -> Iterator[Page]:
    """The same, where no time passes but what `clock.run_for` lets pass."""
    with browser.new_context(viewport=VIEWPORT, reduced_motion="reduce") as context:
        page = context.new_page()
        page.clock.install(time=0)
        page.clock.pause_at(3600)
        be_host(page)
        yield page


def be_host(page: Page) -> None:
    page.set_content(f"<style>{joined(STYLE)}</style>{with_parts(HERE / 'player.html')}")
    script = base64.b64encode(joined(*SCRIPTS, *OWN).encode()).decode()
    page.evaluate(HOST, f"data:text/javascript;base64,{script}")


def test_a_mount_that_is_ended_late_takes_nothing_from_the_newer_one(page, shown):
    page.evaluate(
        """([one, other]) => {
            const end = mount(one);
            window.end = mount(other);
            end();
        }""",
        [shown["one"], shown["other"]],
    )
    player = page.locator(".player")
    expect(player).to_have_attribute("data-sequence", "other")
    page.keyboard.press("ArrowRight")  # no click into the player
    expect(player).to_have_attribute("data-frame", "6")
    page.evaluate("end()")
    page.keyboard.press("ArrowRight")
    assert player.get_attribute("data-frame") == "6", "the last one is ended by its own"


def test_a_sheet_that_could_not_be_decoded_is_tried_again(page, shown):
    failed = page.evaluate(
        """async (data) => {
            const { decode } = HTMLImageElement.prototype;
            HTMLImageElement.prototype.decode = () => Promise.reject(new Error("no memory"));
            const failed = new Promise((known) =>
                addEventListener("unhandledrejection", ({ reason }) => known(reason.message)));
            mount(data);
            const told = await failed;
            HTMLImageElement.prototype.decode = decode;
            mount(data);
            return told;
        }""",
        shown["one"],
    )
    assert failed == "no memory"
    expect(page.locator(".player")).to_have_attribute("data-sequence", "one")


def test_what_was_chosen_stays_until_the_server_has_heard_of_it(page, shown):
    one = shown["one"]
    mount(page, one)
    page.get_by_role("button", name="SSIM").click()
    page.locator(".sample").nth(2).click()
    assert [set(asked) - {"id"} for asked in told(page, "asked")] == [
        {"metric"},
        {"metric", "picked"},
    ], "the last one says all"
    asked = told(page, "asked")[-1]
    assert (asked["metric"], asked["picked"]) == ("ssim", [2])
    mount(page, one, heard=told(page, "asked")[0]["id"])
    assert (pressed(page), sample(page)) == ("ssim", "predicted, sample 3")
    mount(page, one, heard=asked["id"], metric="ssim", picked=[2], linked=[2])
    mount(page, one, heard=asked["id"], picked=[1], linked=[1])  # another link was gone to
    assert (pressed(page), sample(page)) == ("psnr", "predicted, sample 2")


def test_back_returns_to_what_was_sent_last_where_nothing_is_sent_anew(page, shown):
    mount(page, shown["one"])
    page.get_by_role("button", name="SSIM").click()
    page.locator(".sample").nth(2).click()
    page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    assert (pressed(page), sample(page)) == ("psnr", "predicted, sample 1")


def test_the_server_is_reminded_while_it_does_nothing_until_it_has_heard(page_without_time, shown):
    page = page_without_time
    mount(page, shown["one"])
    page.get_by_role("button", name="SSIM").click()
    page.clock.run_for(1000)
    assert len(told(page, "asked")) == 1, "it is at work"
    page.evaluate("document.body.dataset.testScriptState = 'notRunning'")
    page.clock.run_for(2000)
    first, again = told(page, "asked")
    assert first == again
    mount(page, shown["one"], heard=first["id"], metric="ssim")
    page.clock.run_for(100_000)
    assert len(told(page, "asked")) == 2


def test_what_another_wish_undid_is_asked_for_once_more_and_then_given_up(page, shown):
    one = shown["one"]
    mount(page, one)
    page.locator(".sample").nth(2).click()
    mount(page, one, heard=told(page, "asked")[-1]["id"])  # the link is as it was before
    assert sample(page) == "predicted, sample 3"
    assert [asked["picked"] for asked in told(page, "asked")] == [[2], [2]]
    mount(page, one, heard=told(page, "asked")[-1]["id"])
    assert sample(page) == "predicted, sample 1"
    assert len(told(page, "asked")) == 2


def test_wishes_are_told_one_at_a_time(page_without_time, shown):
    page = page_without_time
    mount(page, shown["one"])
    for key in "nsp":
        page.keyboard.press(key)
    page.locator(".player").focus()
    for key in "nsp":
        page.keyboard.press(key)
    assert told(page, "wish") == ["next"]
    mount(page, shown["other"])
    assert told(page, "wish") == ["next", "sample"]
    page.clock.run_for(3000)  # nothing came of it: one sample is as good as another
    assert told(page, "wish") == ["next", "sample", "previous"]


def test_of_a_sheet_that_is_being_decoded_the_last_word_counts(page, shown):
    one = shown["one"]
    page.evaluate("(both) => both.forEach(mount)", [one, one | {"picked": [1], "linked": [1]}])
    expect(page.locator(".player")).to_have_attribute("data-sequence", "one")
    assert sample(page) == "predicted, sample 2"
