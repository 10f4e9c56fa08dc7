import numpy as np
import pytest

from cvae.simulation.policy import (
    HIGH,
    LOW,
    MAX_COUNT,
    MAX_STEP,
    PolicyConfig,
    follow,
    random_actions,
    random_start,
)
from cvae.simulation.scene import X_RANGE, Y_RANGE, Z_RANGE

REACH = 1.75


def random_motion(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    start, actions = random_start(rng), random_actions(rng, 30, PolicyConfig())
    motion = follow(start, actions, reach=REACH)
    return actions, motion.positions, motion.closed


@pytest.mark.parametrize("seed", range(20))
def test_commands_keep_to_the_real_ranges_and_are_held_for_two_frames(seed):
    actions, _, _ = random_motion(seed)
    assert actions.shape == (30, 4) and actions.dtype == np.float32
    assert np.array_equal(actions[::2], actions[1::2])
    assert np.abs(actions[:, :2]).max() <= np.float32(MAX_STEP)
    counts = actions[:, 2:]
    assert np.array_equal(counts, counts.round())
    assert counts.min() >= 0 and counts.max() <= MAX_COUNT


def test_commands_use_the_whole_of_their_ranges():
    actions = np.concatenate([random_motion(seed)[0] for seed in range(50)])
    assert actions[:, :2].min() < -0.06 and actions[:, :2].max() > 0.06
    assert set(actions[:, 2]) == set(actions[:, 3]) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("seed", range(20))
def test_positions_are_a_function_of_start_and_actions(seed):
    actions, positions, _ = random_motion(seed)
    limits = np.array([X_RANGE, Y_RANGE]).T
    for t in range(0, 30, 2):
        expected = np.clip(positions[t, :2] + REACH * actions[t, :2], *limits)
        assert np.allclose(positions[t + 2, :2], expected, atol=1e-6)
        assert np.allclose(positions[t + 1], (positions[t] + positions[t + 2]) / 2, atol=1e-6)


def test_positions_stay_within_the_real_ranges():
    positions = np.concatenate([random_motion(seed)[1] for seed in range(50)])
    for values, (low, high) in zip(positions.T, (X_RANGE, Y_RANGE, Z_RANGE), strict=True):
        assert values.min() >= np.float32(low) and values.max() <= np.float32(high)


def test_lift_and_close_last_as_many_commands_as_they_say():
    actions = np.zeros((20, 4), np.float32)
    actions[4:6, 3] = 3
    actions[8:10, 2] = 2
    motion = follow(np.array([0.6, 0.0, LOW]), actions, reach=REACH)
    height = motion.positions[::2, 2]  # at the end of command k: height[k + 1]
    lifted = [False] * 3 + [True] * 3 + [False] * 5
    assert np.allclose(height, np.where(lifted, HIGH, LOW), atol=1e-6)
    assert motion.closed.tolist() == [False] * 8 + [True] * 4 + [False] * 8
