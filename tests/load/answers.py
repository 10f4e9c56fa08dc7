"""What was asked for and came back, and whether it is what the models really imagine."""

import base64
import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from cvae.data.bundle import SequenceSource, open_test_sequences
from demo.appearance import looks
from demo.comparison import compare
from demo.components.frame_player import payload
from demo.loading import Model, Setup, devices, find_models

FIRST, SEED, SEQUENCE, MODELS = "first picture", "new seed", "new sequence", "other models"
# Sums of floating-point numbers depend a little on where the memory lies.
SAME_LEVEL, SAME_PSNR = 1, 0.01  # of 255, dB
KINDS = (FIRST, SEED, SEQUENCE, MODELS)


@dataclass(frozen=True)
class Wish:
    """What a user asks for; models by name, in the order in which the app shows them."""

    sequence: str
    models: tuple[str, ...]
    seed: int


@dataclass(frozen=True)
class Answer:
    """kind: one of KINDS. seconds: from asking until the player's data were there.

    shown: the player's data, as they came.
    told: whether the page said meanwhile that it is at work. place: whether it said how many
    others come first.
    """

    wish: Wish
    kind: str
    seconds: float
    shown: dict
    told: bool
    place: bool


def is_whole(shown: dict) -> bool:
    """Whether the player's data hash to their own version, as `payload` makes it."""
    besides = ("version", "picked", "linked", "heard")
    content = {name: value for name, value in shown.items() if name not in besides}
    return hashlib.sha256(json.dumps(content).encode()).hexdigest() == shown["version"]


def is_same(shown: dict, right: dict) -> bool:
    """Whether the player's data `shown` are `right`: same sequence, models, frames and PSNR."""
    if shown["sequence"] != right["sequence"] or _names(shown) != _names(right):
        return False
    frames, expected = _frames(shown), _frames(right)
    if frames.shape != expected.shape or np.abs(frames - expected).max() > SAME_LEVEL:
        return False
    return bool(np.allclose(_psnr(shown), _psnr(right), rtol=0, atol=SAME_PSNR))


def _names(shown: dict) -> list[str]:
    return [model["name"] for model in shown["models"]]


def _psnr(shown: dict) -> np.ndarray:
    return np.array([model["psnr"] for model in shown["models"]])


def _frames(shown: dict) -> np.ndarray:
    """The sheet's levels, int16 (H, W, 3)."""
    picture = Image.open(io.BytesIO(base64.b64decode(shown["sheet"].partition(",")[2])))
    return np.asarray(picture).astype(np.int16)


class Truth:
    """The right answers, computed in this process and not by the app."""

    def __init__(self, data: Path, runs: Path) -> None:
        self.sequences: SequenceSource = open_test_sequences(data)
        self._found, _ = find_models(runs)
        self._right: dict[Wish, dict] = {}

    @property
    def models(self) -> list[str]:
        return [model.name for model in self._found]

    def wrong(self, answers: list[Answer]) -> list[Answer]:
        """Those of `answers` that came damaged, or are not what the models imagine."""
        return [
            one
            for one in answers
            if not is_whole(one.shown) or not is_same(one.shown, self.right(one.wish))
        ]

    def right(self, wish: Wish) -> dict:
        """The player's data as they should be."""
        if wish not in self._right:
            chosen: list[Model] = [model for model in self._found if model.name in wish.models]
            setup = Setup(seed=wish.seed, device=devices()[0])
            sequence = self.sequences.by_name(wish.sequence)
            comparison = compare(chosen, looks(self._found), sequence, setup)
            self._right[wish] = payload(comparison, None, [0] * len(chosen), "psnr", True)
        return self._right[wish]
