"""Frame by frame: someone decides at every frame what the arm is told next.

The caller keeps the state. Nothing is recorded here, so positions come from the commands alone,
by the state model: what `states="rolled out"` does for a whole sequence.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cvae.data.sequence import ACTION_DIM, POSITION_DIM
from cvae.device import told_without_room
from cvae.errors import InputError
from cvae.inference.predictor import Predictor
from cvae.inference.task import to_float_frames, to_uint8_frames
from cvae.model.cvae import Moment, Past
from cvae.model.state_model import StateMemory


@dataclass(frozen=True)
class Scene:
    """Where an imagined future stands; handed from step to step, never changed.

    Any earlier scene can be gone on from: to undo, or to try two commands at the same frame.

    position: where the arm is in the last frame, metres (1, 3).
    """

    seen: Past
    moment: Moment
    position: Tensor
    memory: StateMemory


@torch.inference_mode()
def start(
    predictor: Predictor,
    frames: np.ndarray,
    actions: np.ndarray,
    positions: np.ndarray | None = None,
    noise: Tensor | None = None,
) -> Scene:
    """The scene after given frames, uint8 (C, H, W, 3), ready for the command at the last one.

    actions: (C-1, 4), what the arm was told at each but the last. positions: where it was in the
    first K of them, metres (K, 3); without any the first is read from its frame. noise: standard
    normal (C-1, z_dim); the mean of z if there is none. Raises InputError if these don't fit,
    or the GPU has no room.
    """
    given = len(frames)
    if given < 1 or np.shape(actions) != (given - 1, ACTION_DIM):
        raise InputError(
            f"{given} given frames and actions of shape {np.shape(actions)} do not fit: give at "
            f"least one frame, and {ACTION_DIM} numbers for each but the last."
        )
    with told_without_room(predictor.device):
        return _start(predictor, frames, actions, positions, noise)


def _start(
    predictor: Predictor,
    frames: np.ndarray,
    actions: np.ndarray,
    positions: np.ndarray | None,
    noise: Tensor | None,
) -> Scene:
    checkpoint, device = predictor.checkpoint, predictor.device
    past = to_float_frames(frames)[None].to(device)
    known = (
        [] if positions is None else [_row(p, POSITION_DIM, "position", device) for p in positions]
    )
    place = known[0] if known else checkpoint.state_model.read(past[:, 0])
    memory = checkpoint.state_model.initial(place)
    conditions = []
    for t, command in enumerate(actions, 1):
        action = _row(command, ACTION_DIM, "action", device)
        conditions.append(_condition(predictor, action, place))
        place, memory = checkpoint.state_model.move(place, action, memory)
        place = known[t] if t < len(known) else place
    drawn = _noise(predictor, noise, len(actions))
    told = torch.stack(conditions, 1) if conditions else past.new_empty(1, 0, 1)
    seen = checkpoint.model.look(past)
    moment, _ = checkpoint.model.begin(past, seen, told, drawn[None, None])
    return Scene(seen, moment, place, memory)


@torch.inference_mode()
def step(
    predictor: Predictor, scene: Scene, action: np.ndarray, noise: Tensor | None = None
) -> tuple[np.ndarray, Scene]:
    """What the next frame looks like if the arm is told `action` (4,) now, and the scene then.

    noise: standard normal (z_dim,), such as `torch.randn(z_dim, generator=...)`; without it z is
    the prior's mean. Returns the frame, uint8 (H, W, 3). Raises InputError if these don't fit, or
    the GPU has no room.
    """
    with told_without_room(predictor.device):
        return _step(predictor, scene, action, noise)


def _step(
    predictor: Predictor, scene: Scene, action: np.ndarray, noise: Tensor | None
) -> tuple[np.ndarray, Scene]:
    checkpoint, device = predictor.checkpoint, predictor.device
    told = _row(action, ACTION_DIM, "action", device)
    drawn = _noise(predictor, noise)
    condition = _condition(predictor, told, scene.position)
    _, moment = checkpoint.model.advance(scene.moment, scene.seen.anchor, condition, drawn[None])
    position, memory = checkpoint.state_model.move(scene.position, told, scene.memory)
    return to_uint8_frames(moment.frame)[0], Scene(scene.seen, moment, position, memory)


def _row(values: np.ndarray, size: int, what: str, device: torch.device) -> Tensor:
    """(size,) -> float32 (1, size) on the device."""
    row = torch.as_tensor(np.asarray(values, np.float32), device=device)
    if row.shape != (size,) or not row.isfinite().all():
        raise InputError(f"The {what} {values} is not {size} finite numbers.")
    return row[None]


def _noise(predictor: Predictor, noise: Tensor | None, *steps: int) -> Tensor:
    """(*steps, z_dim) on the predictor's device; zeros where there is none."""
    expected = (*steps, predictor.checkpoint.config.model.z_dim)
    if noise is None:
        return torch.zeros(expected, device=predictor.device)
    if noise.shape != expected:
        raise InputError(f"The noise has the shape {tuple(noise.shape)}: give one of {expected}.")
    return noise.to(predictor.device)


def _condition(predictor: Predictor, action: Tensor, position: Tensor) -> Tensor:
    told = torch.cat([action, position], 1).cpu().numpy()
    return torch.from_numpy(predictor.checkpoint.normalisation.apply(told)).to(predictor.device)
