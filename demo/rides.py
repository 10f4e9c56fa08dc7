"""Where the arm goes if it is told this and that: computed in turn, and kept for all visitors."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cvae.data.sequence import Sequence
from demo.commands import MOST, Told
from demo.components.frame_player.actions import HOLD
from demo.kept import Kept
from demo.loading import Model, load_predictor
from demo.predictions import digest

if TYPE_CHECKING:
    from torch import Tensor

    from cvae.inference.steering import Scene

MOST_KEPT = 1024  # a scene is some 100 KB, and what it shares with its ride half a megabyte


@dataclass(frozen=True)
class Start:
    """Where a ride begins: the first `given` frames of a sequence, and what draws the latents."""

    sequence: Sequence
    given: int
    seed: int
    device: str

    @property
    def first(self) -> int:
        """The frame of the first command that is free: one that has begun is held to its end."""
        return -(-(self.given - 1) // HOLD) * HOLD


@dataclass(frozen=True)
class Ride:
    """frames: uint8 (H, W, 3) each, the given ones and those imagined so far.
    places: metres (3,) each, where the arm is in them. scene: what the last of them stands in.
    """

    frames: tuple[np.ndarray, ...]
    places: tuple[np.ndarray, ...]
    scene: "Scene"


@st.cache_resource(show_spinner=False)
def kept_rides() -> Kept[Ride]:
    """Those of this server."""
    return Kept(MOST_KEPT)


def ride(
    model: Model,
    start: Start,
    told: Told,
    in_turn: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Ride:
    """What `model` imagines if the arm is `told` this from frame `start.first` on.

    Only what is new is computed: any ride that is kept is gone on from.
    in_turn: entered before anything is computed. Raises InputError if the model can't be loaded.
    """
    kept = kept_rides()
    beginning = (model, digest(start.sequence), start.given, start.seed, start.device)
    if found := kept.get((*beginning, told)):
        return found
    with in_turn():
        known = len(told)
        while known and not kept.get((*beginning, told[:known])):
            known -= 1
        now = kept.get((*beginning, told[:known])) or _begin(model, start)
        kept.put((*beginning, told[:known]), now)
        for step in range(known, len(told)):
            now = _go_on(model, start, now, told[step].action)
            kept.put((*beginning, told[: step + 1]), now)
        return now


def _noise(model: Model, start: Start) -> "Tensor":
    """(first + MOST, z_dim): what Compare draws for the first sample of the same seed."""
    from cvae.model.noise import sample_noise

    predictor = load_predictor(model, start.device)
    z_dim = predictor.checkpoint.config.model.z_dim
    return sample_noise(start.seed, start.sequence.name, 1, start.first + MOST, z_dim)[0]


def _begin(model: Model, start: Start) -> Ride:
    from cvae.inference.steering import start as start_steering

    sequence, given = start.sequence, start.given
    known = None if sequence.positions is None else sequence.positions[:given]
    scene = start_steering(
        load_predictor(model, start.device),
        sequence.frames[:given],
        sequence.actions[: given - 1],
        known,
        _noise(model, start)[: given - 1],
    )
    places = [_place(scene)] * given if known is None else list(known)
    now = Ride(tuple(sequence.frames[:given]), tuple(places), scene)
    for action in sequence.actions[given - 1 : start.first]:
        now = _go_on(model, start, now, action)
    return now


def _go_on(model: Model, start: Start, now: Ride, action: np.ndarray) -> Ride:
    from cvae.inference.steering import step

    noise = _noise(model, start)[len(now.frames) - 1]
    frame, scene = step(load_predictor(model, start.device), now.scene, action, noise)
    return Ride((*now.frames, frame), (*now.places, _place(scene)), scene)


def _place(scene: "Scene") -> np.ndarray:
    return scene.position[0].cpu().numpy()
