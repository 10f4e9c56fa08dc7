"""Which pixels belong to toys that moved."""

from dataclasses import replace

import numpy as np

from cvae.data.sequence import FIRST_TOY
from cvae.evaluation.moved import moved_toys
from tests.tiny_data import tiny_sequence


def test_a_toy_that_stays_is_no_moved_toy() -> None:
    sequence = tiny_sequence("still", 5)
    centres = np.repeat(sequence.toys[:1], len(sequence), 0)
    centres[5:, 1, 0] += 0.011  # the second toy moves by 11 mm at frame 5,
    centres[5:, 2, 0] += 0.009  # the third by 9 mm
    moved = moved_toys(replace(sequence, toys=centres), 1, range(2, 8))
    expected = sequence.masks[2:8] == FIRST_TOY + 1
    expected[:3] = False
    assert expected.any()
    assert np.array_equal(moved, expected)
