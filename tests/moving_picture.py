"""The frames in a picture of a GIF or a WebP, found where figures.py places them."""

import numpy as np

from cvae.data.sequence import FRAME_SIZE
from cvae.evaluation.figures import BORDER, GAP, HEAD, MOVING_SCALE

SIDE = FRAME_SIZE * MOVING_SCALE


def panes(picture: np.ndarray) -> list[np.ndarray]:
    """The frames (H, W, 3) in `picture`, from left to right, in their own size."""
    lefts = range(GAP + BORDER, picture.shape[1] - SIDE, SIDE + 2 * BORDER + GAP)
    rows = slice(HEAD + BORDER, HEAD + BORDER + SIDE, MOVING_SCALE)
    return [picture[rows, left : left + SIDE : MOVING_SCALE] for left in lefts]
