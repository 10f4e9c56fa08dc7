"""How far the arm's end is from where it should be."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from cvae.bundled import SEQUENCES
from cvae.data.bundle import Bundle
from cvae.data.sequence import ARM, Sequence
from cvae.evaluation.moved import arm_pixels
from cvae.evaluation.tip import tip_error
from cvae.inference.predictor import to_float_frames

FRAMES = range(2, 12)


@pytest.fixture(scope="module")
def sequences() -> Bundle:
    return Bundle.open(SEQUENCES)


def measured(sequence: Sequence, predicted: np.ndarray) -> torch.Tensor:
    """predicted uint8 (S, T, H, W, 3) of FRAMES -> (S, T)."""
    truth = to_float_frames(sequence.frames[FRAMES.start : FRAMES.stop])
    arm = torch.from_numpy(arm_pixels(sequence, FRAMES))
    return tip_error(to_float_frames(predicted), truth, arm)


def test_the_truth_itself_is_right_to_the_pixel(sequences) -> None:
    for number in range(0, 48, 6):
        truth = sequences[number].frames[FRAMES.start : FRAMES.stop]
        assert (measured(sequences[number], truth[None]) == 0).all()


@pytest.mark.parametrize(("down", "right"), [(0, 3), (4, 0), (-5, 12)])
def test_a_shifted_picture_is_off_by_the_shift(sequences, down, right) -> None:
    sequence = next(q for q in sequences if reaches(q, down, right))
    truth = sequence.frames[FRAMES.start : FRAMES.stop]
    shifted = np.roll(truth, (down, right), axis=(1, 2))
    found = measured(sequence, np.stack([truth, shifted]))
    assert (found[0] == 0).all()
    np.testing.assert_allclose(found[1], np.hypot(down, right), atol=1e-5)


def reaches(sequence: Sequence, down: int, right: int) -> bool:
    """Whether the arm's end, shifted, is still within the picture at every frame."""
    arm = arm_pixels(sequence, FRAMES)
    for one in arm:
        rows, columns = np.nonzero(one)
        end = columns[rows >= rows.max() - 2] if len(rows) else np.array([99])
        if not (rows.max(initial=0) + max(down, 0) < 50 and end.min() > 14 and end.max() < 37):
            return False
    return True


def test_frame_after_frame_it_is_the_way_of_the_lowest_pixels(sequences) -> None:
    """Each true frame taken for a prediction of the one before: off by what the arm moved."""
    apart = []
    for number in range(0, 48, 3):
        sequence = sequences[number]
        following = sequence.frames[FRAMES.start + 1 : FRAMES.stop + 1]
        found = measured(sequence, following[None])[0]
        ends = [lowest(sequence.masks[frame] == ARM) for frame in range(2, 13)]
        moved = [np.hypot(*(b - a)) for a, b in pairwise(ends)]
        apart += (found.numpy() - np.array(moved)).tolist()
    assert np.nanmedian(np.abs(apart)) < 1


def lowest(arm: np.ndarray) -> np.ndarray:
    rows, columns = np.nonzero(arm)
    if not len(rows):
        return np.full(2, np.nan)
    return np.array([rows.max(), columns[rows >= rows.max() - 2].mean()])


def test_without_an_arm_in_view_there_is_no_number(sequences) -> None:
    truth = to_float_frames(sequences[0].frames[FRAMES.start : FRAMES.stop])
    none = torch.zeros(len(FRAMES), 64, 64, dtype=torch.bool)
    assert tip_error(truth[None], truth, none).isnan().all()
    cut_off = none.clone()
    cut_off[:, 20:, 30:36] = True
    assert tip_error(truth[None], truth, cut_off).isnan().all()
