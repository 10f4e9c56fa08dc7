"""Where z comes from: drawn, the prior's mean, or told the truth, which is called a reference."""

import re
import shlex
from dataclasses import replace

import numpy as np
import pytest

from cvae.__main__ import main
from cvae.data.bundle import open_test_sequences
from cvae.errors import InputError
from cvae.evaluation.figures import moments
from cvae.evaluation.protocol import ROLLED_OUT_STATES
from cvae.evaluation.variants import reconstructed
from cvae.inference.predictor import Predictor
from demo.appearance import looks
from demo.comparison import compare
from demo.export_files import Export
from demo.loading import PRIOR_MEAN, TOLD, Setup
from tests.demo.compare.page import models_in
from tests.demo.shown import player, said, sheet
from tests.tiny_data import tiny_sequence

MODELS = ("fixed", "learned")


@pytest.fixture(scope="module")
def predictors(tiny_checkpoints) -> list[Predictor]:
    return [Predictor.load(tiny_checkpoints / name, "cpu") for name in MODELS]


def frames_after_the_given(page) -> np.ndarray:
    """uint8 (models, 10, H, W, 3), where each has one sample."""
    return sheet(player(page))[1:, 2:]


def test_the_prior_s_mean_is_one_sample_whatever_the_seed(open_page, store, predictors):
    page = open_page(latent="prior's mean", samples="3", seed="7")
    sequence = open_test_sequences(store)[0]
    expected = [one.predict([sequence], latent="mean")[0].frames[0] for one in predictors]
    np.testing.assert_array_equal(frames_after_the_given(page), expected)
    disabled = [page.number_input(key=key).disabled for key in ("samples", "seed")]
    assert all(disabled) and page.button(key="sample").disabled
    assert player(page)["made"] == "prior's mean"
    assert "whatever the seed" in said(page) and "Mean PSNR over predicted frames" in plain(page)
    page.segmented_control(key="latent").set_value("drawn").run()
    assert [len(model["rows"]) for model in player(page)["models"]] == [3, 3], "asked for before"
    assert "seed 7, 3 samples" in said(page)


def plain(page) -> str:
    return said(page).replace("**", "")


def test_the_command_makes_the_prior_s_mean(open_page, tmp_path, capsys):
    page = open_page(latent="prior's mean", sequence="tiny-test-0002")
    words = shlex.split(page.code[0].value)
    words[words.index("--out") + 1] = str(tmp_path)
    capsys.readouterr()
    assert main(words[3:]) == 0
    printed = re.findall(r"^learned +(.*)$", capsys.readouterr().out, re.MULTILINE)[0].split()
    shown = player(page)["models"][1]["psnr"][0]
    assert printed == [f"{value:.1f}" for value in shown] + [f"{np.mean(shown):.2f}"]


def test_told_the_truth_is_the_posterior_reference(open_page, store, predictors):
    sequence = open_test_sequences(store)[0]
    page = open_page(latent="told the truth")
    expected = [one.reconstruct([sequence])[0] for one in predictors]
    np.testing.assert_array_equal(frames_after_the_given(page), expected)
    rolled = frames_after_the_given(open_page(latent="told the truth", states="rolled out"))
    expected = [reconstructed(one, ROLLED_OUT_STATES, [sequence])[0, 0] for one in predictors]
    np.testing.assert_array_equal(rolled, expected)


def test_a_reference_is_called_one_wherever_it_is_shown(open_page):
    page = open_page(latent="told the truth")
    shown = player(page)
    assert shown["made"] == "reference"
    names = ["Fixed prior (reference)", "Learned prior (reference)"]
    assert [model["label"] for model in shown["models"]] == names
    assert "A reference, not a prediction." in page.info[0].value
    words = plain(page)
    assert "Reconstructed here" in words and "a reference, not a prediction" in words
    assert "predicted frames" not in words and "frames predicted" not in words
    assert "Mean PSNR of a reference" in words
    assert list(page.dataframe[0].value.index[:2]) == names
    assert not page.code and "No command makes these frames again" in words, "no other's command"


def test_what_is_drawn_comes_back(open_page):
    page = open_page()
    drawn = player(page)["sheet"]
    assert "A reference" not in said(page) and page.code
    for latent in ("told the truth", "prior's mean"):
        page.segmented_control(key="latent").set_value(latent).run()
        assert player(page)["sheet"] != drawn
    page.segmented_control(key="latent").set_value("drawn").run()
    assert player(page)["sheet"] == drawn


def test_best_of_n_stands_beside_the_mean_over_samples(open_page):
    assert "best of" not in said(open_page())
    page = open_page(samples="3")
    for model, metric in zip(player(page)["models"], page.metric, strict=False):
        by_sample = np.mean(model["psnr"], axis=1)
        assert metric.value == f"{by_sample.mean():.1f} dB"
        assert f"best of 3: {by_sample.max():.1f} dB" in said(page)


@pytest.fixture(scope="module")
def compared(tiny_checkpoints):
    """Compares a sequence without positions under a setup."""
    models = models_in(tiny_checkpoints)
    sequence = replace(tiny_sequence("mine", 9, labelled=False, length=12), positions=None)
    return lambda **setup: compare(models, looks(models), sequence, Setup(**setup))


def test_positions_that_are_missing_are_read_for_a_reference_too(compared):
    one, _ = compared(latent=TOLD).imagined
    assert one.rollout.states == "read"
    truth = compared(latent=TOLD).truth.frames
    drawn, _ = compared().imagined
    np.testing.assert_array_equal(one.frames[0, :2], truth[:2])
    assert (one.frames != drawn.frames).any()


def test_exports_say_where_z_came_from(compared):
    exports = {
        latent: Export(compared(latent=latent), [0, 0], "simulated", None)
        for latent in (PRIOR_MEAN, TOLD)
    }
    mean, told = (exports[latent].readme() for latent in (PRIOR_MEAN, TOLD))
    assert "z at the prior's mean" in mean and "--latent mean" in mean and "predicted" in mean
    assert "a reference, not a prediction" in told and "Fixed prior (reference)" in told
    assert "predicted" not in told and "python -m cvae predict" not in told
    assert "Predictor.load(checkpoint).reconstruct" in told


def test_a_long_name_leaves_room_for_the_word_reference(compared):
    comparison = compared(latent=TOLD)
    long = [replace(one, look=replace(one.look, label="x" * 60)) for one in comparison.imagined]
    export = Export(replace(comparison, imagined=long), [0, 0], "simulated", None)
    labels = [row.label for row in export.shown_rows()]
    assert labels == ["x" * 8 + "…" + "x" * 7 + " (reference)"] * 2


def test_moving_pictures_say_reference_under_each_frame(compared):
    export = Export(compared(latent=TOLD), [0, 0], "simulated", None)
    rows, truth = export.shown_rows(), compared(latent=TOLD).truth.frames
    predicted = moments(truth, [replace(row, made="predicted") for row in rows], 2)
    for t, (ours, theirs) in enumerate(zip(moments(truth, rows, 2), predicted, strict=True)):
        assert (ours.tobytes() == theirs.tobytes()) == (t < 2), "given frames are called given"


def test_several_samples_of_what_is_not_drawn_are_refused():
    with pytest.raises(InputError, match="they would all be the same"):
        Setup(samples=2, latent=PRIOR_MEAN)
