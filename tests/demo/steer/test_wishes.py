"""What the browser asks for, and what is made of things that no wheel would ask for."""

import numpy as np
import pytest

from demo.arm import HOLD, MAX_STEP
from demo.commands import MOST, Command, as_recorded
from demo.rides import Start
from demo.wishes import granted
from tests.tiny_data import tiny_sequence

START = Start(tiny_sequence("wished", 12), given=2, seed=0, device="cpu")
PLACES = [np.array([0.6, 0.0, 0.2])] * (START.first + 1 + MOST)
RIGHT, NEAR = Command(0, 500), Command(500, 0)
TOLD = (RIGHT,) * HOLD + (NEAR,) * HOLD
TELL = {"what": "tell", "from": 6, "close": 0, "lift": 0, "dx": 0.0, "dy": 0.05}


def after(wish: object, told: tuple[Command, ...] = TOLD) -> tuple[Command, ...]:
    return granted(wish, told, START, PLACES)


def test_a_command_is_held_and_comes_after_the_others():
    assert after(TELL) == (*TOLD, *[RIGHT] * HOLD)
    assert after(TELL | {"close": 1, "lift": 1}, ()) == (Command(0, 500, 1, 1),) * HOLD


@pytest.mark.parametrize(
    ("frame", "kept"), [(0, 0), (2, 0), (3, 0), (4, 2), (5, 2), (6, 4), (99, 4)]
)
def test_a_command_goes_on_from_the_frame_on_view(frame, kept):
    assert after(TELL | {"from": frame}) == (*TOLD[:kept], *[RIGHT] * HOLD)


def test_commands_are_taken_back():
    assert after({"what": "undo"}) == TOLD[:HOLD]
    assert after({"what": "undo"}, (*TOLD, RIGHT)) == TOLD, "half a command first"
    assert after({"what": "undo"}, ()) == ()
    assert after({"what": "restart"}) == ()
    assert after({"what": "recorded"}) == as_recorded(START.sequence, START.first)


def test_a_pointed_place_is_a_command():
    wish = {name: value for name, value in TELL.items() if name not in ("dx", "dy")}
    (first, second) = after(wish | {"x": 60.0, "y": 20.0}, ())
    assert first == second and first.dy > 0, "to the right"


def test_no_command_is_larger_and_no_ride_longer_than_it_may_be():
    assert after(TELL | {"dx": 40, "dy": -40}, ())[0].action[:2] == pytest.approx(
        [MAX_STEP, -MAX_STEP], abs=1e-4
    )
    full = (RIGHT,) * MOST
    assert after(TELL | {"from": START.first + MOST}, full) == full
    assert len(after(TELL | {"from": MOST}, full)) == MOST


@pytest.mark.parametrize(
    "wish",
    [
        None,
        [],
        "tell",
        {},
        {"what": ["undo"]},
        {"what": "fly"},
        {"what": "tell"},
        TELL | {"dx": None},
        TELL | {"dx": "0.05"},
        TELL | {"dx": float("nan")},
        TELL | {"dy": float("inf")},
        TELL | {"from": float("inf")},
        TELL | {"from": 10**400},
        TELL | {"dx": 10**400},
        TELL | {"close": True},
        TELL | {"x": 1e3},
        TELL | {"x": {}, "y": 0},
    ],
)
def test_what_no_wheel_asks_for_changes_nothing(wish):
    assert after(wish) == TOLD


@pytest.mark.parametrize("pixel", [(1e300, -1e300), (32.0, -1e6), (0.0, 1e9)])
def test_places_that_no_camera_sees_are_commands_of_the_usual_size(pixel):
    command = after(TELL | {"x": pixel[0], "y": pixel[1]}, ())[0]
    assert (np.abs(command.action[:2]) <= MAX_STEP + 1e-4).all()
