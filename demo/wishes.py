"""What a wish of the steering wheel makes of the commands so far. The browser made it: no trust."""

import math
from collections.abc import Sequence as Items
from typing import Any

import numpy as np

from cvae.data.sequence import FRAME_SIZE
from demo.arm import HOLD, MAX_STEP
from demo.commands import MOST, Command, Told, as_command, as_recorded, towards
from demo.rides import Start


def granted(wish: Any, told: Told, start: Start, places: Items[np.ndarray]) -> Told:
    """The commands after `wish`; those before it where it is no wish that can be granted.

    wish: {"what": "undo", "restart" or "recorded"}, or {"what": "tell", "from": the frame that the
    command is given at, "close", "lift": 0 or 1} with "dx" and "dy" in metres or "x" and "y", the
    pixel where the fingertips are to go.
    places: metres (3,), where the arm is in every frame.
    """
    if not isinstance(wish, dict):
        return told
    match wish.get("what"):
        case "undo":
            return told[: max(len(told) - 1, 0) // HOLD * HOLD]
        case "restart":
            return ()
        case "recorded":
            return as_recorded(start.sequence, start.first)
        case "tell":
            try:
                return _go_on(wish, told, start, places)
            except (ValueError, OverflowError):  # JSON has integers that no float holds
                return told
    return told


def _go_on(wish: dict, told: Told, start: Start, places: Items[np.ndarray]) -> Told:
    """A command that is under way is given anew, from its beginning."""
    known = min(max(int(_number(wish, "from")) - start.first, 0), len(told)) // HOLD * HOLD
    held = start.sequence.actions[: start.first]
    before = told[known - 1] if known else as_command(held[-1]) if len(held) else Command(0, 0)
    command = _command(wish, places[start.first + known], before)
    return (told[:known] + (command,) * HOLD)[:MOST]


def _command(wish: dict, place: np.ndarray, before: Command) -> Command:
    orders = [int(_number(wish, name) > 0) for name in ("close", "lift")]
    if "x" in wish:
        pixel = np.clip([_number(wish, name) for name in ("x", "y")], 0, FRAME_SIZE)
        return towards(pixel, place, before, *orders)
    way = np.clip([_number(wish, name) for name in ("dx", "dy")], -MAX_STEP, MAX_STEP)
    return as_command(np.array([*way, *orders]))


def _number(wish: dict, name: str) -> float:
    """Raises ValueError where the wish has none that can be computed with."""
    value = wish.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} is {value!r}, not a number")
    return float(value)
