"""Where the arm goes if it is told this and that: computed in turn, and kept for all visitors."""

from collections.abc import Callable, Hashable
from collections.abc import Sequence as Items
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cvae.data.sequence import Sequence
from cvae.planning.commands import first_free_frame
from demo.commands import MOST, Told
from demo.kept import Kept
from demo.loading import Model, load_predictor
from demo.predictions import digest

if TYPE_CHECKING:
    from torch import Tensor

    from cvae.inference.predictor import Predictor
    from cvae.inference.steering import Scene

MOST_KEPT = 512  # of a bundled model 0.1 MB each, and 0.5 MB of every beginning; of a full one more


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
        return first_free_frame(self.given)


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


def rides(
    models: Items[Model],
    start: Start,
    told: Told,
    in_turn: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> list[Ride]:
    """What each of `models` imagines if the arm is `told` this from frame `start.first` on.

    Only what is new is computed: any ride that is kept is gone on from.
    in_turn: entered before anything is computed. Raises InputError if a model can't be loaded.
    """
    known = [kept_rides().get(_key(model, start, told)) for model in models]
    found = [one for one in known if one]
    if len(found) == len(models):
        return found
    with in_turn():
        return [_ride(model, start, told) for model in models]


def _key(model: Model, start: Start, told: Told) -> Hashable:
    return model, digest(start.sequence), start.given, start.seed, start.device, told


def _ride(model: Model, start: Start, told: Told) -> Ride:
    kept, known = kept_rides(), len(told)
    while not (now := kept.get(_key(model, start, told[:known]))) and known:
        known -= 1
    predictor = load_predictor(model, start.device)
    noise = _noise(predictor, start)
    if not now:
        now = _begin(predictor, start, noise)
        kept.put(_key(model, start, ()), now)
    for step in range(known, len(told)):
        now = _go_on(predictor, now, told[step].action, noise)
        kept.put(_key(model, start, told[: step + 1]), now)
    return now


def _noise(predictor: "Predictor", start: Start) -> "Tensor":
    """(first + MOST, z_dim): what Compare draws for the first sample of the same seed."""
    from cvae.model.noise import sample_noise

    z_dim = predictor.checkpoint.config.model.z_dim
    return sample_noise(start.seed, start.sequence.name, 1, start.first + MOST, z_dim)[0]


def _begin(predictor: "Predictor", start: Start, noise: "Tensor") -> Ride:
    from cvae.inference.steering import start as start_steering

    sequence, given = start.sequence, start.given
    known = None if sequence.positions is None else sequence.positions[:given]
    scene = start_steering(
        predictor,
        sequence.frames[:given],
        sequence.actions[: given - 1],
        known,
        noise[: given - 1],
    )
    places = [_place(scene)] * given if known is None else list(known)
    # Copies, or the whole sequence would be kept for them.
    now = Ride(tuple(frame.copy() for frame in sequence.frames[:given]), tuple(places), scene)
    for action in sequence.actions[given - 1 : start.first]:
        now = _go_on(predictor, now, action, noise)
    return now


def _go_on(predictor: "Predictor", now: Ride, action: np.ndarray, noise: "Tensor") -> Ride:
    from cvae.inference.steering import step

    frame, scene = step(predictor, now.scene, action, noise[len(now.frames) - 1])
    return Ride((*now.frames, frame), (*now.places, _place(scene)), scene)


def _place(scene: "Scene") -> np.ndarray:
    return scene.position[0].cpu().numpy()
