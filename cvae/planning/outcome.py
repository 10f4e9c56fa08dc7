"""How near a plan came to the goal when it was carried out."""

from dataclasses import dataclass

import numpy as np
import torch

from cvae.data.sequence import ARM, MOVED, Sequence
from cvae.evaluation.metrics import psnr
from cvae.evaluation.tip import tip_error
from cvae.inference.predictor import to_float_frames
from cvae.planning.commands import first_free_frame

CENTIMETRES = 100


@dataclass(frozen=True)
class Outcome:
    """Where a plan has led, at the frame that the goal was meant for.

    arm: cm from the end effector to where it was in the recorded frame.
    tip: pixels, the same in the picture; see `tip_error`. NaN without masks, or out of view.
    toys: cm, of the toys that moved after the given frames; NaN where none did.
    psnr: dB of the frame against the recorded one.
    """

    arm: float
    tip: float
    toys: float
    psnr: float


def stay(recorded: Sequence, given: int, frame: int) -> np.ndarray:
    """Commands (frame + 1, 4): those recorded up to the first free one, and no more."""
    actions = recorded.actions[: frame + 1].copy()
    actions[first_free_frame(given) :] = 0
    return actions


def measure(carried: Sequence, recorded: Sequence, given: int, frame: int) -> Outcome:
    """How near `carried` came to frame number `frame` of `recorded`.

    Both have more frames than that, and positions, as all simulated sequences do.
    """
    assert carried.positions is not None and recorded.positions is not None
    away = carried.positions[frame] - recorded.positions[frame]
    pictures = to_float_frames(carried.frames[frame]), to_float_frames(recorded.frames[frame])
    return Outcome(
        arm=float(np.linalg.norm(away)) * CENTIMETRES,
        tip=_tip_away(carried, recorded, frame),
        toys=_toys_away(carried, recorded, given - 1, frame) * CENTIMETRES,
        psnr=float(psnr(*pictures)),
    )


def _tip_away(carried: Sequence, recorded: Sequence, frame: int) -> float:
    """Pixels."""
    if recorded.masks is None:
        return float("nan")
    one = slice(frame, frame + 1)
    found, wanted = (to_float_frames(sequence.frames[one]) for sequence in (carried, recorded))
    return float(tip_error(found[None], wanted, torch.from_numpy(recorded.masks[one] == ARM)))


def _toys_away(carried: Sequence, recorded: Sequence, since: int, frame: int) -> float:
    """Metres, mean over the toys that moved from frame `since` on."""
    if carried.toys is None or recorded.toys is None:
        return float("nan")
    moved = np.linalg.norm(recorded.toys[frame] - recorded.toys[since], axis=1) > MOVED
    away = np.linalg.norm(carried.toys[frame] - recorded.toys[frame], axis=1)
    return float(away[moved].mean()) if moved.any() else float("nan")
