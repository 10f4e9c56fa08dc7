"""The player under a host that ends a mount late, and in a browser that fails to decode a sheet.

Streamlit imports a component's script anew for every mount, and ends a superseded one when its
import is done: that may be after the newer one has begun.
"""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from demo.appearance import looks
from demo.comparison import compare
from demo.components.frame_player import HERE, OWN, payload
from demo.components.frame_player.parts import SCRIPTS, STYLE, joined, with_parts
from demo.loading import Model, Setup, stamp_of_model
from tests.tiny_data import tiny_sequence

pytestmark = pytest.mark.browser

HOST = """async (script) => {
    const { default: begin } = await import(script);
    window.mount = (data) => begin({
        data, parentElement: document.body, setStateValue() {}, setTriggerValue() {} });
}"""


@pytest.fixture(scope="module")
def shown(tiny_checkpoints: Path) -> dict[str, dict]:
    """What the player is given of two sequences, by their names."""
    path = tiny_checkpoints / "fixed"
    model = Model("fixed", path, "fixed", 2, True, stamp_of_model(path))
    found = {}
    for number, name in enumerate(("one", "other")):
        sequence = replace(tiny_sequence(name, number, length=12), name=name)
        comparison = compare([model], looks([model]), sequence, Setup())
        found[name] = payload(comparison, 5, [], "psnr", browsing=False, alone=True)
    return found


@pytest.fixture
def page(context_of) -> Iterator[Page]:
    """A page that has the player's elements, and `mount(data)`, but no Streamlit."""
    page = context_of(reduced_motion="reduce").new_page()
    page.set_content(f"<style>{joined(STYLE)}</style>{with_parts(HERE / 'player.html')}")
    script = base64.b64encode(joined(*SCRIPTS, *OWN).encode()).decode()
    page.evaluate(HOST, f"data:text/javascript;base64,{script}")
    yield page
    page.close()


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
