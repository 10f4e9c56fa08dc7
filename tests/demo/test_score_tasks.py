"""Whose scores stand beside whose: only of models that were measured alike, on what is at hand."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cvae.data.bundle import write_bundle
from cvae.data.store import Store
from cvae.evaluation.protocol import GIVEN_STATES
from cvae.evaluation.rows import BEST, ONE_SAMPLE, PRIOR_MEAN
from cvae.evaluation.task import Task
from demo import score_origin
from demo.loading import find_data, find_models
from demo.ranking import stored_rankings
from demo.score_origin import load_stored
from demo.score_tasks import at_hand, copied_psnr, otherwise
from tests.demo.shown import OpenPage, said, warnings
from tests.demo.written_scores import write_scores

NAMES = [f"tiny-test-{number:04d}" for number in range(4)]
BETTER = dict(zip(NAMES, (24.0, 25.0, 26.2, 27.0), strict=True))
WORSE = dict(zip(NAMES, (20.0, 21.0, 22.0, 23.0), strict=True))
TASK = Task("given-states", 20, 2, "data/sim", "a1", "test", 256, 256)


@pytest.fixture
def runs(tiny_checkpoints: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_checkpoints, tmp_path / "runs")


@pytest.fixture
def open_page(open_view, store: Path, runs: Path) -> OpenPage:
    return lambda data=store, **query: open_view("test_set", data, runs, **query)


def write(runs: Path, **about: str | int) -> None:
    """Scores of both models, the second one's measured otherwise by `about`."""
    write_scores(runs / "fixed", GIVEN_STATES, BETTER, copied=18)
    write_scores(runs / "learned", GIVEN_STATES, WORSE, copied=12, **about)


def test_tasks_differ_in_what_makes_numbers_incomparable():
    assert not otherwise(TASK, TASK, BEST)
    moved = replace(TASK, data="elsewhere/sim")
    assert not otherwise(TASK, moved, BEST), "the same contents in another folder"
    other = replace(TASK, data_checksum="b2")
    assert otherwise(TASK, other, ONE_SAMPLE) == "on different data (both data/sim)"
    other = replace(other, data="data/new", n_past=1)
    told = "on different data (data/sim and data/new), trained with 2 given frames and with 1"
    assert otherwise(TASK, other, PRIOR_MEAN) == told
    first = replace(TASK, sequences=16)
    assert otherwise(TASK, first, ONE_SAMPLE) == "on 256 sequences and on 16"
    five = replace(TASK, samples=5)
    assert otherwise(TASK, five, BEST) == "the best of 20 samples, and of 5"
    assert not otherwise(TASK, five, ONE_SAMPLE), "a mean does not grow with their number"


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"data_checksum": "d"}, "on different data"),
        ({"n_past": 1}, "trained with 2 given frames and with 1"),
        ({"sequences": 3}, "on 4 sequences and on 3"),
    ],
)
def test_models_that_were_not_measured_alike_have_no_verdict(open_page, runs, about, told):
    write(runs, **about)
    page = open_page(a="fixed", b="learned")
    assert told in warnings(page), said(page)
    assert "better than" not in said(page) and not page.get("plotly_chart")
    assert "evaluate" in page.code[0].value
    page = open_page()
    assert page.selectbox(key="b").value == "copy last", (
        "the first choice is one that has a verdict"
    )
    assert "Fixed prior is 7.55 ± 1.29 dB better than Copy last frame" in said(page)
    assert "Left out, as they were not measured alike: Learned prior" in said(page)
    assert "Learned prior" not in page.dataframe[0].value


def test_copying_is_that_of_the_data_of_the_model_beside_it(open_page, runs):
    write(runs, data_checksum="d")
    words = said(open_page(a="copy last", b="learned"))
    assert "Learned prior is 9.50 ± 1.27 dB better than Copy last frame" in words


def test_the_best_of_more_samples_is_not_compared(open_page, runs):
    write(runs, samples=5)
    page = open_page(a="fixed", b="learned", variant="best of N")
    assert "the best of 1 samples, and of 5" in warnings(page)
    assert "better than" not in said(page)
    page = open_page(a="fixed", b="learned", variant="one sample")
    assert "Fixed prior is 4.05 ± 0.10 dB better than Learned prior" in said(page)
    words = "fixed: store, all 4 test sequences, 1 sample of each; learned: store, all 4 test"
    assert words in said(page), "how each was measured"


def test_sequences_of_the_same_names_in_other_data_are_not_shown(open_page, runs, store, tmp_path):
    write_scores(runs / "fixed", GIVEN_STATES, BETTER, 18, data_checksum=checksum(store))
    page = open_page(b="copy last")
    assert set(page.dataframe[0].value["In Compare"]) == {"yes"} and page.get("page_link")
    # The checksum is not that of a bundle, and what was measured is further from a copy than it.
    write_bundle(Store.open(store).split("test"), 4, tmp_path / "bundle")
    page = open_page(tmp_path / "bundle", b="copy last")
    assert set(page.dataframe[0].value["In Compare"]) == {"not at hand"}
    assert not page.get("page_link")
    assert "sequences of these names, but they are others" in said(page)


def test_a_bundle_is_recognised_by_what_is_in_it(runs, store, tmp_path):
    write_bundle(Store.open(store).split("test"), 2, tmp_path / "bundle")
    bundle = find_data(tmp_path / "bundle")
    copied = copied_psnr(find_data(store), tuple(NAMES), "given-states")
    assert len(copied) == 4
    measured = {name: 20.0 for name in NAMES}
    write_scores(runs / "fixed", GIVEN_STATES, measured, copied=copied[NAMES[0]])
    models = [model for model in find_models(runs)[0] if model.path.parent == runs]
    [origin, *_] = load_stored(models)
    assert not at_hand(bundle, origin, "given-states", "fixed"), "one fits, the other does not"
    for scores in origin.scores["fixed"].values():
        scores["psnr"] = scores.index.map(copied).to_numpy().round(2)
    assert at_hand(bundle, origin, "given-states", "fixed")
    score_origin.read_stored.clear()  # its scores were changed above


def test_sequences_are_ordered_by_a_lead_over_models_measured_alike_alone(runs):
    write(runs, data_checksum="d")
    models = [model for model in find_models(runs)[0] if model.path.parent == runs]
    assert [one.model for one in stored_rankings(models, NAMES)] == ["fixed"]
    write(runs)
    assert [one.model for one in stored_rankings(models, NAMES)] == ["fixed", "learned"]


def checksum(store: Path) -> str:
    return Store.open(store).split("test").checksum
