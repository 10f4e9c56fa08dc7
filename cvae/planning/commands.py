"""What a search draws commands from: wide at first, and narrower around those that did best."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cvae.data.sequence import ACTION_DIM
from cvae.simulation.policy import HOLD, MAX_STEP

WIDE = 0.7 * MAX_STEP  # metres: about the spread of the recorded dx and dy
NARROWEST = 0.05 * MAX_STEP  # metres; a search that stops moving can't put anything right
OFTEN = 0.3  # chance of closing or lifting before anything is known; 0.33 and 0.2 are recorded
SELDOM = 0.05  # it never gets below, or above 1 less this


def first_free_frame(given: int) -> int:
    """The frame of the first command that is free where `given` frames were seen.

    A command is held for HOLD frames; one that has begun is held to its end.
    """
    return -(-(given - 1) // HOLD) * HOLD


def earliest_goal(given: int) -> int:
    """The first frame that a command after `given` frames can change."""
    return first_free_frame(given) + 1


@dataclass(frozen=True)
class CommandSpread:
    """Independent chances of each of C commands.

    mean, spread: float64 (C, 2), dx and dy in metres. orders: float64 (C, 2), the chances that
    close_nstep and goup_nstep are 1 rather than 0; a longer order is the same given again.
    """

    mean: np.ndarray
    spread: np.ndarray
    orders: np.ndarray

    @classmethod
    def wide(cls, commands: int) -> "CommandSpread":
        """What is not known yet: any direction, the arm down and the gripper open more often."""
        each = (commands, 2)
        return cls(np.zeros(each), np.full(each, WIDE), np.full(each, OFTEN))

    def draw(self, rng: np.random.Generator, candidates: int) -> np.ndarray:
        """float32 (candidates, C, ACTION_DIM), |dx| and |dy| at most MAX_STEP."""
        shape = (candidates, *self.mean.shape)
        ways = np.clip(rng.normal(self.mean, self.spread, shape), -MAX_STEP, MAX_STEP)
        orders = rng.random(shape) < self.orders
        drawn = np.concatenate([ways, orders], axis=-1)
        assert drawn.shape[-1] == ACTION_DIM
        return drawn.astype(np.float32)

    @classmethod
    def of(cls, best: np.ndarray) -> "CommandSpread":
        """Around the commands `best` (K, C, ACTION_DIM)."""
        ways, orders = best[..., :2].astype(np.float64), best[..., 2:]
        return cls(
            ways.mean(0),
            np.maximum(ways.std(0), NARROWEST),
            np.clip(orders.mean(0, dtype=np.float64), SELDOM, 1 - SELDOM),
        )


def held(commands: np.ndarray, frames: int) -> np.ndarray:
    """Commands (..., C, ACTION_DIM) -> (..., frames, ACTION_DIM), each held for HOLD frames."""
    return np.repeat(commands, HOLD, axis=-2)[..., :frames, :]


def commands_csv(actions: np.ndarray) -> bytes:
    """Actions (T, 4) without a header, a row a frame, as `python -m cvae simulate` takes them."""
    return pd.DataFrame(actions).to_csv(header=False, index=False).encode()
