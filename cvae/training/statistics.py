"""BatchNorm's running statistics, measured anew for the weights that an epoch ended with.

Averages kept over an epoch mix weights of different age, and calls of two kinds: teacher-forced
ones of all frames together, free-running ones of a single late step. Predictions with them are
half a decibel and more worse after a short training (docs/training.md). What is measured here
belongs to one set of weights, over teacher-forced batches.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import torch
from torch import Tensor, nn

from cvae.data.dataset import SequenceDataset
from cvae.training.draws import batches_from, noise_of
from cvae.training.engine import Engine
from cvae.training.progress import Run

SEQUENCES = 96  # over a thousand frames, at a cost of about four updates


@torch.no_grad()
def measure_statistics(run: Run, dataset: SequenceDataset, engine: Engine) -> None:
    """Set the running statistics to plain means over the first SEQUENCES windows of the epoch.

    Each with the noise it was trained with. A batch that makes them anything but finite is left
    out. All processes have to come here.
    """
    training, model = run.checkpoint.config.training, run.checkpoint.model
    enough = -(-SEQUENCES // training.batch_size)
    batches = islice(batches_from(run, dataset, engine, first=0), enough)
    model.train()
    with _plain_means(model), engine.autocast():
        for number, packed in enumerate(batches):
            batch = packed.to(engine.device)
            noise = noise_of(run, number, batch, engine)
            before = kept_statistics(model)
            # One frame given: all steps are decoded in one call, and a batch weighs as its frames.
            model.observe(batch.frames, batch.conditions, noise, teacher_forcing=True, given=1)
            if not all(buffer.isfinite().all() for buffer in model.buffers()):
                restore_statistics(model, before)


def kept_statistics(model: nn.Module) -> list[Tensor]:
    """A copy of the running statistics, to go back to."""
    return [buffer.clone() for buffer in model.buffers()]


@torch.no_grad()
def restore_statistics(model: nn.Module, before: list[Tensor]) -> None:
    for buffer, kept in zip(model.buffers(), before, strict=True):
        buffer.copy_(kept)


@contextmanager
def _plain_means(model: nn.Module) -> Iterator[None]:
    """Let every BatchNorm begin anew, and weigh each batch alike."""
    norms = [part for part in model.modules() if isinstance(part, nn.modules.batchnorm._BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # PyTorch's sign for a plain mean
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
