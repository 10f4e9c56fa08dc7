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
    counts_close, counts_lift: chances of 1, 2, 3, 4 for how many commands it lasts.
    """

    smoothness: float = -0.1
    close: float = 0.33
    lift: float = 0.2
    counts_close: tuple[float, ...] = (0.2, 0.2, 0.4, 0.2)
    counts_lift: tuple[float, ...] = (0.7, 0.2, 0.07, 0.03)


def random_start(rng: np.random.Generator) -> np.ndarray:
    """float64 (3,): where the end effector is at frame 0."""
    return np.array([rng.uniform(*X_RANGE), rng.uniform(*Y_RANGE), LOW])


def random_actions(rng: np.random.Generator, length: int, config: PolicyConfig) -> np.ndarray:
    """float32 (length, 4) commands [dx, dy, close_nstep, goup_nstep], each held for two frames."""
    commands = np.zeros((-(-length // HOLD), ACTION_DIM), np.float32)
    counts = np.arange(1, MAX_COUNT + 1)
    drift = rng.uniform(-1.0, 1.0, 2)
    for command in commands:
        keep = config.smoothness
        drift = np.clip(keep * drift + rng.uniform(-1.0, 1.0, 2), -1.0, 1.0)
        command[:2] = MAX_STEP * drift
        if rng.random() < config.close:
            command[2] = rng.choice(counts, p=config.counts_close)
        if rng.random() < config.lift:
            command[3] = rng.choice(counts, p=config.counts_lift)
    return np.repeat(commands, HOLD, axis=0)[:length]


@dataclass(frozen=True)
class FollowConfig:
    """How the arm carries out its commands; fitted to real frames, in which it trails them.

    reach: metres that the arm moves per metre commanded.
    delay: frames that pass before the arm starts.
    duration: frames from start to rest.
    steps_per_frame: points of the path between two frames.
    """

    reach: float = 1.75
    delay: float = 0.64
    duration: float = 2.0
    steps_per_frame: int = 24


@dataclass(frozen=True)
class Motion:
    """What the arm does from frame 0 on.

    path: float64 (T * steps_per_frame + 1, 3), places of the end effector in metres.
    positions: float32 (T + 1, 3), those at the frames; the last is where the last action leads.
    closed: bool (T,), whether the fingers are closed on the way from frame t to t+1.
    """

    path: np.ndarray
    positions: np.ndarray
    closed: np.ndarray
    steps_per_frame: int

    def between(self, t: int) -> np.ndarray:
        """float64 (steps_per_frame + 1, 3): the path from frame t to frame t+1."""
        return self.path[t * self.steps_per_frame : (t + 1) * self.steps_per_frame + 1]


def follow(start: np.ndarray, actions: np.ndarray, config: FollowConfig) -> Motion:
    """What the arm does when it starts at `start` and is given `actions` (T, 4).

    A command given at an even frame t moves the end effector by reach * (dx, dy) within the
    limits. The arm trails it over three frames: with the defaults it has gone 9 % of the way at
    frame t + 1, 76 % at t + 2, and all of it at t + 3, when the next command has just begun.
    goup_nstep = n > 0 lifts the arm to its highest place meanwhile, where it stays for the n
    following commands; it comes down during the one after. close_nstep = n > 0 closes the
    fingers for n commands, this one included.
    """
    commanded = np.asarray(start, np.float64)
    times = np.arange(len(actions) * config.steps_per_frame + 1) / config.steps_per_frame
    path = np.tile(commanded, (len(times), 1))
    closed, lifted_for, closed_for = [], 0, 0
    for number, (dx, dy, close, lift) in enumerate(actions[::HOLD].astype(np.float64)):
        lifted_for = max(lifted_for - 1, round(lift) + 1 if lift else 0)
        closed_for = max(closed_for - 1, round(close))
        x, y = commanded[0] + config.reach * dx, commanded[1] + config.reach * dy
        there = np.array(
            [np.clip(x, *X_RANGE), np.clip(y, *Y_RANGE), HIGH if lifted_for > 0 else LOW]
        )
        since = (times - number * HOLD - config.delay) / config.duration
        path += (there - commanded) * _smooth_step(since)[:, None]
        commanded = there
        closed += [closed_for > 0] * HOLD
    positions = path[:: config.steps_per_frame].astype(np.float32)
    return Motion(path, positions, np.array(closed[: len(actions)]), config.steps_per_frame)


def _smooth_step(time: np.ndarray) -> np.ndarray:
    """Share of the way done at `time`: 0 before 0, 1 after 1, and smooth between."""
    moving = np.clip(time, 0.0, 1.0)
    return moving**2 * (3.0 - 2.0 * moving)
