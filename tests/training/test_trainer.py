"""Training runs as a user starts them: whole, killed, resumed, refused."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import torch

from cvae.model.checkpoint import find_checkpoints, load_checkpoint, load_history

COLUMNS = [
    *("epoch", "train_loss", "train_mse", "kl", "active_dims", "beta"),
    *("teacher_forcing_ratio", "learning_rate"),
    *("validation_psnr", "validation_ssim", "seconds"),
]


def command(store: Path, out: Path, *options: str) -> list[str]:
    base = [sys.executable, "-m", "cvae", "train", "tiny", "--data", str(store), "--out", str(out)]
    return [*base, "--device", "cpu", *options]


def train(store: Path, out: Path, *options: str) -> subprocess.CompletedProcess:
    return subprocess.run(command(store, out, *options), capture_output=True, text=True)


@pytest.fixture(scope="module")
def whole(store, tmp_path_factory) -> Path:
    """A run of five epochs that nothing disturbed."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    done = train(store, out, "--training.epochs", "5")
    assert done.returncode == 0, done.stderr
    return out


def test_a_run_leaves_a_checkpoint_with_history(whole) -> None:
    assert find_checkpoints(whole.parent) == [whole]
    history = load_history(whole)
    assert list(history.columns) == COLUMNS
    assert list(history.epoch) == [1, 2, 3, 4, 5]
    assert history.notna().all().all()
    assert not (whole / "resume.pt").exists()
    checkpoint = load_checkpoint(whole)
    assert checkpoint.config.training.epochs == 5
    assert checkpoint.data["train"] == 8


def test_training_lowers_the_error(store, tmp_path) -> None:
    done = train(store, tmp_path / "run", "--training.epochs", "12", "--training.beta-max", "0")
    assert done.returncode == 0, done.stderr
    errors = load_history(tmp_path / "run").train_mse
    assert errors.iloc[-3:].mean() < 0.95 * errors.iloc[:3].mean()


def test_killed_and_resumed_equals_undisturbed(store, whole, tmp_path) -> None:
    out = tmp_path / "killed"
    line = command(store, out, "--training.epochs", "5")
    kills = 0
    for epochs_seen in (1, 3):
        process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and _epochs(out) < epochs_seen:
            time.sleep(0.01)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
    assert kills > 0, "every run ended before it could be killed"
    assert train(store, out, "--training.epochs", "5").returncode == 0
    pd.testing.assert_frame_equal(
        load_history(out).drop(columns="seconds"),
        load_history(whole).drop(columns="seconds"),
        check_exact=True,
    )
    undisturbed = load_checkpoint(whole).model.state_dict()
    for name, tensor in load_checkpoint(out).model.state_dict().items():
        assert torch.equal(tensor, undisturbed[name]), name


def _epochs(out: Path) -> int:
    file = out / "history.csv"
    return len(pd.read_csv(file)) if file.is_file() else 0


def test_a_complete_run_is_left_alone(store, whole) -> None:
    before = (whole / "model.safetensors").read_bytes()
    again = train(store, whole, "--training.epochs", "5")
    assert again.returncode == 0
    assert "already complete" in again.stdout
    assert (whole / "model.safetensors").read_bytes() == before


def test_another_run_in_the_folder_is_refused(store, whole) -> None:
    refused = train(store, whole, "--training.epochs", "5", "--model.prior", "learned")
    assert refused.returncode == 2
    assert "choose a new folder" in refused.stderr


def test_resuming_with_other_settings_names_the_difference(store, tmp_path) -> None:
    out = tmp_path / "run"
    line = command(store, out, "--training.epochs", "50")
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not (out / "resume.pt").exists():
        time.sleep(0.01)
    process.kill()
    process.wait()
    refused = train(store, out, "--training.epochs", "50", "--training.learning-rate", "0.5")
    assert refused.returncode == 2
    assert "training.learning_rate was 0.001, is 0.5" in refused.stderr


def test_a_damaged_resume_point_is_told(store, tmp_path) -> None:
    out = tmp_path / "run"
    out.mkdir()
    (out / "resume.pt").write_bytes(b"half a file")
    refused = train(store, out)
    assert refused.returncode == 2
    assert "resume.pt is damaged" in refused.stderr


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--training.batch-size", "999"], "training.batch_size 999 is larger"),
        (["--training.n-future", "40"], "do not fit"),
        (["--training.kl-anneal-ratio", "0"], "training.kl_anneal_ratio is 0"),
        (["--training.tfr-lower-bound", "2"], "training.tfr_lower_bound is 2"),
        (["--model.width", "0.3"], "model.width is 0.3"),
    ],
)
def test_settings_that_cannot_be_are_refused(store, tmp_path, options, sentence) -> None:
    refused = train(store, tmp_path / "run", *options)
    assert refused.returncode == 2, refused.stdout
    assert sentence in " ".join(refused.stderr.replace("│", " ").split())
    assert not (tmp_path / "run").exists()
