"""What the player and the table measure, also of toys and arm where there are masks."""

import io

import numpy as np
import pandas as pd
import pytest

from cvae.data.bundle import open_test_sequences
from cvae.evaluation.protocol import GIVEN_STATES
from cvae.evaluation.run import measure
from cvae.inference.predictor import Predictor
from demo.appearance import looks
from demo.comparison import compare
from demo.export_files import Export
from demo.frame_metrics import Measured
from demo.loading import Setup
from tests.demo.compare.page import models_in
from tests.demo.shown import player, said, warnings
from tests.tiny_data import tiny_png_tree, tiny_sequence


@pytest.fixture(scope="module")
def measured(store, tiny_checkpoints) -> pd.DataFrame:
    """What `cvae evaluate` measures of the first sequence, by variant and frame."""
    predictor = Predictor.load(tiny_checkpoints / "fixed", "cpu")
    scores = measure(predictor, open_test_sequences(store), GIVEN_STATES, samples=1, limit=1)
    return scores.set_index(["variant", "frame"])


@pytest.mark.parametrize("metric", ["tip", "psnr_moved"])
def test_objects_are_measured_as_in_an_evaluation(open_page, measured, metric):
    assert player(open_page())["models"][0][metric] is None, "only where it is asked for"
    page = open_page(metric=metric)
    shown = player(page)
    fixed, table = shown["models"][0], page.dataframe[0].value
    np.testing.assert_allclose(fixed[metric], [measured.loc["one sample"][metric]], atol=1e-3)
    copied = measured.loc["copy last"][metric]
    np.testing.assert_allclose(shown["reference"][metric], [copied], atol=1e-3)
    np.testing.assert_allclose(table.loc["Fixed prior"], fixed[metric][0], atol=1e-6)
    assert shown["metrics"][metric]["lower"] == (metric == "tip")


def test_the_table_names_its_metric(open_page):
    assert open_page().expander[0].label == "PSNR of every frame"
    page = open_page(metric="tip")
    assert page.expander[0].label == "Tip of every frame" and "in pixels" in said(page)


def test_without_masks_they_are_neither_offered_nor_measured(open_page, tmp_path):
    page = open_page(tiny_png_tree(tmp_path / "tree"), metric="tip")
    assert list(player(page)["metrics"]) == ["psnr", "ssim"]
    assert "metric “tip”" in warnings(page) and player(page)["metric"] == "psnr"
    assert list(player(open_page())["metrics"]) == ["psnr", "ssim", "tip", "psnr_moved"]


def test_frames_without_an_arm_or_a_moved_toy_have_no_number():
    truth = tiny_sequence("mine", 9, length=12)
    truth.masks[5] = 0
    truth.toys[:4] = truth.toys[1]
    copied = np.repeat(truth.frames[None, 1:2], 10, axis=1)
    found = Measured(copied, truth, since=1)
    assert np.flatnonzero(np.isnan(found["tip"][0])).tolist() == [3]
    assert np.flatnonzero(np.isnan(found["psnr_moved"][0])).tolist() == [0, 1, 3]
    assert np.isfinite(found["ssim"]).all()


def test_the_table_to_take_along_has_all_metrics(tiny_checkpoints, store):
    models = models_in(tiny_checkpoints)
    comparison = compare(models, looks(models), open_test_sequences(store)[0], Setup(samples=2))
    export = Export(comparison, [0, 0], "simulated", store)
    table = pd.read_csv(io.BytesIO(export.table()))
    metrics = ["psnr", "psnr_lab", "ssim", "tip", "psnr_moved"]
    assert list(table.columns) == ["model", "sample", "frame", *metrics]
    learned = table[(table["model"] == "learned") & (table["sample"] == 2)]
    for metric in metrics:
        expected = comparison.imagined[1].measured[metric][1]
        np.testing.assert_allclose(learned[metric], expected, atol=1e-5)
        assert f"\n{metric}: " in export.readme()


def test_a_sequence_with_masks_is_not_taken_for_its_copy_without(tiny_checkpoints):
    models = models_in(tiny_checkpoints)
    offered = [
        compare(models, looks(models), tiny_sequence("twice", 5, masked, 12), Setup()).metrics
        for masked in (False, True)
    ]
    assert [len(metrics) for metrics in offered] == [2, 4]
