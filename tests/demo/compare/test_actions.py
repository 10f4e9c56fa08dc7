"""The commands that the player draws: curves, arrows, and what the gripper does."""

import numpy as np

from cvae.data.bundle import open_test_sequences
from cvae.data.sequence import Sequence
from demo.components.frame_player.actions import arrows, traces
from tests.demo.shown import player


def test_actions_are_those_of_the_frames(open_page, store):
    shown = player(open_page())
    actions = open_test_sequences(store)[0].actions[:12]
    np.testing.assert_allclose(shown["actions"]["dx"], actions[:, 0], atol=1e-6)
    np.testing.assert_allclose(shown["actions"]["dy"], actions[:, 1], atol=1e-6)
    assert len(shown["arrows"]) == 12


def test_arrows_point_where_the_commands_lead():
    actions = np.array([[0.03, 0, 0, 0], [0.06, 0, 0, 0], [0, 0.06, 0, 0], [0, 0, 0, 0]], "f4")
    frames, middle = (
        np.zeros((4, 64, 64, 3), np.uint8),
        np.tile(np.float32([0.6, -0.04, 0.2]), (4, 1)),
    )
    for positions in (middle, None):
        short, down, right, still = np.array(arrows(Sequence("", frames, actions, positions)))
        assert down[3] > down[1] and abs(down[2] - down[0]) < 0.5, "+x is down"
        assert right[2] > right[0] and abs(right[3] - right[1]) < 0.5, "+y is to the right"
        assert (still[:2] == still[2:]).all()
        assert 1.5 < (down[3] - down[1]) / (short[3] - short[1]) < 2.5


def test_gripper_stays_as_long_as_its_commands_say():
    actions = np.zeros((12, 4), np.float32)
    actions[2:4, 2] = 2  # closed for this command and the next
    actions[4:6, 3] = 1  # lifted by this command, and up during the next
    told = traces(Sequence("", np.zeros((12, 64, 64, 3), np.uint8), actions))
    assert [i for i, closed in enumerate(told["closed"]) if closed] == [2, 3, 4, 5]
    assert [i for i, lifted in enumerate(told["lifted"]) if lifted] == [4, 5, 6, 7]
