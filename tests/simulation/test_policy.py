import numpy as np
import pytest

from cvae.simulation.policy import (
    HIGH,
    LOW,
    MAX_COUNT,
    MAX_STEP,
    FollowConfig,
    PolicyConfig,
    follow,
    random_actions,
    random_start,
)
from cvae.simulation.scene import X_RANGE, Y_RANGE, Z_RANGE

CONFIG = FollowConfig()


def random_motion(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    start, actions = random_start(rng), random_actions(rng, 30, PolicyConfig())
    motion = follow(start, actions, CONFIG)
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
def test_the_arm_trails_each_command_over_three_frames(seed):
    actions, positions, _ = random_motion(seed)
    limits = np.array([X_RANGE, Y_RANGE]).T
    # Real frames hardly change when a command is given, most in its second frame, and somewhat
    # more in the third.
    shares = np.array([0.0, 0.0855, 0.7576, 1.0])
    place = positions[0, :2]
    expected = np.tile(place, (31, 1))
    for t in range(0, 30, 2):
        there = np.clip(place + CONFIG.reach * actions[t, :2], *limits)
        for frame in range(t, 31):
            expected[frame] += shares[min(frame - t, 3)] * (there - place)
        place = there
    assert np.allclose(positions[:, :2], expected, atol=5e-4)


def test_positions_stay_within_the_real_ranges():
    positions = np.concatenate([random_motion(seed)[1] for seed in range(50)])
    for values, (low, high) in zip(positions.T, (X_RANGE, Y_RANGE, Z_RANGE), strict=True):
        assert values.min() >= np.float32(low) and values.max() <= np.float32(high)


def commanded(length: int, **counts: tuple[int, int]) -> np.ndarray:
    """Actions that stand still, with `close=(frame, n)` or `lift=(frame, n)`."""
    actions = np.zeros((length, 4), np.float32)
    for name, (frame, count) in counts.items():
        actions[frame : frame + 2, {"close": 2, "lift": 3}[name]] = count
    return actions


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_lift_goes_up_stays_for_its_commands_and_comes_down_over_one(count):
    motion = follow(np.array([0.6, 0.0, LOW]), commanded(20, lift=(4, count)), CONFIG)
    height = motion.positions[:, 2]
    down = 6 + 2 * count  # the frame at which it is told to come down
    assert np.allclose(height[:5], LOW)
    assert LOW < height[5] < height[6] < HIGH
    assert np.allclose(height[7 : down + 1], HIGH)
    assert HIGH > height[down + 1] > height[down + 2] > LOW  # no jump
    assert np.allclose(height[down + 3 :], LOW)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_gripper_is_closed_for_as_many_commands_as_it_is_told(count):
    closed = follow(np.array([0.6, 0.0, LOW]), commanded(20, close=(4, count)), CONFIG).closed
    assert closed.tolist() == [4 <= t < 4 + 2 * count for t in range(20)]


def test_a_later_command_never_changes_an_earlier_place():
    actions, positions, closed = random_motion(3)
    actions[10:] = 0
    motion = follow(positions[0].astype(np.float64), actions, CONFIG)
    assert np.allclose(motion.positions[:11], positions[:11], atol=1e-6)
    assert np.array_equal(motion.closed[:10], closed[:10])
    assert not np.allclose(motion.positions[11:], positions[11:])


def test_the_path_passes_the_places_of_the_frames():
    rng = np.random.default_rng(0)
    motion = follow(random_start(rng), random_actions(rng, 7, PolicyConfig()), CONFIG)
    assert motion.positions.shape == (8, 3) and motion.closed.shape == (7,)
    for t in range(7):
        path = motion.between(t)
        assert np.allclose(path[0], motion.positions[t], atol=1e-6)
        assert np.allclose(path[-1], motion.positions[t + 1], atol=1e-6)
        assert path.shape == (CONFIG.steps_per_frame + 1, 3)
