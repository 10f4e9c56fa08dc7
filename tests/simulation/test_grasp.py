"""What the arm does to toys: it holds and lifts them, lets them go, and leaves others alone."""

import numpy as np
import pytest

from cvae.simulation.policy import LOW, FollowConfig, follow
from cvae.simulation.scene import SceneConfig, random_scene

pytestmark = pytest.mark.simulator

SCENES = range(12)
HELD = 0.05  # metres above its place at which a toy must be in the gripper
CLOSED_UNTIL, LENGTH = 10, 16  # frames


def stage_of(seed: int, toys: int):
    """The physics of a random scene with so many toys."""
    from cvae.simulation.recording import RecordingConfig, Stage

    scene = random_scene(np.random.default_rng(seed), SceneConfig(toys, toys))
    return Stage(scene, RecordingConfig())


def heights_in_grasp(seed: int) -> np.ndarray:
    """Height of the only toy over its place, at each frame, while the arm takes it and drops it.

    The gripper comes down around the toy, closes for five commands, lifts it at the second,
    and opens up there.
    """
    waiting = stage_of(seed, toys=1)
    waiting.settle(np.array([0.43, -0.30, LOW]))  # to see where the toy will lie
    place = waiting.toys()[0]
    stage = stage_of(seed, toys=1)
    stage.settle(np.array([place[0], place[1], LOW]))
    actions = np.zeros((LENGTH, 4), np.float32)
    actions[0:2, 2] = 4
    actions[2:4, 3] = 4
    actions[8:10, 2] = 1
    heights = []
    motion = follow(np.array([place[0], place[1], LOW]), actions, FollowConfig())
    for t, closed in enumerate(motion.closed):
        heights.append(stage.toys()[0, 2])
        stage.move(motion.between(t), closed=bool(closed))
    assert motion.closed.sum() == CLOSED_UNTIL
    return np.array(heights) - place[2]


@pytest.fixture(scope="module")
def grasps() -> np.ndarray:
    return np.array([heights_in_grasp(seed) for seed in SCENES])


def test_the_gripper_takes_toys_along(grasps):
    lifted = grasps[:, 6:CLOSED_UNTIL].min(axis=1) > HELD
    assert lifted.mean() >= 0.4  # the others are too wide or lie beside the fingers


def test_an_opened_gripper_lets_toys_fall(grasps):
    lifted = grasps[:, 6:CLOSED_UNTIL].min(axis=1) > HELD
    assert (grasps[lifted, -1] < HELD / 2).all()


@pytest.mark.parametrize("seed", range(6))
def test_toys_that_nothing_touches_stay_where_they_are(seed):
    stage = stage_of(seed, toys=13)
    aside = np.array([0.85, 0.2, 0.6])  # above everything
    stage.settle(aside)
    before = stage.toys()
    for _ in range(30):
        stage.move(np.tile(aside, (25, 1)), closed=False)
    moved = np.linalg.norm(stage.toys() - before, axis=-1)
    assert np.nanmax(moved) < 1e-4


@pytest.mark.parametrize("seed", range(4))
def test_the_arm_comes_down_on_toys_without_pressing_them_through_the_floor(seed):
    stage = stage_of(seed, toys=15)
    for toy in range(15):
        x, y = stage.toys()[toy, :2]
        high, low = np.array([x, y, 0.317]), np.array([x, y, LOW])
        if toy == 0:
            stage.settle(low)
        stage.move(np.linspace(high, low, 25), closed=True)
        stage.move(np.linspace(low, high, 25), closed=True)
        stage.move(np.tile(high, (49, 1)), closed=True)
    toys = stage.toys()[:15]
    assert toys[:, 2].min() > 0.0 and toys[:, 2].max() < 0.35
    assert toys[:, 0].min() > 0.28 and toys[:, 0].max() < 1.0
    assert np.abs(toys[:, 1] + 0.04).max() < 0.37
