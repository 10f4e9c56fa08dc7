"""Data and models that are absent, damaged or changed: said in place, and the rest is shown."""

import shutil
import sys

import pytest
from streamlit.testing.v1 import AppTest

from cvae.data.store import Store
from cvae.evaluation.protocol import GIVEN_STATES
from tests.demo.compare.page import change_weights, names, tiles
from tests.demo.server import APP
from tests.demo.shown import errors, player
from tests.demo.written_scores import write_scores

HEADER = "epoch,kl,beta,validation_psnr"


def test_absent_and_empty_data_are_said_in_place(open_page, tmp_path):
    for folder, said in ((tmp_path / "nowhere", "nowhere"), (tmp_path, "empty")):
        page = open_page(data=folder)
        assert said in errors(page)
        assert page.get("plotly_chart"), "the training curves need no data"


def test_damaged_data_are_said_in_place(open_page, store, tmp_path):
    data = shutil.copytree(store, tmp_path / "store")
    frames = data / "test" / "frames.npy"
    frames.write_bytes(frames.read_bytes()[:5000])
    assert "frames.npy" in errors(open_page(data=data))


def test_absent_models_are_said_in_place(open_page, tmp_path):
    said = errors(open_page(runs=tmp_path))
    assert str(tmp_path) in said and "python -m cvae train" in said


def test_a_damaged_model_leaves_the_other(open_page, tiny_checkpoints, tmp_path):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    weights = models / "fixed" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    page = open_page(runs=models)
    assert "fixed/model.safetensors" in errors(page) and "damaged" in errors(page)
    assert names(page) == ["Learned prior"]


def test_a_damaged_configuration_leaves_the_other(open_page, tiny_checkpoints, tmp_path):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    (models / "learned" / "config.json").write_text("{")
    page = open_page(runs=models)
    assert "config.json" in errors(page)
    assert names(page)[0] == "Fixed prior"


def test_a_damaged_evaluation_leaves_the_page(open_page, store, tiny_checkpoints, tmp_path):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    scores = dict.fromkeys(Store.open(store).split("test").names, 20.0)
    write_scores(models / "fixed", GIVEN_STATES, scores, copied=18)
    assert "best PSNR first" in open_page(runs=models).selectbox(key="order").options
    (models / "fixed" / "evaluation.csv.xz").write_bytes(b"no xz")
    page = open_page(runs=models)
    assert "best PSNR first" not in page.selectbox(key="order").options
    assert len(tiles(page)) == 4


@pytest.mark.parametrize("history", [None, "", "epoch,kl\n0,1", HEADER, f"{HEADER}\n0,high,0,20"])
def test_a_model_without_history_still_predicts(open_page, tiny_checkpoints, tmp_path, history):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    file = models / "fixed" / "history.csv"
    file.unlink()
    if history is not None:
        file.write_text(history)
    page = open_page(runs=models)
    assert "history.csv" in errors(page)
    assert len(names(page)) == 2
    assert page.get("plotly_chart"), "the other model's curves stay"


def test_a_model_trained_anew_is_not_shown_from_memory(open_page, tiny_checkpoints, tmp_path):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    before = player(open_page(runs=models))
    change_weights(models / "fixed")
    assert player(open_page(runs=models))["sheet"] != before["sheet"]


def test_unknown_arguments_are_said(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["app.py", "--dta", "x"])
    page = AppTest.from_file(str(APP), default_timeout=240).run()
    assert not page.exception
    assert "--data STORE" in errors(page)
