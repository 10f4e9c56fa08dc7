"""The arm, and the standard view of it in BAIR robot pushing, to which the simulated is fitted."""

import numpy as np

from cvae.data.sequence import FRAME_SIZE
from cvae.simulation.policy import HOLD, MAX_STEP, FollowConfig

__all__ = ["CENTRE", "FINGERS", "HOLD", "LEFT", "MAX_STEP", "REACH", "look_down", "project"]

REACH = FollowConfig().reach  # metres that the arm goes for a metre commanded
LEFT = 0.24  # of a command's way, when the next one is given; see `cvae.simulation.policy.follow`
CENTRE = np.array([0.64, -0.04, 0.2])  # metres: the middle of where the arm goes
FINGERS = 0.16  # metres from the recorded position down to the fingertips, by the simulated masks

CAMERA = np.array([1.336, -0.04, 0.539])  # metres
RIGHT, UP = np.array([0.0, 1.0, 0.0]), np.array([-0.683, 0.0, 0.730])
AHEAD = -np.cross(RIGHT, UP)
FOCAL = FRAME_SIZE / 2 / np.tan(np.radians(50.0 / 2))  # pixels


def project(places: np.ndarray) -> np.ndarray:
    """Where the camera sees `places` (T, 3), in metres: (T, 2), x and y in pixels."""
    seen = places - CAMERA
    away = seen @ AHEAD
    x, y = seen @ RIGHT / away, seen @ -UP / away
    return FRAME_SIZE / 2 + FOCAL * np.stack([x, y], axis=1)


def look_down(pixel: np.ndarray, height: float) -> np.ndarray:
    """The place (3,), in metres, that the camera sees at `pixel` (2,) and that lies at `height`."""
    x, y = (pixel - FRAME_SIZE / 2) / FOCAL
    ray = x * RIGHT - y * UP + AHEAD
    return CAMERA + ray * (height - CAMERA[2]) / ray[2]
