"""What a model is shown while it is trained, and the weights it then has."""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from cvae.config import TINY
from cvae.data.store import Store
from cvae.model.checkpoint import Checkpoint, load_checkpoint
from cvae.model.cvae import CVAE, Rollout
from cvae.model.history import load_history
from cvae.training.trainer import train


@dataclass(frozen=True)
class Call:
    """One batch as the model is given it; weights: all its parameters before, in a row."""

    frames: Tensor
    conditions: Tensor
    noise: Tensor
    teacher_forcing: bool
    weights: Tensor


class Witness:
    """Observes as the model does, and keeps every call; `train` takes it for its `observer`."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def __call__(self, model: CVAE) -> "Witness":
        self.model = model
        return self

    def observe(
        self, frames: Tensor, conditions: Tensor, noise: Tensor, *, teacher_forcing: bool
    ) -> Rollout:
        weights = all_weights(self.model)
        self.calls.append(Call(frames, conditions, noise, teacher_forcing, weights))
        return self.model.observe(frames, conditions, noise, teacher_forcing=teacher_forcing)


@dataclass(frozen=True)
class Witnessed:
    """A run that is over: its calls, what it left, and its weights in a row."""

    calls: list[Call]
    history: pd.DataFrame
    checkpoint: Checkpoint

    @property
    def weights(self) -> Tensor:
        return all_weights(self.checkpoint.model)

    def calls_of(self, epoch: int) -> list[Call]:
        """`epoch` is counted from 0."""
        share = len(self.calls) // len(self.history)
        return self.calls[epoch * share : (epoch + 1) * share]


def all_weights(model: CVAE) -> Tensor:
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


def witnessed(store: Path, out: Path, **training) -> Witnessed:
    """A run of the tiny recipe with these settings, in exact arithmetic."""
    config = replace(TINY, training=replace(TINY.training, **training))
    cpu, witness = torch.device("cpu"), Witness()
    train(Store.open(store), out, config, cpu, precision="float32", observer=witness)
    return Witnessed(witness.calls, load_history(out), load_checkpoint(out))
