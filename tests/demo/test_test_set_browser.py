"""The page of the test set in a real browser: from a point to its frames, and measuring."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser, Page, expect

from cvae.commands import evaluate
from tests.demo.visit import PATIENCE
from tests.tiny_data import tiny_store

SEQUENCES = 200

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served_data(tmp_path_factory) -> Path:
    """Long enough to be stopped in the middle; it begins with the sequences of a tiny store."""
    return tiny_store(tmp_path_factory.mktemp("long") / "store", test=SEQUENCES)


@pytest.fixture(scope="module")
def served_models(tiny_checkpoints: Path, tmp_path_factory) -> Path:
    """Evaluated on four sequences, as a tiny store has them."""
    folder = tmp_path_factory.mktemp("evaluated")
    models = shutil.copytree(tiny_checkpoints, folder / "runs")
    evaluate.main(
        (models / "fixed", models / "learned"),
        data=tiny_store(folder / "store"),
        protocols=("given-states",),
        samples=1,
    )
    return models


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens the page, each time as another visitor."""
    contexts = []

    def open_page(query: str = "", **options) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 1800}, **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        # The first visit of a fresh server goes straight here: a link to any page has to work.
        page.goto(f"{address}/test_set{query}")
        expect(page.locator(".js-plotly-plot")).to_have_count(3, timeout=PATIENCE)
        return page

    yield open_page
    for context in contexts:
        context.close()


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def measure(page: Page) -> None:
    """Starts an evaluation of all sequences."""
    count = page.get_by_role("spinbutton", name="Sequences")
    count.fill(str(SEQUENCES))
    count.press("Tab")
    page.get_by_role("button", name="Measure", exact=True).click()


def test_a_click_on_a_point_opens_its_sequence_in_compare(open_page):
    page = open_page("?a=learned&b=fixed")
    point = page.locator(".scatterlayer .point").first.bounding_box()
    page.mouse.move(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2)
    named = page.locator(".hoverlayer").get_by_text(re.compile("tiny-test-"))
    expect(named).to_be_visible()
    sequence = re.search(r"tiny-test-\d{4}", named.text_content())[0]
    page.mouse.down()
    page.mouse.up()
    expect(page.locator(".player")).to_have_attribute("data-sequence", sequence, timeout=PATIENCE)
    assert urlparse(page.url).path.strip("/") == "", "Compare is the front page"


def test_the_choice_stands_in_the_url_and_comes_back_from_it(open_page):
    page = open_page()
    page.get_by_role("combobox", name="Metric").click()
    page.get_by_role("option", name="ssim").click()
    expect(page).to_have_url(re.compile("score=ssim"))
    again = open_page(f"?{urlparse(page.url).query}")
    expect(again.get_by_role("combobox", name="Metric")).to_have_value("ssim")


def test_an_evaluation_is_stopped_and_a_second_one_waits_its_turn(open_page):
    first, second = open_page(), open_page()
    measure(first)
    expect(first.get_by_text("Measuring fixed, learned")).to_be_visible(timeout=PATIENCE)
    measure(second)
    expect(second.get_by_text("Waiting for another evaluation")).to_be_visible(timeout=PATIENCE)
    second.get_by_role("button", name="Stop").click()
    expect(second.get_by_text(f"Stopped; measured on 0 of {SEQUENCES}")).to_be_visible()
    expect(first.get_by_text(re.compile(r": ([1-9]\d*) of 200 sequences"))).to_be_visible(
        timeout=PATIENCE
    )
    first.get_by_role("button", name="Stop").click()
    stopped = first.get_by_text(re.compile(r"Stopped; measured on ([1-9]\d*) of 200"))
    expect(stopped).to_be_visible(timeout=PATIENCE)
    expect(first.get_by_text("for this visit only")).to_be_visible()
    expect(second.get_by_text("for this visit only")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_a_phone(open_page, scheme):
    page = open_page(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(300)
    for inside in ("html", "[data-testid=stMain]"):
        assert page.locator(inside).evaluate("element => element.scrollWidth") <= 390
