"""What the CPU gives, on a GPU: `CVAE_TESTS_GPU=1 python -m pytest tests/test_gpu.py`."""

import sys

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from cvae.__main__ import main
from cvae.inference.predictor import Predictor
from cvae.model.history import load_history
from tests.command import cvae_command
from tests.demo.server import APP
from tests.demo.shown import said
from tests.processes import standing_still
from tests.tiny_data import tiny_sequence
from tests.training.runs import EVENT, events

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="there is no GPU, or CVAE_TESTS_GPU=1 is not set"
)
SEQUENCES = [tiny_sequence(f"seen-{i}", 100 + i) for i in range(3)]


@pytest.mark.parametrize("prior", ["fixed", "learned"])
def test_a_seed_means_the_same_noise_and_nearly_the_same_frames(tiny_checkpoints, prior) -> None:
    cpu, gpu = (
        Predictor.load(tiny_checkpoints / prior, device).predict(SEQUENCES, samples=2, horizon=6)
        for device in ("cpu", "cuda")
    )
    for expected, found in zip(cpu, gpu, strict=True):
        assert found.device.startswith("GPU (")
        if prior == "fixed":  # imagined frames take the noise as it is
            np.testing.assert_array_equal(found.latents[:, 1:], expected.latents[:, 1:])
        # Convolutions round to TF32 there: 0.01 grey levels; another seed's are 0.3 and more away.
        assert np.abs(found.frames.astype(int) - expected.frames).mean() < 0.1


def test_a_model_is_trained_there_and_predicts_on_the_cpu(store, tmp_path) -> None:
    out = tmp_path / "run"
    words = ["train", "tiny", "--data", str(store), "--out", str(out), "--device", "cuda"]
    assert main(words) == 0
    history = load_history(out)
    assert list(history.epoch) == [1, 2] and history.notna().all(axis=None)
    [prediction, *_] = Predictor.load(out, "cpu").predict(SEQUENCES, horizon=6)
    assert prediction.frames.shape == (1, 6, 64, 64, 3)


def test_killed_within_an_epoch_it_goes_on_there(store, tmp_path) -> None:
    out = tmp_path / "run"
    words = cvae_command(
        *("train", "tiny", "--data", store, "--out", out, "--device", "cuda"),
        *("--training.sequences-per-epoch", "64", "--save-minutes", "0"),
    )
    with standing_still(words, EVENT, 5):
        pass
    assert main(words[3:]) == 0
    assert load_history(out).notna().all(axis=None)
    [begun] = [event for event in events(out) if event["event"] == "resumed"]
    assert begun["batch"], "it was not killed within an epoch"


def test_the_app_predicts_there_says_so_and_offers_the_cpu(
    store, tiny_checkpoints, monkeypatch
) -> None:
    arguments = ["--data", str(store), "--runs", str(tiny_checkpoints)]
    monkeypatch.setattr(sys, "argv", ["app.py", *arguments])
    page = AppTest.from_file(str(APP), default_timeout=240).run()
    page.run()  # as a browser does: what is said comes with the second run
    assert not page.exception, page.exception
    assert "Imagined here on the **GPU (" in said(page)
    assert page.segmented_control(key="device").options == ["cuda", "cpu"]
    page.segmented_control(key="device").set_value("cpu").run()
    assert "Imagined here on the **CPU" in said(page)
