"""A model that was measured during a visit, and is removed before the visit ends."""

import shutil
import time

import pytest
import streamlit as st


@pytest.fixture
def a_visit_of_its_own():
    """All pages of AppTest are one session, and what it measured is in a cache."""
    yield
    st.cache_resource.clear()


def test_its_numbers_stay_and_compare_leaves_it_out(
    open_view, store, tiny_checkpoints, tmp_path, a_visit_of_its_own
):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    page = open_view("test_set", store, models)
    page.number_input(key="sequences_to_measure").set_value(1)
    page.button(key="measure").click().run()
    while any(button.key == "stop_measuring" for button in page.button):
        time.sleep(0.3)
        page.run()
    shutil.rmtree(models / "fixed")
    page.run()
    assert not page.exception, page.exception
    assert "Fixed prior" in page.dataframe[0].value
    [*_, link] = [link.proto.query_string for link in page.get("page_link")]
    assert "models=learned" in link and "models=fixed" not in link
