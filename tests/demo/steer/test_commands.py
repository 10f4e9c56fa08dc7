"""Commands in a link, and the command that brings the arm to a place in the picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvae.data.bundle import open_test_sequences
from demo.camera import FINGERS, look_down, project
from demo.commands import FARTHEST, LONGEST, MOST, Command, as_recorded, read, towards, write
from demo.components.frame_player.actions import HOLD, LARGEST, REACH

HERE = np.array([0.64, -0.04, 0.2])  # metres: the middle of where the arm goes

ways = st.integers(-FARTHEST, FARTHEST)
orders = st.integers(0, LONGEST)
commands = st.builds(Command, ways, ways, orders, orders)


@given(st.lists(commands, max_size=MOST))
def test_what_is_written_is_read_again(told):
    assert read(write(told)) == tuple(told)


def test_a_command_that_is_held_is_written_once():
    assert write([Command(500, 0)] * 3 + [Command(0, -20, 4, 1)]) == "500_0_0_0x3.0_-20_4_1"


@pytest.mark.parametrize(
    "text",
    [
        "500",
        "500_0_0",
        "500_0_0_5",
        "5000_0_0_0",
        "nan_0_0_0",
        "500_0_0_0x",
        "500_0_0_0..0_0_0_0",
        "\u0665_0_0_0",
        "0_0_0_0x49",
        ".".join(["0_0_0_0x40"] * 2),
        ".".join(["0_0_0_0x99"] * 10_000),
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="command"):
        read(text)


def test_the_recorded_commands_are_all_but_the_last(store):
    sequence = open_test_sequences(store)[0]
    actions = np.stack([command.action for command in as_recorded(sequence, 2)])
    np.testing.assert_allclose(actions, sequence.actions[2:-1], atol=6e-5)


@pytest.mark.parametrize("place", [HERE, np.array([0.74, -0.14, 0.25])])
def test_the_camera_sees_a_place_where_it_was_projected(place):
    [pixel] = project(place[None])
    np.testing.assert_allclose(look_down(pixel, place[2]), place, atol=1e-3)


@pytest.mark.parametrize("away", [[0.05, 0.03], [-0.1, 0.0], [0.0, 0.0]])
def test_the_arm_is_sent_to_the_place_that_was_pointed_at(away):
    """As far as it goes per metre, for as many frames as a command is held."""
    fingers = HERE - [0, 0, FINGERS]
    [pixel] = project(fingers[None] + np.append(away, 0))
    command = towards(pixel, HERE, close=1)
    np.testing.assert_allclose(command.action[:2] * REACH * HOLD, away, atol=5e-4)
    assert command.close == 1


def test_a_place_out_of_reach_is_gone_towards():
    [pixel] = project((HERE - [0, 0, FINGERS] + [0.6, 0.3, 0])[None])
    dx, dy, *_ = towards(pixel, HERE).action
    assert dx == pytest.approx(LARGEST, abs=1e-4) and dy == pytest.approx(LARGEST / 2, abs=1e-3)
