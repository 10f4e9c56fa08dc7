"""What the latent of a model holds for one sequence, and what a dimension of it does to frames."""

from collections.abc import Sequence as Items
from dataclasses import dataclass

import numpy as np
import torch

from cvae.data.sequence import Sequence
from cvae.device import told_without_room
from cvae.errors import InputError
from cvae.inference.predictor import Predictor
from cvae.inference.task import make_posterior_task, make_task, to_uint8_frames
from cvae.model.latent import Gaussian


@dataclass(frozen=True)
class Beliefs:
    """Posterior and prior of z_1 .. z_{T-1} for a sequence, float32 (T-1, z_dim) each.

    kl: nats of KL(posterior || prior), of every step and dimension.
    """

    posterior_mean: np.ndarray
    posterior_sigma: np.ndarray
    prior_mean: np.ndarray
    prior_sigma: np.ndarray
    kl: np.ndarray

    def by_activity(self) -> list[int]:
        """Dimensions of z, that with the largest mean KL first."""
        return np.argsort(-self.kl.mean(0), kind="stable").tolist()


def beliefs(predictor: Predictor, sequence: Sequence, horizon: int = 10) -> Beliefs:
    """What posterior and prior say of the sequence's first n_past + horizon frames.

    Frames are free-running as in prediction, with z at the mean of the posterior, which sees the
    true frame: this explains a model, it predicts nothing.
    Raises InputError when the sequence is too short, or the GPU has no room.
    """
    with told_without_room(predictor.device):
        return _beliefs(predictor, sequence, horizon)


def _beliefs(predictor: Predictor, sequence: Sequence, horizon: int) -> Beliefs:
    checkpoint = predictor.checkpoint
    frames, conditions, given = make_posterior_task(
        checkpoint, predictor.device, [sequence], horizon, None
    )
    steps, z_dim = given + horizon - 1, checkpoint.config.model.z_dim
    with torch.inference_mode():
        rollout = checkpoint.model.observe(
            frames,
            conditions,
            torch.zeros(1, steps, z_dim, device=predictor.device),
            teacher_forcing=False,
        )
    kl = rollout.posterior.kl(rollout.prior)[0].cpu().numpy()
    return Beliefs(*_moments(rollout.posterior), *_moments(rollout.prior), kl)


def walk(
    predictor: Predictor,
    sequence: Sequence,
    dimension: int,
    sigmas: Items[float],
    horizon: int = 10,
) -> np.ndarray:
    """Predictions that differ in one dimension of z alone.

    In prediction k that dimension stands `sigmas[k]` standard deviations of the prior from its
    mean at every predicted step, all others at the mean. Returns uint8 (K, horizon, H, W, 3).
    Raises InputError when the sequence is too short, the model has no such dimension, or the GPU
    has no room.
    """
    z_dim = predictor.checkpoint.config.model.z_dim
    if not 0 <= dimension < z_dim:
        raise InputError(
            f"The latent has no dimension {dimension}; choose one from 0 to {z_dim - 1}."
        )
    with told_without_room(predictor.device):
        return _walk(predictor, sequence, dimension, sigmas, horizon)


def _walk(
    predictor: Predictor, sequence: Sequence, dimension: int, sigmas: Items[float], horizon: int
) -> np.ndarray:
    task = make_task(
        predictor.checkpoint,
        predictor.device,
        [sequence],
        seed=0,
        samples=1,
        horizon=horizon,
        latent="mean",
        states="given",
        context=None,
    )
    noise = task.noise.repeat(1, len(sigmas), 1, 1)  # (1, K, steps, z_dim), zeros
    # Before, z comes from the posterior, which looks at frames that are given.
    first = predictor.n_past - 1
    noise[0, :, first:, dimension] = torch.tensor(sigmas, device=noise.device)[:, None]
    with torch.inference_mode():
        frames, _ = predictor.checkpoint.model.imagine(task.past, task.conditions, noise)
    return to_uint8_frames(frames)[0]


def _moments(gaussian: Gaussian) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the batch's one sequence."""
    sigma = torch.exp(0.5 * gaussian.log_variance)
    return gaussian.mean[0].cpu().numpy(), sigma[0].cpu().numpy()
