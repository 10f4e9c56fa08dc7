"""What the page shows of a sequence: frames, numbers, words, and the command for the same."""

import re
import shlex

import numpy as np
import torch

from cvae.__main__ import main
from cvae.data.bundle import open_test_sequences
from cvae.evaluation.metrics import psnr, ssim
from cvae.inference.predictor import Predictor, to_float_frames
from tests.demo.shown import player, said, sheet


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
    np.testing.assert_allclose(reference["psnr"], [expected], atol=1e-4)


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
    assert len(shown["reference"]["ssim"][0]) == 10


def test_protocol_changes_what_is_predicted(open_page):
    given = player(open_page())
    longer = player(open_page(horizon="28"))
    assert longer["frames"] == 30 and len(longer["models"][0]["psnr"][0]) == 28
    np.testing.assert_array_equal(sheet(longer)[:, :12], sheet(given))
    page = open_page(states="rolled out")
    rolled = player(page)
    assert rolled["models"][0]["psnr"] != given["models"][0]["psnr"]
    np.testing.assert_array_equal(sheet(rolled)[0], sheet(given)[0])
    assert "rolled out" in said(page)


def test_says_device_time_source_and_command(open_page):
    page = open_page(seed="7", samples="2", states="rolled out")
    device = "GPU" if torch.cuda.is_available() else "CPU"
    for told in (device, " ms", "seed 7", "2 samples", "simulated"):
        assert told in said(page)
    command = page.code[0].value
    assert command.startswith("python -m cvae predict ")
    assert "/fixed " in command and "/learned " in command
    assert "--seed 7" in command and "--samples 2" in command and "rolled out" in command


def test_the_command_makes_the_same_prediction(open_page, tmp_path, capsys):
    page = open_page(seed="7", samples="2", states="rolled out", sequence="tiny-test-0002")
    words = shlex.split(page.code[0].value)
    words[words.index("--out") + 1] = str(tmp_path)
    capsys.readouterr()
    assert words[:3] == ["python", "-m", "cvae"] and main(words[3:]) == 0
    printed = re.findall(r"^fixed 1 +(.*)$", capsys.readouterr().out, re.MULTILINE)[0].split()
    shown = player(page)["models"][0]["psnr"][0]
    assert printed == [f"{value:.1f}" for value in shown] + [f"{np.mean(shown):.2f}"]


def test_table_holds_the_numbers_of_the_chart(open_page):
    page = open_page(samples="2")
    table = page.dataframe[0].value
    shown = player(page)
    for model in shown["models"]:
        np.testing.assert_allclose(table.loc[model["name"]], np.mean(model["psnr"], 0), atol=1e-5)
    np.testing.assert_allclose(
        table.loc["Copy last frame"], shown["reference"]["psnr"][0], atol=1e-5
    )
    assert list(table.columns) == [f"Frame {number}" for number in range(2, 12)]
