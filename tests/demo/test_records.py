"""Runs without weights: they show what they were, and nobody asks them for a prediction."""

import shutil
from pathlib import Path

import pytest

from cvae.commands import evaluate
from demo.curves import QUANTITIES
from demo.loading import find_models
from demo.score_choice import ScoreChoice, compare_query
from demo.scores import Quantity
from tests.demo.compare.page import names
from tests.demo.shown import OpenPage, errors
from tests.demo.training.page import charts
from tests.demo.training.page import names as curves


@pytest.fixture(scope="module")
def runs(store: Path, tiny_checkpoints: Path, tmp_path_factory) -> Path:
    """The two tiny models, measured, and a record of the fixed one."""
    root = shutil.copytree(tiny_checkpoints, tmp_path_factory.mktemp("records") / "runs")
    shutil.copytree(root / "fixed", root / "collapsed")
    everything = [root / name for name in ("fixed", "learned", "collapsed")]
    evaluate.main(tuple(everything), data=store, protocols=("given-states",), samples=1)
    (root / "collapsed" / "model.safetensors").unlink()
    return root


@pytest.fixture
def open_page(open_view, runs: Path, store: Path) -> OpenPage:
    return lambda view, models=runs, **query: open_view(view, store, models, **query).run()


def test_a_record_has_curves_where_it_is_asked_for(open_page) -> None:
    at_first = charts(open_page("training"))
    shown = charts(open_page("training", runs=["fixed", "collapsed"]))
    assert list(at_first) == list(shown) == list(QUANTITIES)
    for figure in at_first.values():
        assert "Fixed prior" in curves(figure) and "Collapsed latent" not in curves(figure)
    for figure in shown.values():
        assert {"Fixed prior", "Collapsed latent"} <= set(curves(figure))


def test_a_record_has_scores(open_page) -> None:
    page = open_page("test_set", a="collapsed", b="learned")
    assert page.selectbox(key="a").value == "collapsed"
    assert {"Learned prior", "A − B"} < set(page.dataframe[0].value.columns)


def test_a_link_to_compare_leaves_a_record_out(runs) -> None:
    choice = ScoreChoice(Quantity("psnr", "given-states", "one sample"), "collapsed", "learned")
    able = [model for model in find_models(runs)[0] if model.predicts]
    assert compare_query(choice, 1, able)["models"] == ["learned"]


def test_a_record_is_not_offered_where_something_is_predicted(open_page) -> None:
    page = open_page("compare")
    assert page.multiselect(key="models").options == ["fixed", "learned"]
    assert names(page) == ["Fixed prior", "Learned prior"]
    assert "collapsed" not in errors(page)


def test_records_alone_predict_nothing_and_that_is_said(open_page, runs, tmp_path) -> None:
    alone = tmp_path / "alone"
    shutil.copytree(runs / "collapsed", alone / "collapsed")
    assert "No model here has its weights" in errors(open_page("compare", models=alone))
