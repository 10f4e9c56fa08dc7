"""Commands in a link, and the command that brings the arm to a place in the picture."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cvae.data.bundle import open_test_sequences
from cvae.simulation.policy import LOW, FollowConfig, follow
from demo.arm import FINGERS, HOLD, MAX_STEP, look_down, project
from demo.commands import (
    FARTHEST,
    LONGEST,
    MOST,
    Command,
    as_command,
    as_recorded,
    read,
    towards,
    write,
)

CONFIG = FollowConfig()
HERE = np.array([0.64, -0.04, 0.2])  # metres: the middle of where the arm goes

ways = st.integers(-FARTHEST, FARTHEST)
orders = st.integers(0, LONGEST)
commands = st.builds(Command, ways, ways, orders, orders)


@settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
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
        "0_0_0_0x0",
        "0_0_0_0.0_0_0_0",
        "007_0_0_0",
        "-0_0_0_0",
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


@pytest.mark.parametrize("before", [[0.0, 0.0], [0.06, -0.03]])
@pytest.mark.parametrize("away", [[0.05, 0.03], [-0.08, 0.0], [0.0, 0.0]])
def test_the_simulated_arm_comes_to_the_place_that_was_pointed_at(away, before):
    """Also where it still has a part of the way of the command before to go."""
    wait, moving = np.zeros((HOLD, 4)), np.tile([*before, 0, 0], (HOLD, 1))
    start = np.array([*HERE[:2], LOW])
    here = follow(start, np.concatenate([moving, wait]), CONFIG).positions[HOLD].astype(float)
    there = here + np.append(away, 0)
    [pixel] = project((there - [0, 0, FINGERS])[None])
    command = towards(pixel, here, as_command(moving[0]), close=1)
    told = np.concatenate([moving, np.tile(command.action, (HOLD, 1)), wait, wait])
    place = follow(start, told, CONFIG).positions[-1]
    np.testing.assert_allclose(place[:2], there[:2], atol=2e-3)
    assert command.close == 1


def test_a_place_out_of_reach_is_gone_towards():
    [pixel] = project((HERE - [0, 0, FINGERS] + [0.6, 0.3, 0])[None])
    dx, dy, *_ = towards(pixel, HERE, Command(0, 0)).action
    assert dx == pytest.approx(MAX_STEP, abs=1e-4) and dy == pytest.approx(MAX_STEP / 2, abs=1e-3)
