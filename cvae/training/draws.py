"""What a batch draws: windows, noise, teacher forcing or not; all by their number in the run.

So nothing random has to be kept to go on, and processes that share a batch agree.
"""

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from cvae.data.dataset import Batch, SequenceDataset
from cvae.data.sampler import SharedBatches
from cvae.model.noise import keyed_generator
from cvae.training.engine import Engine
from cvae.training.progress import Run


def batches_from(run: Run, dataset: SequenceDataset, engine: Engine, first: int) -> DataLoader:
    """The epoch's batches from number `first` on: this process's share of each, packed."""
    training = run.checkpoint.config.training
    sampler = dataset.sampler(
        training.windows, seed=training.seed, draws_per_epoch=training.sequences_per_epoch
    )
    drawn = min(first * training.batch_size, training.sequences_per_epoch)
    sampler.begin(run.epoch, drawn)
    shared = SharedBatches(sampler, training.batch_size, engine.rank, engine.processes)
    return DataLoader(dataset, batch_sampler=shared, collate_fn=dataset.collate)


def draw_noise(seed: int, draws: range, steps: int, z_dim: int) -> Tensor:
    """Standard normal noise (draws, steps, z_dim), of each draw by its number in the whole run."""
    generators = [keyed_generator("training noise", seed, number) for number in draws]
    return torch.stack([torch.randn(steps, z_dim, generator=drawn) for drawn in generators])


def noise_of(run: Run, number: int, batch: Batch, engine: Engine) -> Tensor:
    """Noise for this process's share of batch `number` of the epoch, on the device."""
    training = run.checkpoint.config.training
    first = run.epoch * training.sequences_per_epoch + number * training.batch_size
    first += engine.rank * len(batch)
    draws, steps = range(first, first + len(batch)), batch.frames.shape[1] - 1
    z_dim = run.checkpoint.config.model.z_dim
    return draw_noise(training.seed, draws, steps, z_dim).to(engine.device)


def draw_forcing(seed: int, epoch: int, number: int, ratio: float) -> bool:
    """Whether a batch is teacher-forced, by a coin that says so with probability `ratio`."""
    coin = keyed_generator("teacher forcing", seed, epoch, number)
    return torch.rand((), generator=coin).item() < ratio
