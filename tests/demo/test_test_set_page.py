"""The page of the test set without a browser: its numbers, its words, and measuring from it."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cvae.commands import evaluate
from cvae.data.bundle import write_bundle
from cvae.data.store import Store
from cvae.evaluation.scores import load_evaluations, load_scores
from cvae.evaluation.storage import store as store_scores
from cvae.model.weights import WEIGHTS, weights_checksum
from demo import score_origin
from demo.scores import Quantity
from tests.demo.shown import OpenPage, said

SAMPLES = 2
PSNR = Quantity("psnr", "given-states", "one sample")


@pytest.fixture(scope="module")
def evaluated(store: Path, tiny_checkpoints: Path, tmp_path_factory) -> Path:
    """The tiny checkpoints, measured on the test split by two protocols."""
    models = shutil.copytree(tiny_checkpoints, tmp_path_factory.mktemp("evaluated") / "runs")
    evaluate.main(
        (models / "fixed", models / "learned"),
        data=store,
        protocols=("given-states", "rolled-out-states"),
        samples=SAMPLES,
    )
    return models


@pytest.fixture
def a_visit_of_its_own() -> Iterator[None]:
    """All pages of AppTest are one session, and what it measured is in a cache."""
    yield
    st.cache_resource.clear()


@pytest.fixture
def open_page(open_view, store: Path, evaluated: Path) -> OpenPage:
    return lambda data=store, models=evaluated, **query: open_view(
        "test_set", data, models, **query
    )


def rows(page: AppTest) -> pd.DataFrame:
    return page.dataframe[0].value


def fill_lpips(model: Path, about: float) -> None:
    """Put `about` for lpips wherever `model` was measured, as if AlexNet had been at hand."""
    for evaluation in load_evaluations(model).values():
        scores = load_scores(model)
        scores = scores[scores.protocol == evaluation.protocol.name].assign(lpips=about)
        store_scores(model, weights_checksum(model), evaluation, scores)


def measure(page: AppTest, count: int, samples: int) -> AppTest:
    """Starts an evaluation and waits for its end."""
    page.number_input(key="sequences_to_measure").set_value(count)
    page.number_input(key="samples_to_measure").set_value(samples)
    page.button(key="measure").click().run()
    while any(button.key == "stop_measuring" for button in page.button):
        time.sleep(0.3)
        page.run()
    assert not page.exception, page.exception
    return page


def test_stored_scores_are_shown_at_once_a_row_a_sequence(open_page, evaluated):
    shown = rows(open_page())
    scores = load_scores(evaluated / "learned")
    chosen = scores[(scores.protocol == PSNR.protocol) & (scores.variant == PSNR.variant)]
    expected = chosen.groupby("sequence")["psnr"].mean()
    assert len(expected) == 4
    np.testing.assert_allclose(shown["Learned prior"], expected[shown.index])
    np.testing.assert_allclose(shown["A − B"], shown["Fixed prior"] - shown["Learned prior"])
    assert shown["A − B"].is_monotonic_decreasing


def test_metric_prediction_protocol_and_models_come_from_the_link(open_page, evaluated):
    page = open_page(
        score="ssim", variant="best of N", protocol="rolled-out-states", a="learned", b="copy last"
    )
    scores = load_scores(evaluated / "learned")
    scores = scores[(scores.protocol == "rolled-out-states")]
    best, copied = (
        scores[scores.variant == variant].groupby("sequence")["ssim"].mean()
        for variant in ("best of N", "copy last")
    )
    shown = rows(page)
    np.testing.assert_allclose(shown["A − B"], (best - copied)[shown.index])
    assert "rolled-out-states" in said(page)
    assert f"{SAMPLES} samples" in said(page)


def test_where_lower_is_better_the_lower_one_wins(open_page, evaluated, tmp_path):
    models = shutil.copytree(evaluated, tmp_path / "runs")
    fill_lpips(models / "fixed", 0.1)
    fill_lpips(models / "learned", 0.2)
    page = open_page(models=models, score="lpips")
    assert "Fixed prior is 0.100 ± 0.000 better than Learned prior; it wins on 4 of 4" in said(page)
    assert rows(page)["A − B"].is_monotonic_increasing
    linked = [link.proto.label for link in page.get("page_link")]
    assert any("Fixed prior ahead" in label for label in linked)
    assert not any("Learned prior ahead" in label for label in linked), "it is so nowhere"


def test_only_metrics_that_have_numbers_are_offered(open_page, evaluated, tmp_path):
    assert "lpips" not in open_page().selectbox(key="score").options
    models = shutil.copytree(evaluated, tmp_path / "runs")
    fill_lpips(models / "learned", 0.2)
    assert "lpips" in open_page(models=models).selectbox(key="score").options


def test_a_link_that_asks_in_vain_is_told(open_page):
    page = open_page(score="beauty", a="![x](http://a.test/b.png)")
    assert "beauty" in said(page) and "a.test" in said(page)
    assert list(rows(page)["Fixed prior"]) == list(rows(open_page())["Fixed prior"])


def test_sequences_that_are_not_at_hand_have_no_link(open_page, store, tmp_path):
    write_bundle(Store.open(store).split("test"), 2, tmp_path / "bundle")
    page = open_page(data=tmp_path / "bundle")
    shown = rows(page)["In Compare"]
    assert sorted(shown) == ["not at hand", "not at hand", "yes", "yes"]
    linked = {link.proto.query_string for link in page.get("page_link")}
    assert linked
    for name, at_hand in shown.items():
        assert at_hand == "yes" or not any(name in link for link in linked)
    labels = [link.proto.label for link in page.get("page_link")]
    assert sum("Hardest at hand" in label for label in labels) == 1
    assert sum("Easiest at hand" in label for label in labels) == 1
    assert "hollow ones are not at hand. Start the app with `-- --data STORE`" in said(page)


def test_where_all_are_at_hand_the_hardest_is_called_so(open_page):
    page = open_page()
    labels = [link.proto.label for link in page.get("page_link")]
    assert sum(label.startswith("Hardest") for label in labels) == 1
    assert not any("at hand" in label for label in labels)
    assert "Click a point to see it in Compare." in said(page)
    assert "hollow" not in said(page) and "--data STORE" not in said(page)


def test_records_without_weights_have_nothing_to_click(open_page, evaluated, tmp_path):
    models = shutil.copytree(evaluated, tmp_path / "runs")
    for name in ("fixed", "learned"):
        (models / name / WEIGHTS).unlink()
    words = said(open_page(models=models))
    assert "Compare can show none of them: the weights of neither model are here" in words


def test_a_link_to_compare_asks_for_what_was_measured(open_page):
    page = open_page(variant="best of N", protocol="rolled-out-states", score="ssim")
    queries = [link.proto.query_string for link in page.get("page_link")]
    assert len(queries) >= 3, "one ahead at least, the hardest, the easiest"
    for query in queries:
        assert "models=fixed&models=learned" in query and f"samples={SAMPLES}" in query
        assert "states=rolled+out" in query and "metric=ssim" in query


def test_without_evaluations_the_command_is_told(open_page, tiny_checkpoints):
    page = open_page(models=tiny_checkpoints)
    told = " ".join(code.value for code in page.code)
    assert "python -m cvae evaluate" in told
    assert str(tiny_checkpoints / "fixed") in told and str(tiny_checkpoints / "learned") in told


def test_a_damaged_evaluation_leaves_the_other(open_page, evaluated, tmp_path):
    models = shutil.copytree(evaluated, tmp_path / "runs")
    file = models / "fixed" / "evaluation.csv.xz"
    file.write_bytes(file.read_bytes()[:-20])
    page = open_page(models=models, a="learned", b="copy last")
    assert "evaluation.csv.xz" in said(page)
    assert len(rows(page)) == 4


def test_what_is_measured_here_is_what_is_stored_but_kept_apart(open_page, a_visit_of_its_own):
    page = open_page()
    stored = rows(page)
    measure(page, count=3, samples=SAMPLES)
    assert "measured here on 3 sequences" in said(page), said(page)
    here = rows(page)
    assert len(here) == 3
    for column in ("Fixed prior", "Learned prior", "Copy last frame"):
        np.testing.assert_allclose(here[column], stored.loc[here.index, column], atol=0.02)
    page.segmented_control(key="numbers").set_value("stored").run()
    assert "measured here on" not in said(page)
    pd.testing.assert_frame_equal(rows(page), stored)


def test_the_form_keeps_what_was_chosen_in_it(open_page, a_visit_of_its_own):
    page = open_page()
    page.multiselect(key="to_measure").set_value(["learned"])
    page.selectbox(key="protocol_to_measure").select("rolled-out-states")
    measure(page, count=3, samples=SAMPLES)
    form = page.multiselect(key="to_measure"), page.selectbox(key="protocol_to_measure")
    assert [field.value for field in form] == [["learned"], "rolled-out-states"]
    numbers = (page.number_input(key=f"{what}_to_measure") for what in ("sequences", "samples"))
    assert [field.value for field in numbers] == [3, SAMPLES]


def test_stored_scores_are_read_and_averaged_once(open_page, evaluated, tmp_path, monkeypatch):
    models = shutil.copytree(evaluated, tmp_path / "runs")
    for number in range(34):  # one after the other, as many as were kept at once, and two
        record = models / f"record-{number:02d}"
        record.mkdir()
        for file in (models / "fixed").iterdir():
            if file.is_file() and file.name != WEIGHTS:
                shutil.copy(file, record)
    page = open_page(models=models)
    monkeypatch.setattr(score_origin, "sequence_scores", None)  # whoever asks for it fails
    page.selectbox(key="score").select("ssim").run()
    page.selectbox(key="variant").select("best of N").run()
    assert not page.exception and "Fixed prior" in rows(page)


def test_what_cannot_be_measured_is_told(open_page, store, tmp_path):
    data = shutil.copytree(store, tmp_path / "store")
    page = open_page(data=data)
    frames = data / "test" / "frames.npy"
    frames.write_bytes(frames.read_bytes()[:5000])
    (data / "manifest.json").touch()
    page.run()
    assert "frames.npy" in said(page)
    assert len(rows(page)) == 4, "stored numbers need no data"
