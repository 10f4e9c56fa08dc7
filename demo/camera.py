"""The standard view of BAIR robot pushing, which the simulated one is fitted to."""

import numpy as np

from cvae.data.sequence import FRAME_SIZE

CAMERA = np.array([1.336, -0.04, 0.539])  # metres
RIGHT, UP = np.array([0.0, 1.0, 0.0]), np.array([-0.683, 0.0, 0.730])
AHEAD = -np.cross(RIGHT, UP)
FOCAL = FRAME_SIZE / 2 / np.tan(np.radians(50.0 / 2))  # pixels
FINGERS = 0.16  # metres from the recorded position down to the fingertips, by the simulated masks


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
