"""What BatchNorm remembers belongs to the weights it is stored with."""

from functools import partial

import pytest
import torch
from torch import nn

from cvae.config import TINY
from cvae.data.dataset import Normalisation, SequenceDataset
from cvae.data.store import Store
from cvae.model.checkpoint import load_checkpoint
from cvae.training.draws import batches_from, noise_of
from cvae.training.engine import Engine, launch
from cvae.training.new_run import new_run
from cvae.training.progress import Run
from cvae.training.statistics import measure_statistics
from tests.training.runs import train_here

CPU = torch.device("cpu")


@pytest.fixture
def engine() -> Engine:
    return launch(CPU, "float32")


@pytest.fixture
def run_on(store, tmp_path, engine):
    """A run before its first epoch, and the windows it trains on."""
    opened = Store.open(store)
    training, length = opened.split("train"), TINY.model.n_past + TINY.training.n_future
    dataset = SequenceDataset(training, Normalisation.fit(training), length)
    return new_run(opened, tmp_path / "run", TINY, engine, dataset.normalisation, None), dataset


def norms(model: nn.Module) -> list[nn.Module]:
    return [part for part in model.modules() if isinstance(part, nn.BatchNorm2d | nn.BatchNorm1d)]


def statistics(model: nn.Module) -> list[torch.Tensor]:
    return [buffer.clone() for buffer in model.buffers()]


def seen_by_hand(run: Run, dataset: SequenceDataset, engine: Engine) -> list[list[torch.Tensor]]:
    """What goes into each BatchNorm in teacher-forced calls: (frames, channels, pixels) a call."""
    seen = [[] for _ in norms(run.checkpoint.model)]
    hooks = [
        norm.register_forward_pre_hook(lambda _, inputs, kept=kept: kept.append(inputs[0]))
        for norm, kept in zip(norms(run.checkpoint.model), seen, strict=True)
    ]
    with torch.no_grad():
        for number, packed in enumerate(batches_from(run, dataset, engine, 0)):
            batch = packed.to(CPU)
            noise = noise_of(run, number, batch, engine)
            observe = partial(run.checkpoint.model.observe, teacher_forcing=True, given=1)
            observe(batch.frames, batch.conditions, noise)
    for hook in hooks:
        hook.remove()
    return [[inputs.flatten(2) for inputs in calls] for calls in seen]


def test_they_are_means_over_teacher_forced_batches(run_on, engine) -> None:
    run, dataset = run_on
    run.checkpoint.model.train()
    seen = seen_by_hand(run, dataset, engine)
    measure_statistics(run, dataset, engine)
    for norm, calls in zip(norms(run.checkpoint.model), seen, strict=True):
        mean = torch.stack([call.mean((0, 2)) for call in calls]).mean(0)
        variance = torch.stack([call.transpose(0, 1).flatten(1).var(1) for call in calls]).mean(0)
        torch.testing.assert_close(norm.running_mean, mean, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(norm.running_var, variance, rtol=1e-4, atol=1e-5)


def test_what_was_remembered_before_plays_no_part(run_on, engine) -> None:
    run, dataset = run_on
    measure_statistics(run, dataset, engine)
    first = statistics(run.checkpoint.model)
    for norm in norms(run.checkpoint.model):
        norm.running_mean += 3
        assert norm.momentum == 0.1, "training goes on as before"
    measure_statistics(run, dataset, engine)
    assert all(map(torch.equal, statistics(run.checkpoint.model), first))


def test_a_run_stores_them(store, tmp_path, engine) -> None:
    out = tmp_path / "stored"
    assert train_here(store, out, "--training.epochs", "2") == 0
    for norm in norms(load_checkpoint(out).model):
        # An average with PyTorch's momentum would have counted every batch of the run.
        assert norm.num_batches_tracked == _batches_of_an_epoch()


def test_a_batch_that_is_not_finite_is_left_out(run_on, engine) -> None:
    run, dataset = run_on
    dataset.normalisation.std[0] = 0.0
    dataset.normalisation.mean[0] = float("nan")
    measure_statistics(run, dataset, engine)
    assert all(values.isfinite().all() for values in statistics(run.checkpoint.model))


def _batches_of_an_epoch() -> int:
    return -(-TINY.training.sequences_per_epoch // TINY.training.batch_size)
