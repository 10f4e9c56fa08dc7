"""How near models come frame by frame: the figure over the whole test set, and its file."""

import io
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from cvae.commands import evaluate
from cvae.evaluation.protocol import ROLLED_OUT_STATES
from cvae.evaluation.scores import Curve, load_scores
from demo.appearance import COPY_LAST, looks
from demo.loading import Model
from demo.score_steps import steps_csv, steps_figure, steps_in_words
from demo.score_view import ScoreView
from demo.scores import Quantity
from tests.demo.shown import OpenPage

FRAMES = list(ROLLED_OUT_STATES.future)
CHOSEN = {"protocol": "rolled-out-states", "variant": "best of N", "score": "ssim"}


@pytest.fixture(scope="module")
def evaluated(store: Path, tiny_checkpoints: Path, tmp_path_factory) -> Path:
    """The tiny checkpoints, measured on the test split."""
    models = shutil.copytree(tiny_checkpoints, tmp_path_factory.mktemp("evaluated") / "runs")
    paths = (models / "fixed", models / "learned")
    evaluate.main(paths, data=store, protocols=("rolled-out-states",), samples=2)
    return models


@pytest.fixture
def open_page(open_view, store: Path, evaluated: Path) -> OpenPage:
    return lambda **query: open_view("test_set", store, evaluated, **query)


def lines(page) -> dict[str, dict]:
    """What is drawn in the figure of every frame, by name; a band has none."""
    figures = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    [figure] = [one for one in figures if one["layout"]["xaxis"]["title"]["text"] == "Frame"]
    return {line.get("name", f"band {k}"): line for k, line in enumerate(figure["data"])}


def by_frame(model: Path, variant: str) -> pd.DataFrame:
    """Mean of ssim over sequences and its interval, at each frame."""
    rows = load_scores(model)
    values = rows[(rows.variant == variant) & (rows.protocol == ROLLED_OUT_STATES.name)]
    found = values.groupby("frame")["ssim"].agg(["mean", "std", "count"])
    return found.assign(half=1.96 * found["std"] / np.sqrt(found["count"]))


def test_each_model_is_drawn_with_the_band_of_its_interval(open_page, evaluated):
    drawn = lines(open_page(a="learned", b="fixed", **CHOSEN))
    assert [name for name in drawn if "band" not in name] == [
        "Learned prior",
        "Fixed prior",
        "Copy last frame",
    ]
    expected = by_frame(evaluated / "learned", "best of N")
    assert drawn["Learned prior"]["x"] == FRAMES
    np.testing.assert_allclose(drawn["Learned prior"]["y"], expected["mean"], atol=1e-4)
    upper, lower = np.split(np.array(drawn["band 0"]["y"]), 2)
    np.testing.assert_allclose(upper, expected["mean"] + expected["half"], atol=1e-4)
    np.testing.assert_allclose(lower[::-1], expected["mean"] - expected["half"], atol=1e-4)
    copied = by_frame(evaluated / "fixed", "copy last")
    np.testing.assert_allclose(drawn["Copy last frame"]["y"], copied["mean"], atol=1e-4)
    assert len(drawn) == 5, "copying is a line without a band"
    assert (
        drawn["Fixed prior"]["line"] | {"color": "#0072B2", "dash": "solid"}
        == (drawn["Fixed prior"]["line"])
    )


def test_copying_is_drawn_once_where_it_is_what_a_model_is_compared_with(open_page):
    drawn = lines(open_page(a="copy last", b="fixed", **CHOSEN))
    assert [name for name in drawn if "band" not in name] == ["Fixed prior", "Copy last frame"]


@pytest.fixture
def a_visit_of_its_own() -> Iterator[None]:
    """All pages of AppTest are one session, and what it measured is in a cache."""
    yield
    st.cache_resource.clear()


def test_what_is_measured_here_has_curves_too(open_page, a_visit_of_its_own):
    page = open_page()
    page.number_input(key="sequences_to_measure").set_value(2)
    page.button(key="measure").click().run()
    while any(button.key == "stop_measuring" for button in page.button):
        time.sleep(0.3)
        page.run()
    assert page.segmented_control(key="numbers").value == "measured here"
    drawn = lines(page)
    assert drawn["Fixed prior"]["x"] == FRAMES
    shown = page.dataframe[0].value["Fixed prior"]
    assert np.mean(drawn["Fixed prior"]["y"]) == pytest.approx(shown.mean(), abs=1e-4)


def view(**curves: Curve) -> ScoreView:
    models = [Model(name, Path(name), "fixed", 2, True, ()) for name in ("a", "b")]
    quantity = Quantity("psnr_moved", "rolled-out-states", "one sample")
    look = {**looks(models), "copy last": COPY_LAST}
    named = {name.replace("_", " "): curve for name, curve in curves.items()}
    return ScoreView(pd.DataFrame(), quantity, "a", "b", look, {}, None, "", named)


def test_frames_without_a_number_have_none():
    gap = [None, 20.0, *[21.0] * 8], [None, None, *[0.5] * 8]
    shown = view(a=Curve(*gap), copy_last=Curve([10.0] * 10, [1.0] * 10))
    band, line, copied = steps_figure(shown).data
    assert copied.line.dash == "dot" and copied.fill is None
    assert line.y[0] is None and line.customdata[1] == "–"
    assert list(band.x[:8]) == FRAMES[2:] and max(band.y) == 21.5 and min(band.y) == 20.5
    assert steps_in_words(shown) == (
        "psnr_moved over the predicted frames. a: 20.00 dB at frame 3, 21.00 dB at frame 11; "
        "Copy last frame: 10.00 dB at frame 2, 10.00 dB at frame 11."
    )
    table = pd.read_csv(io.BytesIO(steps_csv(shown)))
    assert list(table.columns) == [
        *("model", "protocol", "prediction", "metric", "frame", "mean", "half_width")
    ]
    assert list(table.frame) == FRAMES * 2 and list(table.model) == ["a"] * 10 + ["copy last"] * 10
    assert set(table.prediction) == {"one sample", "copy last"}
    assert table["mean"].isna().sum() == 1 and table.half_width.isna().sum() == 2
