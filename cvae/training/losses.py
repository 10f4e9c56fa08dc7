"""The loss: the negative bound of the conditional VAE, weighted as in SVG."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from cvae.data.dataset import Batch
from cvae.model.cvae import Rollout


class Observer(Protocol):
    """A model, or what observes in its place."""

    def observe(
        self, frames: Tensor, conditions: Tensor, noise: Tensor, *, teacher_forcing: bool
    ) -> Rollout: ...


@dataclass(frozen=True)
class LossLogs:
    """What a step is judged by; detached, on the device.

    mse: mean over batch, steps and pixels. kl: (z_dim,), nats per frame of each dimension.
    """

    mse: Tensor
    kl: Tensor


def elbo_loss(
    model: Observer, batch: Batch, noise: Tensor, *, beta: float, teacher_forcing: bool
) -> tuple[Tensor, LossLogs]:
    """Sum over the steps t = 1 .. T-1 of the mean squared error + beta * KL.

    The error is the mean over batch, channels and pixels, the KL is summed over z and averaged
    over the batch. Mean, not sum, over 3*64*64 values: beta here is 1/6144 of the observation
    variance that the bound assumes, so that 5e-5 stands for sigma = 0.55 of the brightness
    range, and the lab's 1.0 for 78, under which no latent survives.
    noise: (B, T-1, z_dim), standard normal.
    """
    rollout = model.observe(batch.frames, batch.conditions, noise, teacher_forcing=teacher_forcing)
    steps = noise.shape[1]
    mse = torch.mean((rollout.frames - batch.frames[:, 1:]) ** 2)
    kl = rollout.posterior.kl(rollout.prior).mean((0, 1))  # (z_dim,), a frame
    loss = steps * (mse + beta * kl.sum())
    return loss, LossLogs(mse.detach(), kl.detach())


class Objective(nn.Module):
    """`elbo_loss` as a module of tensors: what an engine can wrap to average gradients."""

    def __init__(self, model: Observer) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, batch: Batch, noise: Tensor, *, beta: float, teacher_forcing: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The loss to descend, and what it is judged by: mse, KL (z_dim,)."""
        loss, logs = elbo_loss(self.model, batch, noise, beta=beta, teacher_forcing=teacher_forcing)
        return loss, logs.mse, logs.kl
