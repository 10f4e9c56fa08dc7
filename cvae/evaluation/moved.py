"""Where toys have moved, and where the arm is: a good background alone makes a good PSNR."""

import numpy as np

from cvae.data.sequence import ARM, FIRST_TOY, MAX_TOYS, MOVED, Sequence


def moved_toys(sequence: Sequence, since: int, frames: range) -> np.ndarray:
    """Which pixels show a toy that has moved since frame `since`: bool (len(frames), H, W).

    A toy has moved when its centre is more than `MOVED` from where it was. All false where the
    sequence has no masks.
    """
    if sequence.masks is None or sequence.toys is None:
        return np.zeros((len(frames), *sequence.frames.shape[1:3]), bool)
    chosen = slice(frames.start, frames.stop)
    distance = np.linalg.norm(sequence.toys[chosen] - sequence.toys[since], axis=-1)
    moved = distance > MOVED  # (T, MAX_TOYS); NaN, no toy, has not moved
    toy = sequence.masks[chosen].astype(int) - FIRST_TOY
    at_pixel = np.take_along_axis(moved[:, None], toy.clip(0, MAX_TOYS - 1), axis=-1)
    return at_pixel & (toy >= 0)


def arm_pixels(sequence: Sequence, frames: range) -> np.ndarray:
    """Which pixels show the arm: bool (len(frames), H, W); all false without masks."""
    if sequence.masks is None:
        return np.zeros((len(frames), *sequence.frames.shape[1:3]), bool)
    return sequence.masks[frames.start : frames.stop] == ARM
