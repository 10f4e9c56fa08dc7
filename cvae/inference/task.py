"""From sequences to the tensors that a rollout starts from; what does not fit is refused."""

from collections.abc import Sequence as Items
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from einops import rearrange
from torch import Tensor

from cvae.data.sequence import Sequence
from cvae.errors import InputError
from cvae.model.checkpoint import Checkpoint
from cvae.model.noise import sample_noise

States = Literal["given", "rolled out"]
Latent = Literal["sampled", "mean"]


@dataclass(frozen=True)
class Task:
    """What to predict: N sequences, S samples of each, on the model's device.

    past: given frames (N, C, 3, H, W) in [0, 1]. conditions: (N, steps, 7) as the model was
    trained on them. noise: (N, S, steps, z_dim). states: of each sequence where its positions
    come from, "given", "rolled out" or "read".
    """

    past: Tensor
    conditions: Tensor
    noise: Tensor
    states: list[str]


def make_task(
    checkpoint: Checkpoint,
    device: torch.device,
    sequences: Items[Sequence],
    *,
    seed: int,
    samples: int,
    horizon: int,
    latent: Latent,
    states: States,
    context: int | None,
) -> Task:
    """As `Predictor.predict` is asked; InputError if a sequence is too short for it."""
    if samples < 1 or horizon < 1:
        raise InputError(f"Asked for {samples} samples of {horizon} frames; both start at 1.")
    if not sequences:
        raise InputError("There is no sequence to predict; give at least one.")
    given = given_frames(checkpoint, context)
    steps, z_dim = given + horizon - 1, checkpoint.config.model.z_dim
    for sequence in sequences:
        check_length(sequence, given, horizon, given, states)
    past = np.stack([sequence.frames[:given] for sequence in sequences])
    places, used = _positions(checkpoint, device, sequences, given, steps, states)
    if latent == "mean":
        noise = torch.zeros(len(sequences), 1, steps, z_dim)
    else:
        drawn = [sample_noise(seed, sequence.name, samples, steps, z_dim) for sequence in sequences]
        noise = torch.stack(drawn)
    return Task(
        to_float_frames(past).to(device),
        _conditions(checkpoint, sequences, places).to(device),
        noise.to(device),
        used,
    )


def make_posterior_task(
    checkpoint: Checkpoint,
    device: torch.device,
    sequences: Items[Sequence],
    horizon: int,
    context: int | None,
) -> tuple[Tensor, Tensor, int]:
    """True frames (N, given + horizon, 3, H, W), conditions, and how many frames are given."""
    given = given_frames(checkpoint, context)
    length = given + horizon
    for sequence in sequences:
        check_length(sequence, given, horizon, length, "given")
    truth = np.stack([sequence.frames[:length] for sequence in sequences])
    places, _ = _positions(checkpoint, device, sequences, given, length - 1, "given")
    conditions = _conditions(checkpoint, sequences, places)
    return to_float_frames(truth).to(device), conditions.to(device), given


def given_frames(checkpoint: Checkpoint, context: int | None) -> int:
    """How many frames are given: as in training unless told otherwise."""
    if context is None:
        return checkpoint.config.model.n_past
    if context < 1:
        raise InputError(f"Asked to predict from {context} given frames; give at least 1.")
    return context


def check_length(sequence: Sequence, given: int, horizon: int, frames: int, states: States) -> None:
    """Raise InputError unless there are conditions for all steps, and `frames` frames."""
    steps = given + horizon - 1
    conditions = len(sequence.actions)
    if states == "given" and sequence.positions is not None:
        conditions = min(conditions, len(sequence.positions))
    if conditions < steps:
        raise InputError(
            f"{sequence.name} has conditions for {conditions} frames; predicting {horizon} frames "
            f"from {given} needs {steps}: choose a shorter horizon."
        )
    if len(sequence.frames) < frames:
        raise InputError(
            f"{sequence.name} has {len(sequence.frames)} frames, but {frames} are needed: "
            "choose a longer sequence."
        )


@torch.inference_mode()
def known_positions(
    checkpoint: Checkpoint, device: torch.device, sequence: Sequence, given: int
) -> Tensor:
    """Positions of the context (given, 3); read from the first frame where not recorded."""
    if sequence.positions is not None:
        return torch.from_numpy(sequence.positions[:given]).to(device)
    return checkpoint.state_model.read(to_float_frames(sequence.frames[:1]).to(device))


@torch.inference_mode()
def roll_positions(checkpoint: Checkpoint, known: Tensor, actions: np.ndarray) -> np.ndarray:
    """Known positions (K, 3), actions (T, 4) -> positions (T, 3)."""
    told = torch.from_numpy(actions)[None].to(known.device)
    return checkpoint.state_model.roll(known[None], told)[0].float().cpu().numpy()


def _conditions(checkpoint: Checkpoint, sequences: Items[Sequence], places: np.ndarray) -> Tensor:
    steps = places.shape[1]
    actions = np.stack([sequence.actions[:steps] for sequence in sequences])
    conditions = np.concatenate([actions, places], -1)
    return torch.from_numpy(checkpoint.normalisation.apply(conditions))


def _positions(
    checkpoint: Checkpoint,
    device: torch.device,
    sequences: Items[Sequence],
    given: int,
    steps: int,
    states: States,
) -> tuple[np.ndarray, list[str]]:
    """Positions (N, steps, 3) as `states` wants them, and for each where they came from."""
    places, used = [], []
    for sequence in sequences:
        if states == "given" and sequence.positions is not None:
            places.append(sequence.positions[:steps])
            used.append("given")
            continue
        known = known_positions(checkpoint, device, sequence, given)
        places.append(roll_positions(checkpoint, known, sequence.actions[:steps]))
        used.append("read" if sequence.positions is None else "rolled out")
    return np.stack(places), used


def to_float_frames(frames: np.ndarray) -> Tensor:
    """uint8 (..., H, W, 3) -> float32 (..., 3, H, W) in [0, 1]."""
    return rearrange(torch.from_numpy(frames), "... h w c -> ... c h w").float() / 255


def to_uint8_frames(frames: Tensor) -> np.ndarray:
    """float (..., 3, H, W) in [0, 1] -> uint8 (..., H, W, 3), rounded."""
    pixels = (frames.float() * 255).round().clamp(0, 255).to(torch.uint8)
    return rearrange(pixels, "... c h w -> ... h w c").cpu().numpy()
