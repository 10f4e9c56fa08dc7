"""The page How it works: its words and figures, and the latent to walk."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cvae.data.bundle import open_test_sequences
from cvae.evaluation.protocol import GIVEN_STATES
from cvae.evaluation.rows import BEST
from cvae.evaluation.scores import load_scores
from cvae.inference.latent import beliefs
from cvae.inference.predictor import Predictor
from cvae.training.schedules import kl_weight
from demo.latent_walk import SIGMAS
from demo.schedule_figure import EPOCHS, REPORT, Knobs, forcing, weights
from demo.settings import BUNDLED_MODELS, BUNDLED_SEQUENCES
from tests.demo.shown import OpenPage, component, said, sheet, warnings


@pytest.fixture
def open_page(open_view, store: Path, tiny_checkpoints: Path) -> OpenPage:
    return lambda data=store, models=tiny_checkpoints, **query: open_view(
        "how_it_works", data, models, **query
    )


def walked(page: AppTest) -> dict:
    """What the latent walk was given to show."""
    return component(page, "latent_walk")


def test_walks_the_most_active_dimension_and_shows_the_truth(open_page, store, tiny_checkpoints):
    page = open_page()
    data = walked(page)
    sequence = open_test_sequences(store)[0]
    held = beliefs(Predictor.load(tiny_checkpoints / "fixed", "cpu"), sequence)
    assert data["latent"] == f"z{held.by_activity()[0]}"
    assert data["values"] == SIGMAS and data["values"].count(0) == 1
    *walk, truth = sheet(data)
    assert len(walk) == len(SIGMAS)
    np.testing.assert_array_equal(truth, sequence.frames[2:12])
    assert (walk[0] != walk[-1]).any()
    assert [len(json.loads(c.proto.spec)["data"]) for c in page.get("plotly_chart")] == [2, 2, 2, 4]


def test_another_model_sequence_and_dimension_change_the_walk_and_the_link(open_page):
    page = open_page()
    first = walked(page)
    page.selectbox(key="rank").select(2).run()
    second = walked(page)
    assert second["latent"] != first["latent"] and second["sheet"] != first["sheet"]
    assert page.query_params["rank"] == "2"
    page.selectbox(key="model").select("learned").run()
    page.selectbox(key="sequence").select("tiny-test-0002").run()
    other = walked(page)
    assert other["name"].startswith("tiny-test-0002 learned")
    again = open_page(model="learned", sequence="tiny-test-0002", rank="2")
    assert walked(again) == other


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"model": "no-such"}, "there is no such model here, but: fixed, learned"),
        ({"sequence": "![x](y)"}, "there is no such sequence here, but: tiny-test-0000"),
        ({"rank": "9" * 500}, ""),
        ({"ratio": "1e400"}, "ratio “1e400”: give a number from 0.025 to 2. Shown: 0.125."),
        ({"start": "2"}, "start “2”: give a number from 0 to 1. Shown: 0.25."),
        ({"bound": "-1"}, "bound “-1”: give a number from 0 to 1. Shown: 0."),
        ({"cycles": "9"}, "cycles “9”: give a whole number from 1 to 8. Shown: 1."),
        ({"beta": "7"}, "beta “7”: there is no such β here, but: 1e-7, 2e-7"),
        ({"ratio": "x", "model": "y"}, "ratio “x”: give a number from 0.025 to 2. Shown: 0.125."),
    ],
)
def test_nonsense_in_the_link_leaves_the_page_as_it_is_without_one(open_page, query, told):
    page = open_page(**query)
    found = warnings(page)
    assert told in found if told else not found
    assert len(page.warning) == (len(query) if told else 0), "each is told once"
    assert walked(page)["name"].startswith("tiny-test-0000 fixed")
    assert page.selectbox(key="rank").value == 1
    assert page.slider(key="ratio").value == 0.125
    assert not set(query) & set(page.query_params), "the next link is without it"


def test_without_models_or_data_the_explanation_stays(open_page, tmp_path):
    for page in (open_page(models=tmp_path / "none"), open_page(data=tmp_path / "none")):
        assert str(tmp_path) in said(page)
        assert "Two slips in the report" in said(page)
        assert len(page.get("plotly_chart")) == 2, "the schedules need neither"


def test_leads_to_both_priors_where_no_actions_are_told(open_page):
    def query(page: AppTest) -> dict[str, list[str]]:
        written = "".join(one.value for one in page.markdown)
        [link] = re.findall(r"no actions are told\]\(\./\?(.+?)\)", written)
        return parse_qs(link)

    [sequence] = query(open_page(BUNDLED_SEQUENCES))["sequence"]
    asked = query(open_page())
    assert "sequence" not in asked, "of other data any will do"
    best = {}
    for model in asked["models"]:
        scores = load_scores(BUNDLED_MODELS / model)
        scores = scores[(scores.protocol == GIVEN_STATES.name) & (scores.variant == BEST)]
        best[model] = scores.groupby("sequence").psnr.mean()
    apart = best["learned-without-actions"] - best["fixed-without-actions"]
    assert apart[[*open_test_sequences(BUNDLED_SEQUENCES).names]].idxmax() == sequence


def test_the_bound_subtracts_the_kl(open_page):
    text = said(open_page())
    assert "Q(Zmid X,C)" in text.replace("$", "")
    assert "- mathrm{KL}" in text.replace("&", "").replace("underbrace{", "")


def test_schedules_are_those_of_training():
    knobs = Knobs(kl_cycles=3, kl_anneal_ratio=0.5, tfr_start_decay=0.5, tfr_lower_bound=0.2)
    assert weights(knobs)[70] == kl_weight(70, EPOCHS, 1.0, 3, 0.5)
    assert weights(knobs)[100] == 0 and max(weights(knobs)) == 1
    assert forcing(knobs)[150] == 1 and forcing(knobs)[-1] == pytest.approx(0.2, abs=0.01)
    assert max(weights(REPORT)) == pytest.approx(0.5, abs=0.01)


def test_knobs_redraw_and_are_in_the_link(open_page):
    page = open_page(cycles="4", beta="1.0")
    assert page.slider(key="cycles").value == 4
    assert "= 78 brightness ranges" in said(page)
    before = page.get("plotly_chart")[0].proto.spec
    page.slider(key="ratio").set_value(1.0).run()
    assert page.get("plotly_chart")[0].proto.spec != before
