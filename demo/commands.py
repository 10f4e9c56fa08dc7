"""What the arm is told on the page Steer: a command a frame, written so that a link can hold it."""

import re
from collections.abc import Sequence as Items
from itertools import groupby
from typing import NamedTuple

import numpy as np

from cvae.data.sequence import Sequence
from demo.arm import FINGERS, LEFT, MAX_STEP, REACH, look_down

MOST = 48  # commands of one ride, a frame each
TENTHS = 10_000  # of a millimetre, in a metre
FARTHEST, LONGEST = 999, 4  # tenths of a millimetre, and commands that a gripper's order lasts
WRITTEN = re.compile(r"(-?\d{1,3})_(-?\d{1,3})_([0-4])_([0-4])(?:x(\d{1,2}))?", re.ASCII)


class Command(NamedTuple):
    """dx, dy: tenths of a millimetre. close, lift: close_nstep and goup_nstep."""

    dx: int
    dy: int
    close: int = 0
    lift: int = 0

    @property
    def action(self) -> np.ndarray:
        """float32 (4,), as a `Sequence` has it."""
        return np.array([self.dx / TENTHS, self.dy / TENTHS, self.close, self.lift], np.float32)


Told = tuple[Command, ...]
"""One command a frame, the first at the last given frame."""


def as_command(action: np.ndarray) -> Command:
    """The command nearest to a recorded action (4,)."""
    dx, dy = np.clip(np.rint(np.asarray(action[:2], float) * TENTHS), -FARTHEST, FARTHEST)
    close, lift = np.clip(np.rint(action[2:]), 0, LONGEST)
    return Command(int(dx), int(dy), int(close), int(lift))


def as_recorded(sequence: Sequence, first: int) -> Told:
    """What the arm was told in `sequence`, from frame `first` on."""
    return tuple(as_command(action) for action in sequence.actions[first:-1])[:MOST]


def towards(
    pixel: np.ndarray, place: np.ndarray, before: Command, close: int = 0, lift: int = 0
) -> Command:
    """What brings the fingertips of an arm at `place` (3,) to `pixel` (2,), as far as it can.

    before: the command that was just held; the arm still has a part of its way to go.
    """
    start = place - [0, 0, FINGERS]
    away = (look_down(pixel, start[2]) - start)[:2] / REACH - LEFT * before.action[:2]
    away *= min(1, MAX_STEP / max(np.abs(away).max(), 1e-9))
    return as_command(np.array([*away, close, lift]))


def write(told: Items[Command]) -> str:
    """As `read` reads it: "500_0_0_0x2.0_-300_4_0x2"."""
    parts = []
    for command, held in groupby(told):
        times = len(list(held))
        parts.append("_".join(map(str, command)) + (f"x{times}" if times > 1 else ""))
    return ".".join(parts)


def read(text: str) -> Told:
    """Raises ValueError where it is not what `write` writes, or of more than MOST commands."""
    told: list[Command] = []
    for part in text.split(".") if text else []:
        found = WRITTEN.fullmatch(part)
        if not found or len(told) > MOST:
            raise ValueError(f"{part[:40]!r} is no command")
        *numbers, times = found.groups()
        told += [Command(*map(int, numbers))] * int(times or 1)
    if len(told) > MOST:
        raise ValueError(f"{len(told)} commands are more than {MOST}")
    if write(told) != text:
        raise ValueError(f"{text[:40]!r} is written otherwise than commands are")
    return tuple(told)
