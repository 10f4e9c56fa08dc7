"""What the latent of a model holds for one sequence, and what a dimension of it does to frames."""

from collections.abc import Sequence as Items
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cvae.data.sequence import Sequence
from cvae.errors import InputError
from cvae.inference.predictor import Predictor
from cvae.inference.task import to_float_frames, to_uint8_frames
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
    Raises InputError when the sequence is too short.
    """
    length = predictor.n_past + horizon
    frames = _frames(sequence, length)[None].to(predictor.device)
    with torch.inference_mode():
        rollout = predictor.checkpoint.model.observe(
            frames,
            _conditions(predictor, sequence, length - 1),
            torch.zeros(1, length - 1, predictor.checkpoint.config.model.z_dim).to(frames),
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
    Raises InputError when the sequence is too short, or the model has no such dimension.
    """
    n_past, z_dim = predictor.n_past, predictor.checkpoint.config.model.z_dim
    if not 0 <= dimension < z_dim:
        raise InputError(
            f"The latent has no dimension {dimension}; choose one from 0 to {z_dim - 1}."
        )
    steps = n_past + horizon - 1
    noise = torch.zeros(1, len(sigmas), steps, z_dim, device=predictor.device)
    # Before, z comes from the posterior, which looks at frames that are given.
    noise[0, :, n_past - 1 :, dimension] = torch.tensor(sigmas, device=noise.device)[:, None]
    past = _frames(sequence, n_past)[None].to(predictor.device)
    with torch.inference_mode():
        frames, _ = predictor.checkpoint.model.imagine(
            past, _conditions(predictor, sequence, steps), noise
        )
    return to_uint8_frames(frames)[0]


def _frames(sequence: Sequence, length: int) -> Tensor:
    """The first `length` frames, float32 (length, 3, H, W)."""
    if len(sequence.frames) < length:
        raise InputError(
            f"{sequence.name} has {len(sequence.frames)} frames, but {length} are needed: choose a "
            "longer sequence."
        )
    return to_float_frames(sequence.frames[:length])


def _conditions(predictor: Predictor, sequence: Sequence, steps: int) -> Tensor:
    """Standardised conditions (1, steps, 7), on the predictor's device."""
    if len(sequence.actions) < steps:
        raise InputError(
            f"{sequence.name} has actions for {len(sequence.actions)} frames, but {steps} are "
            "needed: choose a longer sequence."
        )
    if sequence.positions is None:
        sequence = predictor.with_foreign_conditions(sequence, sequence)  # its own: rolled out
    assert sequence.positions is not None
    conditions = np.concatenate([sequence.actions[:steps], sequence.positions[:steps]], -1)
    normalised = predictor.checkpoint.normalisation.apply(conditions)
    return torch.from_numpy(normalised)[None].to(predictor.device)


def _moments(gaussian: Gaussian) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the batch's one sequence."""
    sigma = torch.exp(0.5 * gaussian.log_variance)
    return gaussian.mean[0].cpu().numpy(), sigma[0].cpu().numpy()
