"""The page's logic, without a browser: what it shows, links to, and says of bad input."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from cvae.data.bundle import open_test_sequences, write_bundle
from cvae.data.store import Store
from cvae.evaluation.metrics import psnr
from cvae.inference.predictor import Predictor, to_float_frames
from cvae.model.checkpoint import load_checkpoint, save_checkpoint

APP = Path(__file__).parents[2] / "demo" / "app.py"
SEED = 7
HEADER = "epoch,kl,beta,validation_psnr"

OpenPage = Callable[..., AppTest]


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, store: Path, tiny_checkpoints: Path) -> OpenPage:
    """Opens the page as `streamlit run demo/app.py -- --data .. --runs ..` at `?query`."""

    def open_page(data: Path = store, models: Path = tiny_checkpoints, **query: str) -> AppTest:
        arguments = ["app.py", "--data", str(data), "--runs", str(models)]
        monkeypatch.setattr(sys, "argv", arguments)
        page = AppTest.from_file(str(APP), default_timeout=120)
        page.query_params.update(query)
        page.run()
        assert not page.exception, page.exception
        return page

    return open_page


def player(page: AppTest) -> dict:
    """What the player was given to show."""
    found = page.get("bidi_component")
    assert len(found) == 1, "the page shows no player"
    return json.loads(found[0].proto.json)


def change_weights(path: Path) -> None:
    """Another model in the folder of the checkpoint `path`."""
    checkpoint = load_checkpoint(path)
    checkpoint.model.decoder.stages[-1].bias.add_(1)
    save_checkpoint(checkpoint)


def errors(page: AppTest) -> str:
    return " ".join(error.value.replace("\\", "") for error in page.error)


def warnings(page: AppTest) -> str:
    return " ".join(warning.value.replace("\\", "") for warning in page.warning)


def test_opens_with_both_predictions_and_their_numbers(open_page, store, tiny_checkpoints):
    shown = player(open_page())
    assert [pane["name"] for pane in shown["panes"]] == [
        "Ground truth",
        "Fixed prior",
        "Learned prior",
    ]
    assert shown["frames"] == 12
    sequence = open_test_sequences(store)[0]
    prediction = Predictor.load(tiny_checkpoints / "fixed", "cpu").predict([sequence], seed=0)[0]
    expected = psnr(to_float_frames(prediction.frames[0]), to_float_frames(sequence.frames[2:12]))
    assert shown["curves"][0]["first"] == 2
    np.testing.assert_allclose(shown["curves"][0]["values"], expected, atol=1e-4)


def test_copy_last_is_the_last_given_frame(open_page, store):
    frames = to_float_frames(open_test_sequences(store)[0].frames)
    expected = psnr(frames[1].expand(10, -1, -1, -1), frames[2:12])
    curve = player(open_page())["curves"][-1]
    assert curve["name"] == "Copy last frame"
    np.testing.assert_allclose(curve["values"], expected, atol=1e-4)


def test_says_device_time_source_and_command(open_page):
    page = open_page(seed="7")
    said = " ".join(text.value for text in page.markdown)
    assert ("GPU" if torch.cuda.is_available() else "CPU") in said
    assert " ms" in said and "seed 7" in said and "simulated" in said
    command = page.code[0].value
    assert command.startswith("python -m cvae predict ")
    assert "/fixed " in command and "/learned " in command and "--seed 7" in command


def test_table_holds_the_numbers_of_the_chart(open_page):
    page = open_page()
    table = page.dataframe[0].value
    for curve in player(page)["curves"]:
        np.testing.assert_allclose(table.loc[curve["name"]], curve["values"], atol=1e-5)
    assert list(table.columns) == [f"Frame {number}" for number in range(2, 12)]


def test_another_sequence_prior_and_seed_change_what_is_shown(open_page):
    page = open_page()
    first = player(page)
    page.selectbox(key="sequence").select("tiny-test-0002").run()
    other = player(page)
    assert other["sequence"] == "tiny-test-0002" and other["sheet"] != first["sheet"]
    page.number_input(key="seed").set_value(SEED).run()
    seeded = player(page)
    assert seeded["sheet"] != other["sheet"]
    assert seeded["curves"][0]["values"] != other["curves"][0]["values"]
    assert seeded["curves"][-1] == other["curves"][-1], "the reference has no seed"
    page.segmented_control(key="prior").set_value("learned").run()
    assert [pane["name"] for pane in player(page)["panes"]] == ["Ground truth", "Learned prior"]


def test_buttons_step_through_the_sequences_and_round_the_end(open_page):
    page = open_page()
    page.button(key="back").click().run()
    assert player(page)["sequence"] == "tiny-test-0003"
    page.button(key="forward").click().run()
    assert player(page)["sequence"] == "tiny-test-0000"
    page.button(key="random").click().run()
    assert player(page)["sequence"] != "tiny-test-0000"
    page.button(key="sample").click().run()
    assert page.number_input(key="seed").value == 1
    assert not page.exception


def test_a_title_shows_its_sequence(open_page, store, tmp_path):
    write_bundle(Store.open(store).split("test"), 4, tmp_path / "bundle")
    titles = open_test_sequences(tmp_path / "bundle").titles
    page = open_page(tmp_path / "bundle")
    assert len(titles) > 1
    for name, title in titles.items():
        page.button(key=f"title_{title}").click().run()
        assert player(page)["sequence"] == name
        assert page.selectbox(key="sequence").value == name
    with pytest.raises(KeyError):
        open_page().button(key=f"title_{title}")


def test_a_link_opens_what_the_controls_show(open_page):
    page = open_page()
    page.selectbox(key="sequence").select("tiny-test-0001").run()
    page.number_input(key="seed").set_value(SEED).run()
    page.segmented_control(key="prior").set_value("fixed").run()
    assert player(open_page(sequence="tiny-test-0001", seed="7", prior="fixed")) == player(page)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"sequence": "no-such"}, "no-such"),
        ({"sequence": "![x](http://a.test/b.png)"}, "There is no test sequence"),
        ({"prior": "other"}, "other"),
        ({"seed": "-1"}, "-1"),
        ({"seed": "1e400"}, "1e400"),
        ({"seed": "9" * 5000}, "is no seed"),
        ({"seed": "1000000"}, "1000000"),
    ],
)
def test_nonsense_in_the_url_is_said_and_the_default_shown(open_page, query, said):
    page = open_page(**query)
    assert said in warnings(page)
    assert "![x]" not in page.warning[0].value
    assert player(page) == player(open_page())


def test_one_prior_alone_is_shown_without_the_other(open_page, tiny_checkpoints, tmp_path):
    shutil.copytree(tiny_checkpoints / "learned", tmp_path / "mine")
    page = open_page(models=tmp_path, prior="both")
    assert [pane["name"] for pane in player(page)["panes"]] == ["Ground truth", "Learned prior"]
    assert "both" in warnings(page)
    assert "fixed prior" in " ".join(info.value for info in page.info)


def test_several_models_of_a_prior_can_be_chosen(open_page, tiny_checkpoints, tmp_path):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    change_weights(shutil.copytree(models / "fixed", models / "another"))
    page = open_page(models=models)
    first = player(page)
    page.selectbox(key="fixed_model").select("fixed").run()
    assert player(page)["sheet"] != first["sheet"]


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
    said = errors(open_page(models=tmp_path))
    assert str(tmp_path) in said and "python -m cvae train" in said


def test_a_damaged_model_leaves_the_other(open_page, tiny_checkpoints, tmp_path):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    weights = models / "fixed" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    page = open_page(models=models)
    assert "fixed/model.safetensors" in errors(page) and "damaged" in errors(page)
    assert [pane["name"] for pane in player(page)["panes"]] == ["Ground truth", "Learned prior"]


def test_a_damaged_configuration_leaves_the_other(open_page, tiny_checkpoints, tmp_path):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    (models / "learned" / "config.json").write_text("{")
    page = open_page(models=models)
    assert "config.json" in errors(page)
    assert [pane["name"] for pane in player(page)["panes"]] == ["Ground truth", "Fixed prior"]


@pytest.mark.parametrize("history", [None, "", "epoch,kl\n0,1", HEADER, f"{HEADER}\n0,high,0,20"])
def test_a_model_without_history_still_predicts(open_page, tiny_checkpoints, tmp_path, history):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    file = models / "fixed" / "history.csv"
    file.unlink()
    if history is not None:
        file.write_text(history)
    page = open_page(models=models)
    assert "history.csv" in errors(page)
    assert len(player(page)["panes"]) == 3
    assert page.get("plotly_chart"), "the other model's curves stay"


def test_a_model_trained_anew_is_not_shown_from_memory(open_page, tiny_checkpoints, tmp_path):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    before = player(open_page(models=models))
    change_weights(models / "fixed")
    assert player(open_page(models=models))["sheet"] != before["sheet"]


def test_unknown_arguments_are_said(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["app.py", "--dta", "x"])
    page = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not page.exception
    assert "--data STORE" in errors(page)
