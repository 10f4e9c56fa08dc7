"""What a sequence is: a short video of the arm with what it was told and where it was."""

from dataclasses import dataclass, replace

import numpy as np

FRAME_SIZE = 64
ACTION_DIM = 4
POSITION_DIM = 3
SEQUENCE_LENGTH = 30

# Labels of `Sequence.masks`; toy i of the scene has label FIRST_TOY + i.
BACKGROUND, ARM, FIRST_TOY = 0, 1, 2
MAX_TOYS = 16
MOVED = 0.01  # metres; a toy that is further from where it was has been moved


def can_be_shown(name: str) -> bool:
    """Whether a sequence may have this name: no control characters, odd spaces or broken UTF-8."""
    return bool(name) and name.isprintable()


@dataclass(frozen=True)
class Sequence:
    """One recorded or simulated sequence of T frames.

    name: stable and unique within a data set, e.g. "traj_0_to_255/7" or "sim-test-0012".
    frames: uint8 (T, H, W, 3), RGB.
    actions: float32 (T, 4), [dx, dy, close_nstep, goup_nstep]; `actions[t]` is given at frame t
        and moves the arm towards frame t+1. dx, dy in metres.
    positions: float32 (T, 3), end effector (x, y, z) in metres, or None where not recorded.
    masks: uint8 (T, H, W), what each pixel shows (BACKGROUND, ARM, FIRST_TOY + i), or None.
        Only simulated sequences have them.
    toys: float32 (T, MAX_TOYS, 3), centre of each toy in metres, NaN where there is no toy, or
        None. Only simulated sequences have them.
    seed: rebuilds the scene of a simulated sequence, else None.
    """

    name: str
    frames: np.ndarray
    actions: np.ndarray
    positions: np.ndarray | None = None
    masks: np.ndarray | None = None
    toys: np.ndarray | None = None
    seed: int | None = None

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def simulated(self) -> bool:
        return self.seed is not None

    def window(self, start: int, length: int) -> "Sequence":
        """The `length` frames from `start` on, with everything that belongs to them."""
        cut = slice(start, start + length)
        return replace(
            self,
            frames=self.frames[cut],
            actions=self.actions[cut],
            positions=None if self.positions is None else self.positions[cut],
            masks=None if self.masks is None else self.masks[cut],
            toys=None if self.toys is None else self.toys[cut],
        )
