"""The toys in the bin: soft animals, balls, tools and cups, each made of a few primitives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Colour = tuple[float, float, float]
Choice = TypeVar("Choice")

GREEN, LIME = (0.42, 0.80, 0.08), (0.66, 0.84, 0.22)
BLUE, PALE_BLUE = (0.12, 0.42, 0.68), (0.62, 0.80, 0.88)
RED, ORANGE, YELLOW = (0.78, 0.18, 0.10), (0.92, 0.45, 0.12), (0.92, 0.76, 0.12)
PURPLE, PLUM = (0.34, 0.22, 0.50), (0.26, 0.10, 0.22)
WHITE, PALE_GREEN = (0.92, 0.93, 0.90), (0.68, 0.74, 0.50)
GREY, BROWN, DARK = (0.62, 0.62, 0.60), (0.30, 0.20, 0.12), (0.10, 0.09, 0.08)
BRIGHT = (GREEN, LIME, BLUE, RED, ORANGE, YELLOW, PURPLE, PLUM)
FUR = ("zebra", "zebra", "grey_fur", "grey_fur", "brown_fur")


@dataclass(frozen=True)
class Part:
    """One primitive of a toy, in the toy's own frame (metres, degrees).

    look: a colour, or the name of a material of the scene.
    solid: whether it takes part in collisions; small parts are only seen.
    """

    shape: str
    size: tuple[float, ...]
    look: Colour | str
    at: tuple[float, float, float] = (0.0, 0.0, 0.0)
    turn: tuple[float, float, float] = (0.0, 0.0, 0.0)
    solid: bool = True

    def mjcf(self) -> str:
        if isinstance(self.look, str):
            look = f'material="{self.look}"'
        else:
            look = f'material="plastic" rgba="{numbers(self.look)} 1"'
        touch = "" if self.solid else 'contype="0" conaffinity="0"'
        return (
            f'<geom class="toy" type="{self.shape}" size="{numbers(self.size)}" '
            f'pos="{numbers(self.at)}" euler="{numbers(self.turn)}" {look} {touch}/>'
        )


def numbers(values: tuple[float, ...]) -> str:
    return " ".join(f"{value:.5g}" for value in values)


def ball(rng: np.random.Generator) -> list[Part]:
    look = pick(rng, (WHITE, WHITE, PALE_GREEN, BROWN, GREEN, RED))
    return [Part("sphere", (rng.uniform(0.022, 0.036),), look)]


def animal(rng: np.random.Generator) -> list[Part]:
    s, fur = rng.uniform(0.033, 0.051), pick(rng, FUR)
    parts = [
        Part("ellipsoid", (1.3 * s, s, 0.9 * s), fur),
        Part("ellipsoid", (0.8 * s, 0.8 * s, 0.75 * s), fur, (1.5 * s, 0.0, 0.4 * s)),
    ]
    for along, side in ((0.8, 1), (0.8, -1), (-0.9, 1), (-0.9, -1)):
        at = (along * s, 0.95 * s * side, -0.3 * s)
        parts.append(Part("capsule", (0.32 * s, 0.45 * s), fur, at, (70 * side, 0, 0)))
    for side in (1, -1):
        at = (1.4 * s, 0.5 * s * side, 1.1 * s)
        parts.append(Part("ellipsoid", (0.2 * s, 0.3 * s, 0.4 * s), fur, at))
    return parts


def tool(rng: np.random.Generator) -> list[Part]:
    """A water pistol or a drill: a barrel, a slanted grip and a coloured end."""
    s = rng.uniform(0.036, 0.055)
    body, end = pick(rng, (BLUE, BLUE, GREEN, RED)), pick(rng, (ORANGE, YELLOW, WHITE))
    return [
        Part("box", (s, 0.34 * s, 0.42 * s), body),
        Part("box", (0.30 * s, 0.30 * s, 0.75 * s), body, (-0.7 * s, 0, -0.8 * s), (0, 20, 0)),
        Part("box", (0.30 * s, 0.30 * s, 0.28 * s), end, (1.2 * s, 0, 0.05 * s)),
    ]


def spoon(rng: np.random.Generator) -> list[Part]:
    s, look = rng.uniform(0.027, 0.042), pick(rng, (RED, ORANGE, PLUM, PURPLE, BLUE))
    return [
        Part("ellipsoid", (s, s, 0.7 * s), look),
        Part("capsule", (0.25 * s, 1.1 * s), look, (1.9 * s, 0, 0.1 * s), (0, 90, 0)),
    ]


def shoe(rng: np.random.Generator) -> list[Part]:
    """A long green shell with a dark opening."""
    s, look = rng.uniform(0.050, 0.072), pick(rng, (LIME, GREEN, PALE_BLUE))
    return [
        Part("ellipsoid", (1.15 * s, 0.48 * s, 0.36 * s), look),
        Part("ellipsoid", (0.75 * s, 0.34 * s, 0.12 * s), DARK, (0.1 * s, 0, 0.3 * s), solid=False),
    ]


def rings(rng: np.random.Generator) -> list[Part]:
    """A short roll with stripes across."""
    s, dark = rng.uniform(0.030, 0.042), pick(rng, (BROWN, BROWN, RED, BLUE))
    parts = [Part("cylinder", (s, 1.1 * s), WHITE)]
    for at in (-0.6, 0.6):
        parts.append(Part("cylinder", (1.04 * s, 0.2 * s), dark, (0, 0, at * s), solid=False))
    return parts


def flower(rng: np.random.Generator) -> list[Part]:
    """A lump of small balls around a larger one."""
    s, look = rng.uniform(0.025, 0.036), pick(rng, (PURPLE, PURPLE, BLUE, YELLOW, BROWN))
    parts = [Part("sphere", (s,), look)]
    for angle in np.arange(6) * np.pi / 3:
        at = (0.8 * s * np.cos(angle), 0.8 * s * np.sin(angle), 0.3 * s * (-1) ** round(angle))
        parts.append(Part("sphere", (0.5 * s,), look, at))
    return parts


def fruit(rng: np.random.Generator) -> list[Part]:
    s, other = rng.uniform(0.033, 0.047), pick(rng, (RED, ORANGE, YELLOW, WHITE))
    return [
        Part("ellipsoid", (s, s, 0.85 * s), pick(rng, (GREEN, GREEN, LIME, RED))),
        Part("ellipsoid", (0.7 * s, 0.7 * s, 0.6 * s), other, (0.2 * s, 0.3 * s, -0.7 * s)),
    ]


def bottle(rng: np.random.Generator) -> list[Part]:
    s, cap = rng.uniform(0.022, 0.031), pick(rng, BRIGHT)
    return [
        Part("capsule", (s, 1.3 * s), pick(rng, (WHITE, PALE_BLUE, PALE_GREEN, GREY))),
        Part("cylinder", (0.6 * s, 0.5 * s), cap, (0, 0, 2.6 * s)),
    ]


KINDS: tuple[Callable[[np.random.Generator], list[Part]], ...] = (
    *(ball, ball, animal, animal, animal, tool),
    *(spoon, shoe, rings, flower, fruit, fruit, bottle),
)


def pick(rng: np.random.Generator, choices: tuple[Choice, ...]) -> Choice:
    return choices[rng.integers(len(choices))]


def random_toy(rng: np.random.Generator) -> list[Part]:
    """The parts of one toy of a random kind, size and colour."""
    return pick(rng, KINDS)(rng)
