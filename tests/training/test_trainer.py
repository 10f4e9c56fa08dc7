"""Training runs as a user starts them: whole, done already, refused."""

import shutil
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from cvae.config import TINY
from cvae.data.store import Store, StoreWriter
from cvae.evaluation.metrics import ssim
from cvae.inference.predictor import Predictor, to_float_frames
from cvae.model.checkpoint import find_checkpoints, load_checkpoint
from cvae.model.history import load_history
from cvae.training import new_run, trainer
from cvae.training.progress import EpochLogs
from tests.tiny_data import tiny_names, tiny_sequence
from tests.training.runs import events, train_here
from tests.training.witness import Witness

COLUMNS = [
    *("epoch", "train_loss", "train_mse", "kl", "active_dims", "beta"),
    *("teacher_forcing_ratio", "learning_rate", "skipped"),
    *("validation_psnr", "validation_ssim", "seconds"),
]


@pytest.fixture(scope="module")
def whole(store, tmp_path_factory) -> Path:
    """A run of five epochs, begun where one was killed that wrote its very first state."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    out.mkdir()
    (out / ".resume.pt.1.new").write_bytes(b"half")
    assert train_here(store, out, "--training.epochs", "5") == 0
    return out


def test_a_run_leaves_a_checkpoint_with_history(whole) -> None:
    assert find_checkpoints(whole.parent) == [whole]
    history = load_history(whole)
    assert list(history.columns) == COLUMNS
    assert list(history.epoch) == [1, 2, 3, 4, 5]
    assert history.notna().all().all()
    assert not (whole / "resume.pt").exists()
    assert not list(whole.glob(".*"))
    checkpoint = load_checkpoint(whole)
    assert checkpoint.config.training.epochs == 5
    assert checkpoint.data["train"] == 8


def test_validation_measures_what_the_model_predicts_of_every_sequence(store, whole) -> None:
    split, predictor = Store.open(store).split("validate"), Predictor.load(whole, "cpu")
    first, horizon = predictor.n_past, predictor.checkpoint.config.training.n_future
    decibels, similarities = [], []
    for sequence in (split[number] for number in range(len(split))):
        [prediction] = predictor.predict([sequence], horizon=horizon)
        predicted, truth = prediction.frames[0], sequence.frames[first : first + horizon]
        errors = ((predicted.astype(float) - truth) / 255) ** 2
        decibels.append(-10 * np.log10(errors.mean((1, 2, 3))))
        similarities.append(ssim(to_float_frames(predicted), to_float_frames(truth)))
    last = load_history(whole).iloc[-1]
    assert last.validation_psnr == pytest.approx(np.mean(decibels), abs=1e-3)
    assert last.validation_ssim == pytest.approx(np.mean(similarities), abs=1e-4)


def test_training_lowers_the_error(store, tmp_path) -> None:
    options = ("--training.epochs", "12", "--training.beta-max", "0")
    assert train_here(store, tmp_path / "run", *options) == 0
    errors = load_history(tmp_path / "run").train_mse
    assert errors.iloc[-3:].mean() < 0.95 * errors.iloc[:3].mean()


def test_a_complete_run_is_left_alone(store, whole, capsys) -> None:
    before = (whole / "model.safetensors").read_bytes()
    assert train_here(store, whole, "--training.epochs", "5") == 0
    assert capsys.readouterr().out == f"{whole} is already complete.\n"
    assert (whole / "model.safetensors").read_bytes() == before


def test_a_record_without_weights_is_no_complete_run(store, whole, tmp_path, capsys) -> None:
    record = shutil.copytree(whole, tmp_path / "record")
    (record / "model.safetensors").unlink()
    assert train_here(store, record, "--training.epochs", "5") == 2
    assert "holds no run in progress; choose a new folder" in capsys.readouterr().err


def test_another_run_in_the_folder_is_refused(store, whole, capsys) -> None:
    before = (whole / "model.safetensors").read_bytes()
    assert train_here(store, whole, "--training.epochs", "6") == 2
    told = capsys.readouterr().err
    assert "holds a finished run with other settings (training.epochs was 5, is 6)" in told
    assert "choose a new folder" in told and "delete" not in told
    assert (whole / "model.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--training.batch-size", "999"], "training.batch_size 999 is larger"),
        (
            ["--training.batch-size", "9", "--training.sequences-per-epoch", "9"],
            "training.batch_size 9 is larger than the training split, which has 8 sequences",
        ),
        (["--training.n-future", "40"], "do not fit"),
        (["--training.kl-anneal-ratio", "0"], "training.kl_anneal_ratio is 0"),
        (["--training.tfr-lower-bound", "2"], "training.tfr_lower_bound is 2"),
        (["--training.kl-cycles", "3"], "training.kl_cycles is 3, but there are 2 epochs"),
        (["--training.beta-max", "nan"], "training.beta_max is nan"),
        (["--training.grad-clip", "0"], "training.grad_clip is 0"),
        (["--training.grad-clip", "inf"], "training.grad_clip is inf; give a finite norm"),
        (["--save-minutes", "nan"], "--save-minutes is nan: give 0 or more"),
        (["--save-minutes", "-1"], "--save-minutes is -1.0: give 0 or more"),
        (
            ["--training.sequences-per-epoch", "9"],
            "leaves a batch of one sequence in an epoch of 9",
        ),
        (["--training.seed", "-1"], "training.seed is -1"),
        (["--device", "abacus"], "There is no device 'abacus'"),
        (["--model.width", "0.3"], "model.width is 0.3"),
    ],
)
def test_settings_that_cannot_be_are_refused(store, tmp_path, capsys, options, sentence) -> None:
    assert train_here(store, tmp_path / "run", *options) == 2
    assert sentence in " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert not (tmp_path / "run").exists()


def test_a_batch_that_does_not_fit_the_memory_is_refused_before_the_first_step(
    store, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.setattr(new_run, "memory_available", lambda device: 2 << 20)
    assert train_here(store, tmp_path / "run") == 2
    assert "training.batch_size 4 needs" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_run_is_saved_whenever_the_minutes_have_passed(store, tmp_path, monkeypatch) -> None:
    witness, out = Witness(), tmp_path / "run"
    clock = SimpleNamespace(
        monotonic=lambda: 60 * len(witness.calls),  # a minute a batch
        perf_counter=time.perf_counter,
    )
    monkeypatch.setattr(trainer, "time", clock)
    training = replace(TINY.training, sequences_per_epoch=16, batch_size=2, state_updates=2)
    data, config = Store.open(store), replace(TINY, training=training)
    trainer.train(data, out, config, torch.device("cpu"), save_minutes=3, observer=witness)
    saved = [(e["epoch"], e["batch"]) for e in events(out) if e["event"] == "saved"]
    # At first with the state model; an epoch's end is saved, too, and the minutes begin anew.
    assert saved == [(1, 0), (1, 3), (1, 6), (2, 3), (2, 6)]


@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_a_gpu_that_is_not_there_is_refused(store, tmp_path, capsys, device) -> None:
    assert train_here(store, tmp_path / "run", "--device", device) == 2
    assert "There is no CUDA GPU here" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_store_without_validation_is_refused(tmp_path, capsys) -> None:
    names = {"train": tiny_names(train=4, validate=1, test=1)["train"]}
    writer = StoreWriter(tmp_path / "store", names, source="simulated")
    for index, name in enumerate(names["train"]):
        writer.write("train", index, tiny_sequence(name, index, labelled=False))
    writer.finish()
    assert train_here(tmp_path / "store", tmp_path / "run") == 2
    assert "has no split 'validate'; choose one of: train" in capsys.readouterr().err


def store_with_positions(path: Path, recorded: int) -> Path:
    """Positions in so many of the 8 training sequences, and in no others."""
    names = tiny_names(train=8, validate=1, test=1)
    writer = StoreWriter(path, names, source="x")
    for split, listed in names.items():
        for index, name in enumerate(listed):
            sequence = tiny_sequence(name, index, labelled=False)
            if split != "train" or index >= recorded:
                sequence = replace(sequence, positions=None)
            writer.write(split, index, sequence)
    writer.finish()
    return path


def test_only_a_model_that_is_told_nothing_trains_without_positions(tmp_path, capsys) -> None:
    store, out = store_with_positions(tmp_path / "store", recorded=5), tmp_path / "run"
    assert train_here(store, out) == 2
    assert "3 of the 8 training sequences have no positions" in capsys.readouterr().err
    assert not out.exists()
    assert train_here(store, out, "--model.no-conditioned") == 0
    assert load_history(out).notna().all(axis=None)


def test_where_no_training_sequence_has_positions_it_is_told(tmp_path, capsys) -> None:
    store, out = store_with_positions(tmp_path / "store", recorded=0), tmp_path / "run"
    options = ("--model.no-conditioned", "--training.conditions", "raw")
    assert train_here(store, out, *options) == 2
    assert "None of the 8 training sequences has positions" in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_that_can_not_be_written_is_refused(store, tmp_path, capsys) -> None:
    (tmp_path / "file").write_text("in the way")
    for out in (tmp_path / "file", tmp_path / "file" / "run"):
        assert train_here(store, out) == 2
        assert str(out) in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "in the way"


def test_sums_that_come_back_on_the_cpu_are_added_to_where_the_run_is() -> None:
    logs = EpochLogs(batches=1, sequences=8, sums=torch.ones(4, dtype=torch.float64))
    logs.add(torch.ones(4, device="meta"), 8)  # in place of a GPU's
    assert logs.sums.device.type == "meta" and logs.sequences == 16
