"""What the arm is told, as the player draws it: arrows in the picture, and traces over time."""

import numpy as np

from cvae.data.sequence import Sequence
from demo.arm import CENTRE, FINGERS, HOLD, MAX_STEP, REACH, project


def arrows(sequence: Sequence) -> list[list[float]]:
    """For each frame x, y of the arrow's start and x, y of its tip, in pixels.

    It starts at the fingertips and points to where the command takes it; where positions are
    not recorded, it starts in the middle of the bin.
    """
    if sequence.positions is None:
        start = np.tile(CENTRE, (len(sequence), 1))
    else:
        start = sequence.positions.astype(float)
    start = start - [0, 0, FINGERS]
    tip = start.copy()
    tip[:, :2] += REACH * sequence.actions[:, :2]
    return np.hstack([project(start), project(tip)]).round(2).tolist()


def traces(sequence: Sequence) -> dict:
    """dx, dy in metres, and whether the gripper is told to be closed and lifted, a value a frame.

    close_nstep = n closes it for n commands, this one included; goup_nstep = n lifts it, and it
    stays up for the n commands that follow.
    """
    dx, dy, close, lift = sequence.actions.T.astype(float)
    return {
        "dx": dx.tolist(),
        "dy": dy.tolist(),
        "largest": max(MAX_STEP, float(np.abs([dx, dy]).max())),
        "closed": _lasting(np.rint(close)),
        "lifted": _lasting(np.where(lift > 0, np.rint(lift) + 1, 0)),
    }


def _lasting(counts: np.ndarray) -> list[bool]:
    """Whether each frame is within `counts` commands of one that said so."""
    left, told = 0.0, []
    for count in counts:
        # Told in each frame that it is held, the last time HOLD - 1 frames after the first.
        left = max(left - 1, HOLD * count - (HOLD - 1))
        told.append(bool(left > 0))
    return told
