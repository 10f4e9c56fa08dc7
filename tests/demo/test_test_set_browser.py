"""The page of the test set in a real browser: from a point to its frames, and measuring."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Page, expect

from cvae.commands import evaluate
from tests.demo.server import running_app
from tests.demo.visit import PAPER, PATIENCE, Visit
from tests.tiny_data import tiny_store

SEQUENCES, SAMPLES = 256, 20  # so many that an evaluation is stopped in the middle
KEEP_SOCKETS = """
    window.sockets = [];
    window.WebSocket = class extends WebSocket {
        constructor(...all) {
            super(...all);
            sockets.push(this);
        }
    };
"""
# How Streamlit and the browser complain of what a closed connection could not take.
UNSENT = re.compile("disconnected from|already in CLOSING or CLOSED state")
ROW = 35  # pixels from a row of a table to the next

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tiny_checkpoints: Path, tmp_path_factory) -> Iterator[str]:
    """Where the app shows many sequences, and models measured on four, as a tiny store has them."""
    folder = tmp_path_factory.mktemp("evaluated")
    models = shutil.copytree(tiny_checkpoints, folder / "runs")
    evaluate.main(
        (models / "fixed", models / "learned"),
        data=tiny_store(folder / "store"),
        protocols=("given-states",),
        samples=1,
    )
    many = tiny_store(folder / "many", test=SEQUENCES)
    with running_app(["--data", str(many), "--runs", str(models)], folder) as app:
        yield app.address


@pytest.fixture
def visit_test_set(visit_page) -> Callable[..., Visit]:
    """Opens the page; the first visit of a fresh server: a link to any page has to work."""

    def visit_test_set(query: str = "", height: int = 1800, **options) -> Visit:
        seen = visit_page(f"test_set{query}", height=height, **options)
        expect(seen.page.locator(".js-plotly-plot")).to_have_count(4, timeout=PATIENCE)
        seen.wait_until_idle()  # or what is still drawn would close lists, and move points
        return seen

    return visit_test_set


def measure(page: Page) -> None:
    """Starts an evaluation of all sequences."""
    for name, number in (("Sequences", SEQUENCES), ("Samples", SAMPLES)):
        field = page.get_by_role("spinbutton", name=name)
        field.fill(str(number))
        field.press("Tab")
    page.get_by_role("button", name="Measure", exact=True).click()


def stop(page: Page) -> None:
    """Streamlit has a button of that name, too, while it works."""
    page.locator(".st-key-stop_measuring").get_by_role("button", name="Stop").click()


def test_a_click_on_a_point_opens_its_sequence_in_compare(visit_test_set):
    with visit_test_set("?a=learned&b=fixed") as seen:
        page = seen.page
        point = page.locator(".scatterlayer .point").first.bounding_box()
        page.mouse.move(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2)
        named = page.locator(".hoverlayer").get_by_text(re.compile("tiny-test-"))
        expect(named).to_be_visible()
        sequence = re.search(r"tiny-test-\d{4}", named.text_content())[0]
        page.mouse.down()
        page.mouse.up()
        player = page.locator(".player")
        expect(player).to_have_attribute("data-sequence", sequence, timeout=PATIENCE)
        assert urlparse(page.url).path.strip("/") == "", "Compare is the front page"


def test_a_selected_row_opens_its_own_sequence(visit_test_set):
    with visit_test_set() as seen:
        page = seen.page
        table = page.get_by_test_id("stDataFrame")
        table.scroll_into_view_if_needed()
        cells = page.locator("[data-testid^=glide-cell-1-]")
        expect(cells).to_have_count(4)  # as many as were measured
        names = cells.all_text_contents()
        assert names != sorted(names), "the test needs another order"
        row = next(k for k, name in enumerate(sorted(names)) if name != names[k])
        table.click(position={"x": 18, "y": ROW * (1.5 + row)})  # its box, below the head
        page.get_by_role("link", name=f"Open {names[row]} in Compare").click()
        player = page.locator(".player")
        expect(player).to_have_attribute("data-sequence", names[row], timeout=PATIENCE)


def test_the_choice_stands_in_the_url_and_comes_back_from_it(visit_test_set):
    with visit_test_set() as seen:
        seen.choose(seen.page.get_by_role("combobox", name="Metric"), "ssim")
        expect(seen.page).to_have_url(re.compile("score=ssim"))
        address = seen.page.url
    with visit_test_set(f"?{urlparse(address).query}") as again:
        expect(again.page.get_by_role("combobox", name="Metric")).to_have_value("ssim")


def test_an_evaluation_is_stopped_and_a_second_one_waits_its_turn(visit_test_set):
    with visit_test_set() as one, visit_test_set(color_scheme="dark") as other:
        first, second = one.page, other.page
        measure(first)
        expect(first.get_by_text("Measuring fixed, learned")).to_be_visible(timeout=PATIENCE)
        measure(second)
        waiting = second.get_by_text("Waiting for another evaluation")
        expect(waiting).to_be_visible(timeout=PATIENCE)
        stop(second)
        expect(second.get_by_text(f"Stopped; measured on 0 of {SEQUENCES}")).to_be_visible()
        some = rf"([1-9]\d*) of {SEQUENCES}"
        under_way = first.get_by_text(re.compile(f": {some} sequences"))
        expect(under_way).to_be_visible(timeout=PATIENCE)
        stop(first)
        stopped = first.get_by_text(re.compile(f"Stopped; measured on {some}"))
        expect(stopped).to_be_visible(timeout=PATIENCE)
        expect(first.get_by_text("for this visit only")).to_be_visible()
        expect(second.get_by_text("for this visit only")).to_have_count(0)


def test_a_lost_connection_that_comes_back_loses_no_evaluation(visit_test_set):
    with visit_test_set() as seen:
        seen.page.add_init_script(KEEP_SOCKETS)
        seen.page.reload()
        expect(seen.page.locator(".js-plotly-plot")).to_have_count(4, timeout=PATIENCE)
        seen.wait_until_idle()
        measure(seen.page)
        some = re.compile(rf": [1-9]\d* of {SEQUENCES} sequences")
        expect(seen.page.get_by_text(some)).to_be_visible(timeout=PATIENCE)
        sockets = seen.page.evaluate("sockets.length")
        seen.page.evaluate("sockets.at(-1).close()")
        seen.page.wait_for_function("before => sockets.length > before", arg=sockets)
        expect(seen.page.get_by_text(some)).to_be_visible(timeout=PATIENCE)
        stop(seen.page)
        stopped = re.compile(rf"Stopped; measured on [1-9]\d* of {SEQUENCES}")
        expect(seen.page.get_by_text(stopped)).to_be_visible(timeout=PATIENCE)
        seen.complaints[:] = [said for said in seen.complaints if not UNSENT.search(said)]


def test_fits_a_phone_by_day_and_by_night(visit_test_set):
    with visit_test_set(width=390, height=844) as seen:
        for scheme in PAPER:
            seen.turn(scheme)
            seen.wait_until_it_fits(390)
