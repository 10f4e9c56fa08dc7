"""Charts and curves that are taken along, in a real browser; and links that Streamlit binds."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from demo.curves import QUANTITIES
from tests.demo.visit import PATIENCE

pytestmark = pytest.mark.browser


def test_a_chart_and_the_curves_are_taken_along(visit_page, tmp_path: Path):
    with visit_page("training") as seen:
        charts = seen.page.locator(".js-plotly-plot")
        expect(charts).to_have_count(len(QUANTITIES), timeout=PATIENCE)
        charts.first.hover()
        [button] = charts.first.locator(".modebar-btn").all()
        with seen.page.expect_download() as taken:
            button.click()
        assert taken.value.suggested_filename == "training_curve_kl.svg"
        taken.value.save_as(tmp_path / "kl.svg")
        assert (tmp_path / "kl.svg").read_text().startswith("<svg")
        with seen.page.expect_download() as taken:
            seen.page.get_by_role("button", name="Curves as CSV").click()
        assert taken.value.suggested_filename == "training-curves.csv"
        taken.value.save_as(tmp_path / "curves.csv")
        assert (tmp_path / "curves.csv").read_text().startswith("model,run,epoch,")


def test_the_example_comes_back_when_its_page_is_loaded_again(visit_page):
    with visit_page("own_data", reduced_motion="reduce") as seen:
        player = seen.page.locator(".player")
        seen.page.get_by_text("Show the example").click(timeout=PATIENCE)
        expect(player).to_have_attribute("data-sequence", "example", timeout=PATIENCE)
        expect(seen.page).to_have_url(re.compile(r"[?&]example=true"))
        seen.page.reload()
        expect(player).to_have_attribute("data-sequence", "example", timeout=PATIENCE)
        seen.wait_until_idle()
        seen.page.go_back()
        expect(player).to_have_count(0)
