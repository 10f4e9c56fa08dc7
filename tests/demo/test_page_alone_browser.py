"""The player as one HTML file, in a real browser without a server or a network."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from demo.appearance import looks
from demo.comparison import Comparison, compare
from demo.export_files import Export
from demo.loading import Model, Setup, stamp_of_model
from tests.tiny_data import tiny_sequence

pytestmark = pytest.mark.browser

NAME = "</script><!-- data --> & <b>mine</b>"  # printable, as a name of a user's file may be


@pytest.fixture(scope="module")
def comparison(tiny_checkpoints: Path) -> Comparison:
    path = tiny_checkpoints / "learned"
    model = Model("learned", path, "learned", 2, True, stamp_of_model(path))
    sequence = replace(tiny_sequence("x", 9, length=12), name=NAME)
    return compare([model], looks([model]), sequence, Setup(seed=4, samples=2))


@pytest.fixture(scope="module")
def page(context_of, comparison, tmp_path_factory) -> Iterator[Page]:
    file = tmp_path_factory.mktemp("alone") / "page.html"
    file.write_bytes(Export(comparison, [1], "simulated", Path("data")).page())
    context = context_of(reduced_motion="reduce", color_scheme="dark")
    context.set_offline(True)
    page, complaints, asked = context.new_page(), [], []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    expect(page.locator(".player")).to_have_attribute("data-sequence", NAME)
    yield page
    assert not complaints
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [file.as_uri()]


def colour_in_the_middle(canvas: Locator) -> list[int]:
    return canvas.evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(32, 32, 1, 1).data].slice(0, 3)"
    )


def test_it_shows_the_frames_steps_and_measures_without_a_server(page, comparison):
    player, [model] = page.locator(".player"), comparison.imagined
    expect(page.get_by_role("heading")).to_have_text(f"{NAME}: Learned prior")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(player.locator(".place")).to_have_text("Frame 5 / 11")
    truth, imagined = player.locator(".panes canvas").nth(0), player.locator(".panes canvas").nth(1)
    assert colour_in_the_middle(truth) == comparison.truth.frames[5, 32, 32].tolist()
    assert colour_in_the_middle(imagined) == model.frames[1, 5, 32, 32].tolist()
    for button, metric, digits in (("PSNR", "psnr", 2), ("SSIM", "ssim", 3), ("Tip", "tip", 2)):
        player.get_by_role("button", name=button, exact=True).click()
        value = model.measured[metric][1, 5 - model.given]
        said = player.locator(".legend b").first
        expect(said).to_contain_text("out of view" if np.isnan(value) else f"{value:.{digits}f}")
    player.locator(".sample").first.click()
    assert colour_in_the_middle(imagined) == model.frames[0, 5, 32, 32].tolist()


def test_it_reads_the_pixel_that_is_pointed_at(page, comparison):
    page.locator(".player").press("End")
    page.locator(".sample").first.click()
    page.locator(".panes .picture").first.hover(position={"x": 50, "y": 90})
    read = page.locator(".pixel")
    x, y = map(int, re.findall(r"RGB at (\d+), (\d+)", read.inner_text())[0])
    frames = comparison.truth.frames[-1, y, x], comparison.imagined[0].frames[0, -1, y, x]
    told = [" ".join(map(str, levels)) for levels in frames]
    assert read.locator("b").all_inner_texts() == told
    page.get_by_role("button", name="Zoom").click()
    expect(page.locator(".panes")).to_have_attribute("style", re.compile("--closer: 4"))


def test_it_offers_nothing_that_only_a_server_can_do(page):
    hint = page.locator(".hint")
    expect(hint).to_contain_text("space plays")
    for key in ("draws a new sample", "go to the next"):
        expect(hint.get_by_text(key)).to_be_hidden()
    page.locator(".player").focus()
    page.keyboard.press("s")  # which the fixture would hear complain
    page.keyboard.press("n")


def test_it_wears_the_readers_theme_and_says_how_it_was_made(page):
    background = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert background == "rgb(17, 22, 28)"  # of demo/.streamlit/config.toml
    told = page.locator("details pre")
    expect(told).to_be_hidden()
    page.get_by_text("How this was made").click()
    expect(told).to_be_visible()
    expect(told).to_contain_text("python -m cvae predict")
