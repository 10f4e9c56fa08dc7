import hashlib
import subprocess
import sys

import numpy as np
import pytest

from cvae.data.sequence import ARM, BACKGROUND, FIRST_TOY, Sequence

pytestmark = pytest.mark.simulator

DIGEST = """
import hashlib, sys
from cvae.simulation.recording import record
sequence = record(7, "s", masks=True)
parts = (sequence.frames, sequence.actions, sequence.positions, sequence.masks, sequence.toys)
print(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""


@pytest.fixture(scope="module")
def sequence() -> Sequence:
    from cvae.simulation.recording import record

    return record(7, "s", masks=True)


def test_the_same_seed_gives_the_same_bits_in_every_process(sequence):
    run = subprocess.run([sys.executable, "-c", DIGEST], capture_output=True, text=True, check=True)
    parts = (sequence.frames, sequence.actions, sequence.positions, sequence.masks, sequence.toys)
    here = hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()
    assert run.stdout.split() == [here]


def test_a_sequence_has_the_form_of_a_real_one(sequence):
    assert sequence.frames.shape == (30, 64, 64, 3) and sequence.frames.dtype == np.uint8
    assert sequence.actions.shape == (30, 4) and sequence.actions.dtype == np.float32
    assert sequence.positions.shape == (30, 3) and sequence.positions.dtype == np.float32
    assert not sequence.frames[:, 0].any() and not sequence.frames[:, :, 0].any()
    assert sequence.simulated and sequence.seed == 7


def test_another_seed_gives_another_scene(sequence):
    from cvae.simulation.recording import record

    other = record(8, "s")
    assert np.abs(other.frames[0].astype(int) - sequence.frames[0]).mean() > 5
    assert other.masks is None


def test_masks_name_the_arm_and_the_toys_that_there_are(sequence):
    toys = np.isfinite(sequence.toys[0, :, 0]).sum()
    labels = set(np.unique(sequence.masks))
    assert {BACKGROUND, ARM} < labels <= set(range(FIRST_TOY + toys))
    assert len(labels) >= 2 + toys / 2


def test_masks_lie_where_the_frames_show_things(sequence):
    """Frames change where masks change, and agree less if the masks are shifted by a pixel."""
    brightness = sequence.frames.astype(float).mean(axis=-1)
    inside = np.s_[:, 3:40, 3:-3]
    seen = np.abs(np.diff(brightness, axis=0))[inside].ravel()
    labelled = np.diff(sequence.masks.astype(int), axis=0) != 0

    def agreement(down: int, right: int) -> float:
        shifted = np.roll(labelled, (down, right), axis=(1, 2))[inside].ravel()
        return np.corrcoef(shifted, seen)[0, 1]

    others = [agreement(d, r) for d in (-1, 0, 1) for r in (-1, 0, 1) if (d, r) != (0, 0)]
    assert agreement(0, 0) > max(0.6, *others)


def test_other_actions_meet_the_same_scene(sequence):
    from cvae.simulation.recording import record

    actions = np.zeros((30, 4), np.float32)
    still = record(7, "s", actions=actions)
    assert np.array_equal(still.frames[0], sequence.frames[0])
    assert np.array_equal(still.toys[0], sequence.toys[0], equal_nan=True)
    assert np.array_equal(still.actions, actions)
    assert np.ptp(still.positions, axis=0).max() == 0
    assert not np.array_equal(still.frames[20], sequence.frames[20])


def test_toys_stay_in_the_bin(sequence):
    toys = sequence.toys[:, np.isfinite(sequence.toys[0, :, 0])]
    assert toys[..., 0].min() > 0.28 and toys[..., 0].max() < 1.0
    assert np.abs(toys[..., 1] + 0.04).max() < 0.36
    assert toys[..., 2].min() > 0.0 and toys[..., 2].max() < 0.35
