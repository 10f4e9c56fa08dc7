"""The app's pages: each file of demo/views is one."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.demo.shown import said
from tests.demo.visit import PATIENCE

DEMO = Path(__file__).parents[2] / "demo"
NAMES = {  # of the pages, by their addresses
    "": "Compare",
    "steer": "Steer",
    "test_set": "Test set",
    "training": "Training",
    "how_it_works": "How it works",
    "own_data": "Own data",
}


def test_every_view_is_a_page_of_the_app(open_view, store, tiny_checkpoints):
    views = sorted((DEMO / "views").glob("*.py"))
    titles = {open_view(view.stem, store, tiny_checkpoints).title[0].value for view in views}
    assert len(titles) == len(views), "what is no page shows the first one"


def test_compare_says_of_no_model_how_many_frames_it_is_given(open_view, store, tiny_checkpoints):
    words = said(open_view("compare", store, tiny_checkpoints))
    assert "is given the first frames" in words and "two frames" not in words


@pytest.mark.browser
def test_every_page_has_a_name_of_its_own_in_the_browser(visit_page, address):
    with visit_page("") as seen:
        for path, name in NAMES.items():
            seen.page.goto(f"{address}/{path}")
            expect(seen.page).to_have_title(f"{name} · Robot pushing", timeout=PATIENCE)
            seen.wait_until_idle()  # or what is still fetched would complain of being left
        seen.page.get_by_role("link", name="Training").first.click()
        expect(seen.page).to_have_title("Training · Robot pushing", timeout=PATIENCE)
