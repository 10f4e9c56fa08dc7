"""`evaluate` and `predict` as a user calls them."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pytest
from PIL import Image

from cvae.__main__ import main
from cvae.config import RunConfig
from cvae.data.bundle import write_bundle
from cvae.data.store import Store
from cvae.errors import InputError
from cvae.evaluation.card import train_command
from cvae.evaluation.scores import ONE_SAMPLE, load_evaluation, load_scores, overall
from cvae.model.checkpoint import load_config


def run(*arguments: object) -> subprocess.CompletedProcess:
    """A process of its own, as from a shell."""
    words = [sys.executable, "-m", "cvae", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True)


@pytest.fixture
def refuses(capsys):
    """Calls the command line in this process; it must end with code 2 and one sentence."""

    def call(arguments: tuple, *words: object) -> None:
        capsys.readouterr()
        assert main([str(argument) for argument in arguments]) == 2
        [sentence] = capsys.readouterr().err.strip().splitlines()
        assert all(str(word) in sentence for word in words), sentence

    return call


@pytest.fixture
def checkpoints(tiny_checkpoints, tmp_path) -> Path:
    """A copy to write into and to damage."""
    return shutil.copytree(tiny_checkpoints, tmp_path / "checkpoints")


def test_evaluate_prints_a_table_and_stores_all_numbers(checkpoints, store) -> None:
    done = run("evaluate", checkpoints / "fixed", checkpoints / "learned", "--data", store)
    assert done.returncode == 0, done.stderr
    for words in ("copy the last given frame", "fixed: one sample", "learned: posterior reference"):
        assert words in done.stdout
    for words in ("given-states", "2 given frames -> 10", "all 4 sequences", "simulated"):
        assert words in done.stdout
    for name in ("fixed", "learned"):
        evaluation = load_evaluation(checkpoints / name)
        assert (evaluation.checkpoint, evaluation.split_size) == (name, 4)
        measured = evaluation.overall[ONE_SAMPLE]["psnr"]
        assert f"| {name}: one sample | {measured.mean:.2f} ± {measured.half_width:.2f} |" in (
            done.stdout
        )
        again = overall(load_scores(checkpoints / name))[ONE_SAMPLE]["psnr"]
        assert again.mean == pytest.approx(measured.mean, abs=1e-4)
        card = (checkpoints / name / "README.md").read_text()
        assert f"{measured.mean:.2f} ± {measured.half_width:.2f}" in card
        assert "python -m cvae train tiny" in card
        assert str(checkpoints.parent.parent) not in card
        assert not list((checkpoints / name).glob("*.new"))


def test_the_card_names_the_command_that_trains_it_again(tiny_checkpoints, refuses) -> None:
    config, _ = load_config(tiny_checkpoints / "learned")
    command = train_command(config, "learned", {}).split()
    assert command[3:] == [
        *("train", "tiny", "--data", "STORE", "--out", "checkpoints/learned"),
        *("--model.prior", "learned"),
    ]
    changed = RunConfig(
        replace(config.model, compositing=False), replace(config.training, grad_clip=None)
    )
    command = train_command(changed, "learned", {}).split()
    assert {"--model.no-compositing", "--training.grad-clip"} < set(command)
    refuses(command[3:], "STORE")  # all options are understood; only the store is not there


def test_a_limited_evaluation_stores_nothing(checkpoints, store, capsys) -> None:
    path = str(checkpoints / "fixed")
    assert main(["evaluate", path, "--data", str(store), "--limit", "2"]) == 0
    printed = capsys.readouterr().out
    assert "only the first 2 of 4 sequences" in printed
    assert "Nothing was stored" in printed
    assert not (checkpoints / "fixed" / "evaluation.json").exists()
    with pytest.raises(InputError, match="cvae evaluate"):
        load_evaluation(checkpoints / "fixed")


def test_a_bundle_is_a_selection_and_stores_nothing(checkpoints, store, tmp_path, capsys) -> None:
    write_bundle(Store.open(store).split("test"), 2, tmp_path / "bundle")
    path, bundle = checkpoints / "fixed", tmp_path / "bundle"
    assert main(["evaluate", str(path), "--data", str(bundle)]) == 0
    assert "Nothing was stored" in capsys.readouterr().out
    assert not (path / "evaluation.json").exists() and not (path / "README.md").exists()


def test_a_damaged_evaluation_is_told(checkpoints) -> None:
    file = checkpoints / "fixed" / "evaluation.json"
    for text in ("{", "[]", json.dumps({"protocol": {}})):
        file.write_text(text)
        with pytest.raises(InputError, match=r"evaluation\.json is damaged"):
            load_evaluation(checkpoints / "fixed")


def test_predict_draws_what_it_prints(tiny_checkpoints, store, tmp_path) -> None:
    models = tiny_checkpoints / "fixed", tiny_checkpoints / "learned"
    done = run(
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


def test_predict_refuses_an_out_that_is_no_folder(
    tiny_checkpoints, store, tmp_path, refuses
) -> None:
    (tmp_path / "file").write_text("")
    base = ("predict", tiny_checkpoints / "fixed", "--data", store)
    refuses((*base, "--out", tmp_path / "file"), tmp_path / "file", "--out")


@pytest.mark.parametrize("command", ["evaluate", "predict"])
def test_bad_models_and_data_are_refused(command, checkpoints, store, tmp_path, refuses) -> None:
    refuses((command, tmp_path / "none", "--data", store), tmp_path / "none")
    refuses((command, tmp_path, "--data", store), "config.json")
    refuses((command, "--data", store), "checkpoint")
    (tmp_path / "empty").mkdir()
    refuses((command, checkpoints / "fixed", "--data", tmp_path / "empty"), tmp_path / "empty")
    weights = checkpoints / "fixed" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    refuses((command, checkpoints / "fixed", "--data", store), weights, "damaged")


def test_a_damaged_checkpoint_ends_the_process_with_2(checkpoints, store) -> None:
    (checkpoints / "fixed" / "config.json").write_text("{")
    done = run("predict", checkpoints / "fixed", "--data", store)
    assert done.returncode == 2
    [sentence] = done.stderr.strip().splitlines()
    assert "config.json is damaged" in sentence


def test_evaluate_refuses_an_unknown_split_and_a_limit_of_none(
    tiny_checkpoints, store, refuses
) -> None:
    base = ("evaluate", tiny_checkpoints / "fixed", "--data", store)
    refuses((*base, "--split", "tset"), "tset", "validate")
    refuses((*base, "--limit", 0), "--limit is 0")


def test_scores_that_are_no_table_are_refused(checkpoints) -> None:
    (checkpoints / "fixed" / "evaluation.csv").write_text("")
    with pytest.raises(InputError, match=r"evaluation\.csv"):
        load_scores(checkpoints / "fixed")
