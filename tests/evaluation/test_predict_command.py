"""`predict` as a user calls it."""

import json
import shutil

import imageio.v3 as imageio
import numpy as np
import pytest
from PIL import Image

from cvae.__main__ import main
from cvae.data.store import Store
from cvae.evaluation.metrics import psnr
from cvae.inference.predictor import Predictor, to_float_frames
from tests.command import run_cvae
from tests.moving_picture import panes


def test_predict_draws_what_it_prints(tiny_checkpoints, store, tmp_path) -> None:
    models = tiny_checkpoints / "fixed", tiny_checkpoints / "learned"
    done = run_cvae(
        *("predict", *models, "--data", store, "--sequence", "tiny-test-0002"),
        *("--seed", 3, "--samples", 2, "--states", "rolled out", "--out", tmp_path / "out"),
    )
    assert done.returncode == 0, done.stderr
    for words in ("tiny-test-0002", "states rolled out", "fixed 1", "learned 2"):
        assert words in done.stdout
    [strip], [gif] = (list((tmp_path / "out").glob(f"*.{end}")) for end in ("png", "gif"))
    assert str(strip) in done.stdout and str(gif) in done.stdout
    with Image.open(strip) as image:
        assert image.width > 12 * 128 and image.height > 5 * 128
    assert len(imageio.imread(gif)) == 12
    with Image.open(gif) as image:
        assert image.info["duration"] == 250
        assert image.width > 5 * 256
    assert len(list((tmp_path / "out").iterdir())) == 2
    sequence = Store.open(store).split("test").by_name("tiny-test-0002")
    options = {"seed": 3, "samples": 2, "states": "rolled out"}
    futures = {}
    for model in models:
        [prediction] = Predictor.load(model, "cpu").predict([sequence], **options)
        futures |= {f"{model.name} {k}": one for k, one in enumerate(prediction.frames, 1)}
    for name, future in futures.items():
        decibels = psnr(to_float_frames(future), to_float_frames(sequence.frames[2:12])).numpy()
        assert printed(done.stdout, name) == pytest.approx([*decibels, decibels.mean()], abs=0.06)
    with Image.open(gif) as image:
        for t in (7, 11):
            image.seek(t)
            shown = panes(np.asarray(image.convert("RGB")).astype(int))
            expected = [sequence.frames[t], *(future[t - 2] for future in futures.values())]
            for pane, frame in zip(shown, expected, strict=True):
                assert np.abs(pane - frame).mean() < 6  # in 256 colours


def printed(text: str, name: str) -> list[float]:
    """The numbers in the line of that name."""
    [line] = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    return [float(number) for number in line.removeprefix(name).split()]


def test_predict_finds_by_number_and_repeats_itself(
    tiny_checkpoints, store, tmp_path, capsys
) -> None:
    pictures = []
    for attempt in ("a", "b"):
        out = tmp_path / attempt
        options = ["--data", str(store), "--sequence", "2", "--latent", "mean", "--out", str(out)]
        assert main(["predict", str(tiny_checkpoints / "fixed"), *options]) == 0
        assert "tiny-test-0002" in capsys.readouterr().out
        pictures.append(np.asarray(Image.open(next(out.glob("*.png")))))
    assert np.array_equal(*pictures)


def test_another_prediction_of_the_sequence_does_not_take_the_place_of_the_first(
    tiny_checkpoints, store, tmp_path
) -> None:
    base = [
        "predict",
        str(tiny_checkpoints / "fixed"),
        "--data",
        str(store),
        "--out",
        str(tmp_path),
    ]
    for options in ((), ("--latent", "mean"), ("--horizon", "3"), ("--states", "rolled out")):
        assert main([*base, *options]) == 0
    assert main([*base, "--samples", "2"]) == 0
    assert {
        file.stem.removeprefix("tiny-test-0000_fixed_seed0") for file in tmp_path.iterdir()
    } == {*("", "_z-mean", "_3-frames", "_states-rolled-out", "_2-samples")}


def test_predict_draws_as_many_frames_as_are_asked_for(tiny_checkpoints, store, tmp_path) -> None:
    options = ["--data", str(store), "--horizon", "3", "--out", str(tmp_path)]
    assert main(["predict", str(tiny_checkpoints / "fixed"), *options]) == 0
    [gif] = tmp_path.glob("*.gif")
    assert len(imageio.imread(gif)) == 2 + 3, "given and predicted"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--sequence", "nobody"), ("nobody", "tiny-test-0000")),
        (("--sequence", "4"), ("no number 4", "0 to 3")),
        (("--sequence", "-1"), ("-1",)),
        (("--horizon", "29"), ("30 frames", "--horizon")),
        (("--samples", "0"), ("0 samples",)),
    ],
)
def test_predict_refuses_what_is_not_there(
    tiny_checkpoints, store, tmp_path, refuses, options, words
) -> None:
    base = ("predict", tiny_checkpoints / "fixed", "--data", store, "--out", tmp_path / "out")
    refuses((*base, *options), *words)
    assert not (tmp_path / "out").exists()


def test_predict_refuses_models_that_are_given_different_numbers_of_frames(
    tiny_checkpoints, store, tmp_path, refuses
) -> None:
    three = shutil.copytree(tiny_checkpoints / "fixed", tmp_path / "three")
    config = json.loads((three / "config.json").read_text())
    config["model"]["n_past"] = 3
    (three / "config.json").write_text(json.dumps(config))
    refuses(
        ("predict", tiny_checkpoints / "fixed", three, "--data", store),
        "different numbers of given frames ([2, 3])",
    )


def test_predict_refuses_an_out_that_is_no_folder(
    tiny_checkpoints, store, tmp_path, refuses
) -> None:
    (tmp_path / "file").write_text("")
    base = ("predict", tiny_checkpoints / "fixed", "--data", store)
    refuses((*base, "--out", tmp_path / "file"), tmp_path / "file", "choose another place")
