"""The page's logic, without a browser: what it shows, links to, and says of bad input."""

import base64
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from einops import rearrange
from PIL import Image
from streamlit.testing.v1 import AppTest

from cvae.commands import evaluate
from cvae.data.bundle import open_test_sequences, write_bundle
from cvae.data.sequence import Sequence
from cvae.data.store import Store
from cvae.evaluation.metrics import psnr, ssim
from cvae.evaluation.scores import load_scores
from cvae.inference.predictor import Predictor, to_float_frames
from cvae.model.checkpoint import WEIGHTS, load_checkpoint, save_checkpoint
from demo.components.frame_player.actions import arrows, traces

APP = Path(__file__).parents[2] / "demo" / "app.py"
SEED = 7
HEADER = "epoch,kl,beta,validation_psnr"

OpenPage = Callable[..., AppTest]


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, store: Path, tiny_checkpoints: Path) -> OpenPage:
    """Opens the page as `streamlit run demo/app.py -- --data .. --runs ..` at `?query`."""

    def open_page(data: Path = store, runs: Path = tiny_checkpoints, **query: str) -> AppTest:
        arguments = ["app.py", "--data", str(data), "--runs", str(runs)]
        monkeypatch.setattr(sys, "argv", arguments)
        page = AppTest.from_file(str(APP), default_timeout=120)
        for key, value in query.items():
            page.query_params[key] = value
        page.run().run()  # as a browser does, which runs the page again when the player is drawn
        assert not page.exception, page.exception
        return page

    return open_page


def component(page: AppTest, name: str) -> dict:
    """What the element `name` that draws in the browser was given to show."""
    found = [one.proto for one in page.get("bidi_component") if one.proto.component_name == name]
    assert len(found) == 1, f"the page shows no {name}"
    return json.loads(found[0].json)


def player(page: AppTest) -> dict:
    return component(page, "frame_player")


def tiles(page: AppTest) -> list[str]:
    """Names of the sequences in the filmstrip, from left to right."""
    return [tile["name"] for tile in component(page, "filmstrip")["tiles"]]


def names(page: AppTest) -> list[str]:
    return [model["name"] for model in player(page)["models"]]


def sheet(shown: dict) -> np.ndarray:
    """uint8 (rows, T, H, W, 3): the frames as the player gets them."""
    picture = Image.open(io.BytesIO(base64.b64decode(shown["sheet"].partition(",")[2])))
    return rearrange(
        np.asarray(picture), "(r h) (t w) c -> r t h w c", h=shown["size"], w=shown["size"]
    )


def change_weights(path: Path) -> None:
    """Another model in the folder of the checkpoint `path`."""
    checkpoint = load_checkpoint(path)
    checkpoint.model.decoder.stages[-1].bias.add_(1)
    save_checkpoint(checkpoint)


def errors(page: AppTest) -> str:
    return " ".join(error.value.replace("\\", "") for error in page.error)


def warnings(page: AppTest) -> str:
    return " ".join(warning.value.replace("\\", "") for warning in page.warning)


def test_opens_with_two_predictions_and_their_numbers(open_page, store, tiny_checkpoints):
    shown = player(open_page())
    assert [model["name"] for model in shown["models"]] == ["Fixed prior", "Learned prior"]
    assert (shown["truth"], shown["frames"], shown["given"]) == ("Ground truth", 12, 2)
    sequence = open_test_sequences(store)[0]
    rows = sheet(shown)
    np.testing.assert_array_equal(rows[0], sequence.frames[:12])
    for model, name in zip(shown["models"], ("fixed", "learned"), strict=True):
        predictor = Predictor.load(tiny_checkpoints / name, "cpu")
        frames = predictor.predict([sequence], seed=0)[0].frames[0]
        [row] = model["rows"]
        np.testing.assert_array_equal(rows[row], [*sequence.frames[:2], *frames])
        expected = psnr(to_float_frames(frames), to_float_frames(sequence.frames[2:12]))
        np.testing.assert_allclose(model["psnr"], [expected.numpy()], atol=1e-4)


def test_copy_last_is_the_last_given_frame(open_page, store):
    frames = to_float_frames(open_test_sequences(store)[0].frames)
    expected = psnr(frames[1].expand(10, -1, -1, -1), frames[2:12])
    reference = player(open_page())["reference"]
    assert reference["name"] == "Copy last frame"
    np.testing.assert_allclose(reference["psnr"], expected, atol=1e-4)


def test_every_sample_is_shown_and_measured(open_page, store):
    shown = player(open_page(samples="3"))
    truth = open_test_sequences(store)[0].frames[2:12]
    rows = sheet(shown)
    assert len(rows) == 1 + 2 * 3
    assert [model["rows"] for model in shown["models"]] == [[1, 2, 3], [4, 5, 6]]
    for model in shown["models"]:
        frames = rows[model["rows"], 2:]
        assert len(np.unique(frames, axis=0)) == 3, "samples differ"
        expected = psnr(to_float_frames(frames), to_float_frames(truth))
        np.testing.assert_allclose(model["psnr"], expected, atol=1e-4)


def test_ssim_is_measured_only_where_it_is_asked_for(open_page, store):
    assert player(open_page())["models"][0]["ssim"] is None
    shown = player(open_page(metric="ssim"))
    frames, truth = sheet(shown)[1, 2:], open_test_sequences(store)[0].frames[2:12]
    expected = ssim(to_float_frames(frames), to_float_frames(truth))
    np.testing.assert_allclose(shown["models"][0]["ssim"], [expected.numpy()], atol=1e-4)
    assert len(shown["reference"]["ssim"]) == 10


def test_protocol_changes_what_is_predicted(open_page):
    given = player(open_page())
    longer = player(open_page(horizon="28"))
    assert longer["frames"] == 30 and len(longer["models"][0]["psnr"][0]) == 28
    np.testing.assert_array_equal(sheet(longer)[:, :12], sheet(given))
    page = open_page(states="rolled out")
    rolled = player(page)
    assert rolled["models"][0]["psnr"] != given["models"][0]["psnr"]
    np.testing.assert_array_equal(sheet(rolled)[0], sheet(given)[0])
    assert "rolled out" in " ".join(text.value for text in page.markdown)


def test_actions_are_those_of_the_frames(open_page, store):
    shown = player(open_page())
    actions = open_test_sequences(store)[0].actions[:12]
    np.testing.assert_allclose(shown["actions"]["dx"], actions[:, 0], atol=1e-6)
    np.testing.assert_allclose(shown["actions"]["dy"], actions[:, 1], atol=1e-6)
    assert len(shown["arrows"]) == 12


def test_arrows_point_where_the_commands_lead():
    actions = np.array([[0.03, 0, 0, 0], [0.06, 0, 0, 0], [0, 0.06, 0, 0], [0, 0, 0, 0]], "f4")
    frames, middle = (
        np.zeros((4, 64, 64, 3), np.uint8),
        np.tile(np.float32([0.6, -0.04, 0.2]), (4, 1)),
    )
    for positions in (middle, None):
        short, down, right, still = np.array(arrows(Sequence("", frames, actions, positions)))
        assert down[3] > down[1] and abs(down[2] - down[0]) < 0.5, "+x is down"
        assert right[2] > right[0] and abs(right[3] - right[1]) < 0.5, "+y is to the right"
        assert (still[:2] == still[2:]).all()
        assert 1.5 < (down[3] - down[1]) / (short[3] - short[1]) < 2.5


def test_gripper_stays_as_long_as_its_commands_say():
    actions = np.zeros((12, 4), np.float32)
    actions[2:4, 2] = 2  # closed for this command and the next
    actions[4:6, 3] = 1  # lifted by this command, and up during the next
    told = traces(Sequence("", np.zeros((12, 64, 64, 3), np.uint8), actions))
    assert [i for i, closed in enumerate(told["closed"]) if closed] == [2, 3, 4, 5]
    assert [i for i, lifted in enumerate(told["lifted"]) if lifted] == [4, 5, 6, 7]


def test_says_device_time_source_and_command(open_page):
    page = open_page(seed="7", samples="2", states="rolled out")
    said = " ".join(text.value for text in page.markdown)
    assert ("GPU" if torch.cuda.is_available() else "CPU") in said
    assert " ms" in said and "seed 7" in said and "2 samples" in said and "simulated" in said
    command = page.code[0].value
    assert command.startswith("python -m cvae predict ")
    assert "/fixed " in command and "/learned " in command
    assert "--seed 7" in command and "--samples 2" in command and "rolled out" in command


def test_the_command_makes_the_same_prediction(open_page, tmp_path):
    page = open_page(seed="7", samples="2", states="rolled out", sequence="tiny-test-0002")
    words = shlex.split(page.code[0].value)
    words = [sys.executable, *words[1 : words.index("--out")], "--out", str(tmp_path)]
    said = subprocess.run(words, cwd=APP.parents[1], capture_output=True, text=True, check=True)
    printed = re.findall(r"^fixed 1 +(.*)$", said.stdout, re.MULTILINE)[0].split()
    shown = player(page)["models"][0]["psnr"][0]
    assert printed == [f"{value:.1f}" for value in shown] + [f"{np.mean(shown):.2f}"]


def test_table_holds_the_numbers_of_the_chart(open_page):
    page = open_page(samples="2")
    table = page.dataframe[0].value
    shown = player(page)
    for model in shown["models"]:
        np.testing.assert_allclose(table.loc[model["name"]], np.mean(model["psnr"], 0), atol=1e-5)
    np.testing.assert_allclose(table.loc["Copy last frame"], shown["reference"]["psnr"], atol=1e-5)
    assert list(table.columns) == [f"Frame {number}" for number in range(2, 12)]


def test_another_sequence_model_and_seed_change_what_is_shown(open_page):
    page = open_page()
    first = player(page)
    page.selectbox(key="sequence").select("tiny-test-0002").run()
    other = player(page)
    assert other["sequence"] == "tiny-test-0002" and other["sheet"] != first["sheet"]
    page.number_input(key="seed").set_value(SEED).run()
    seeded = player(page)
    assert seeded["sheet"] != other["sheet"]
    assert seeded["models"][0]["psnr"] != other["models"][0]["psnr"]
    assert seeded["reference"] == other["reference"], "the reference has no seed"
    page.multiselect(key="models").set_value(["learned"]).run()
    assert names(page) == ["Learned prior"]
    page.multiselect(key="models").set_value([]).run()
    assert "Choose a model" in page.info[0].value
    page.multiselect(key="models").set_value(["learned", "fixed"]).run()
    again = player(page)
    assert again["sheet"] == seeded["sheet"], "whatever the order of choosing"
    assert names(page) == ["Fixed prior", "Learned prior"]


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


def test_titled_sequences_come_first_in_the_filmstrip(open_page, store, tmp_path):
    write_bundle(Store.open(store).split("test"), 4, tmp_path / "bundle")
    titles = open_test_sequences(tmp_path / "bundle").titles
    assert len(titles) > 1
    shown = component(open_page(tmp_path / "bundle"), "filmstrip")["tiles"]
    assert {tile["name"]: tile["title"] for tile in shown[: len(titles)]} == titles
    assert len(shown) == 4
    assert not any(tile["title"] for tile in component(open_page(), "filmstrip")["tiles"])


def test_orders_sort_the_filmstrip_and_what_comes_next(open_page, store):
    def change(name):
        frames = open_test_sequences(store).by_name(name).frames[:12] / 255
        return ((frames[2:] - frames[1]) ** 2).mean()

    page = open_page(order="hard first")
    hard = tiles(page)
    assert hard == sorted(hard, key=change, reverse=True) and len(hard) == 4
    page.selectbox(key="sequence").select(hard[1]).run()
    page.button(key="forward").click().run()
    assert player(page)["sequence"] == hard[2]
    assert tiles(open_page(order="easy first")) == hard[::-1]


def test_an_evaluated_model_orders_by_its_psnr(open_page, store, tiny_checkpoints, tmp_path):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    assert "best PSNR first" not in open_page().selectbox(key="order").options
    evaluate.main((models / "fixed",), data=store, protocols=("given-states",), samples=1)
    scores = load_scores(models / "fixed")
    of_sample = scores[scores.variant == "one sample"].groupby("sequence").psnr.mean()
    best_first = of_sample.sort_values(ascending=False).index.tolist()
    page = open_page(runs=models, order="best PSNR first")
    assert tiles(page) == best_first and len(best_first) == 4
    page.selectbox(key="order").select("worst PSNR first").run()
    assert tiles(page) == best_first[::-1]

    shutil.copy(models / "learned" / WEIGHTS, models / "fixed" / WEIGHTS)
    page = open_page(runs=models)
    assert "best PSNR first" not in page.selectbox(key="order").options, "of other weights"


def test_a_damaged_evaluation_leaves_the_page(open_page, tiny_checkpoints, tmp_path):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    (models / "fixed" / "evaluation.csv.gz").write_bytes(b"no gzip")
    page = open_page(runs=models)
    assert "best PSNR first" not in page.selectbox(key="order").options
    assert len(tiles(page)) == 4


def test_a_link_opens_what_the_controls_show(open_page):
    page = open_page()
    page.selectbox(key="sequence").select("tiny-test-0001").run()
    page.number_input(key="seed").set_value(SEED).run()
    page.number_input(key="samples").set_value(2).run()
    page.multiselect(key="models").set_value(["fixed"]).run()
    linked = open_page(sequence="tiny-test-0001", seed="7", models="fixed", samples="2")
    assert player(linked) == player(page)


def test_a_link_to_a_frame_opens_on_it(open_page):
    assert player(open_page())["start"] is None
    assert player(open_page(frame="5"))["start"] == 5


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"sequence": "no-such"}, "no-such"),
        ({"sequence": "![x](http://a.test/b.png)"}, "no such test sequence"),
        ({"models": "other"}, "“other”"),
        ({"seed": "-1"}, "-1"),
        ({"seed": "1e400"}, "1e400"),
        ({"seed": "inf"}, "“inf”"),
        ({"seed": "9" * 5000}, "whole number"),
        ({"seed": "1000000"}, "1000000"),
        ({"samples": "9999"}, "from 1 to 16"),
        ({"samples": "0"}, "from 1 to 16"),
        ({"frame": "-1"}, "from 0 to 29"),
        ({"horizon": "11"}, "10, 28"),
        ({"states": "guessed"}, "rolled out"),
        ({"device": "toaster"}, "cpu"),
        ({"order": "random"}, "titled first"),
        ({"metric": "lpips"}, "ssim"),
    ],
)
def test_nonsense_in_the_url_is_said_and_the_default_shown(open_page, query, said):
    page = open_page(**query)
    assert said in warnings(page)
    assert "![x]" not in page.warning[0].value
    assert player(page) == player(open_page())


def test_of_several_linked_models_those_that_are_there_are_shown(open_page):
    page = open_page(models=["learned", "nowhere"])
    assert "nowhere" in warnings(page)
    assert names(page) == ["Learned prior"]


def test_each_model_keeps_its_look_whatever_stands_beside_it(open_page, tiny_checkpoints, tmp_path):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    change_weights(shutil.copytree(models / "fixed", models / "another"))
    shown = player(open_page(runs=models, models=["fixed", "learned", "another"]))["models"]
    assert [model["name"] for model in shown] == ["Fixed prior", "Learned prior", "another"]
    assert [model["colour"] for model in shown[:2]] == ["#0072B2", "#E69F00"]
    assert not shown[0]["dash"] and shown[1]["dash"]
    assert len({(model["colour"], model["dash"]) for model in shown}) == 3
    [alone] = player(open_page(runs=models, models=["another"]))["models"]
    assert alone["colour"] == shown[2]["colour"]
    assert alone["psnr"] != shown[0]["psnr"]


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
    page = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not page.exception
    assert "--data STORE" in errors(page)
