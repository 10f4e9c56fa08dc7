"""A running average of the weights is what is published, and nothing else changes."""

import signal
import subprocess
from dataclasses import replace

import torch

from cvae.config import TINY
from cvae.data.store import Store
from cvae.model.checkpoint import load_checkpoint
from cvae.model.history import load_history
from cvae.training.trainer import train as train_here
from tests.training.runs import (
    assert_same_run,
    command,
    events,
    train,
    train_together,
    wait_for_events,
)

AVERAGED = (
    *("--training.average-decay", "0.5", "--training.state-updates", "5"),
    *("--training.sequences-per-epoch", "16", "--precision", "float32"),
)


def test_the_published_weights_are_averages_of_those_that_are_trained(store, tmp_path) -> None:
    decays = {"plain": [], "none-kept": ["0"], "kept": ["0.9"]}
    models, losses = {}, {}
    for name, decay in decays.items():
        options = ["--training.average-decay", *decay] if decay else []
        done = train(store, tmp_path / name, *options)
        assert done.returncode == 0, done.stderr
        models[name] = load_checkpoint(tmp_path / name).model.state_dict()
        losses[name] = list(load_history(tmp_path / name).train_loss)
    assert losses["plain"] == losses["none-kept"] == losses["kept"]
    plain, none_kept, kept = models.values()
    assert all(torch.equal(plain[name], none_kept[name]) for name in plain)
    assert not all(torch.equal(plain[name], kept[name]) for name in plain)


def test_what_an_observer_leaves_in_batchnorm_is_published(store, tmp_path) -> None:
    models = []
    for name, decay in {"plain": None, "none-kept": 0.0}.items():
        training = replace(TINY.training, average_decay=decay, state_updates=1)
        config, cpu = replace(TINY, training=training), torch.device("cpu")
        train_here(Store.open(store), tmp_path / name, config, cpu, observer=lambda model: model)
        models.append(load_checkpoint(tmp_path / name).model.state_dict())
    plain, none_kept = models
    assert all(torch.equal(plain[name], none_kept[name]) for name in plain)


def test_killed_within_an_epoch_it_ends_up_as_undisturbed(store, tmp_path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "killed"
    settings = (*AVERAGED, "--training.sequences-per-epoch", "32")
    assert train(store, whole, *settings).returncode == 0
    process = subprocess.Popen(command(store, out, *settings, "--save-minutes", "0"))
    assert wait_for_events(process, out, 5), "the run ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert train(store, out, *settings).returncode == 0
    assert next(e["batch"] for e in events(out) if e["event"] == "resumed") > 0
    assert_same_run(out, whole)


def test_several_processes_measure_the_statistics_of_what_they_publish_together(
    store, tmp_path
) -> None:
    alone, together = tmp_path / "alone", tmp_path / "together"
    # The weights stay where they are: what differs would be the statistics alone.
    settings = (*AVERAGED, "--training.learning-rate", "1e-12", "--training.epochs", "1")
    assert train(store, alone, *settings).returncode == 0
    done = train_together(2, store, together, *settings)
    assert done.returncode == 0, done.stderr
    one, two = (load_checkpoint(out).model.state_dict() for out in (alone, together))
    for name in (name for name in one if "running" in name):
        torch.testing.assert_close(two[name], one[name], rtol=5e-3, atol=1e-5, msg=name)
