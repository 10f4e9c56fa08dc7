"""Random commands as in the real data, and where they take the end effector."""

from dataclasses import dataclass

import numpy as np

from cvae.data.sequence import ACTION_DIM
from cvae.simulation.scene import X_RANGE, Y_RANGE, Z_RANGE

HOLD = 2  # frames that a command is held
MAX_STEP = 0.066  # largest |dx|, |dy| of a command, metres
MAX_COUNT = 4  # largest close_nstep, goup_nstep
LOW, HIGH = 0.195, Z_RANGE[1]  # height of the end effector on its way and when lifted


@dataclass(frozen=True)
class PolicyConfig:
    """How random commands are drawn.

    smoothness: correlation of a command's direction with the one before; the real arm wanders
        rather than trembles.
    close, lift: chance that a command closes the gripper, or lifts the arm.
    """

    smoothness: float = 0.5
    close: float = 0.3
    lift: float = 0.2


def random_start(rng: np.random.Generator) -> np.ndarray:
    """float64 (3,): where the end effector is at frame 0."""
    return np.array([rng.uniform(*X_RANGE), rng.uniform(*Y_RANGE), LOW])


def random_actions(rng: np.random.Generator, length: int, config: PolicyConfig) -> np.ndarray:
    """float32 (length, 4) commands [dx, dy, close_nstep, goup_nstep], each held for two frames."""
    commands = np.zeros((-(-length // HOLD), ACTION_DIM), np.float32)
    drift = rng.uniform(-1.0, 1.0, 2)
    for command in commands:
        keep = config.smoothness
        drift = np.clip(keep * drift + rng.uniform(-1.0, 1.0, 2), -1.0, 1.0)
        command[:2] = MAX_STEP * drift
        command[2] = rng.integers(1, MAX_COUNT + 1) if rng.random() < config.close else 0
        command[3] = rng.integers(1, MAX_COUNT + 1) if rng.random() < config.lift else 0
    return np.repeat(commands, HOLD, axis=0)[:length]


@dataclass(frozen=True)
class Motion:
    """Where the arm is to be at each frame.

    positions: float32 (T + 1, 3), the last row where the last action leads to.
    closed: bool (T,), whether the fingers are closed on the way from frame t to t+1.
    """

    positions: np.ndarray
    closed: np.ndarray


def follow(start: np.ndarray, actions: np.ndarray, *, reach: float) -> Motion:
    """What the arm does when it starts at `start` and is given `actions` (T, 4).

    A command given at an even frame t moves the commanded position by reach * (dx, dy) within
    the limits, and the arm goes there in a straight line until frame t + 2. goup_nstep = n > 0
    lifts the arm to its highest position for n commands, this one included, close_nstep
    closes the fingers likewise.
    """
    positions = [np.asarray(start, np.float64)]
    closed, lifted_for, closed_for = [], 0, 0
    for dx, dy, close, lift in actions[::HOLD].astype(np.float64):
        lifted_for, closed_for = max(lifted_for - 1, round(lift)), max(closed_for - 1, round(close))
        here = positions[-1]
        x, y = here[0] + reach * dx, here[1] + reach * dy
        target = np.array(
            [np.clip(x, *X_RANGE), np.clip(y, *Y_RANGE), HIGH if lifted_for > 0 else LOW]
        )
        positions += [here + (target - here) * (k + 1) / HOLD for k in range(HOLD)]
        closed += [closed_for > 0] * HOLD
    length = len(actions)
    return Motion(np.array(positions[: length + 1], np.float32), np.array(closed[:length]))
