"""What the models make of a sequence: computed in turn, and kept for all visitors."""

import hashlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cvae.data.sequence import Sequence
from demo.kept import Kept
from demo.loading import DRAWN, Model, Setup, load_predictor

if TYPE_CHECKING:
    from cvae.inference.predictor import Predictor

MOST_KEPT = 64  # of the largest (20 samples of 28 frames) take 440 MB

Key = tuple[Model, str, Setup]


@dataclass(frozen=True, eq=False)
class Rollout:
    """What a model made of one sequence, and how.

    frames: uint8 (S, T, H, W, 3), those that follow the given ones.
    states: "given", "rolled out" or, where the sequence has no positions, "read".
    device: in words. seconds: wall time.
    is_reference: whether the model has seen the true frames, so that it is no prediction.
    """

    frames: np.ndarray
    states: str
    device: str
    dtype: str
    seconds: float
    is_reference: bool = False


@st.cache_resource(show_spinner=False)
def kept_rollouts() -> Kept[Rollout]:
    """Those of this server."""
    return Kept(MOST_KEPT)


def predict(
    models: list[Model],
    sequence: Sequence,
    setup: Setup,
    in_turn: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> list[Rollout]:
    """What each of `models` makes of `sequence`, up to its end, whatever the setup's horizon.

    They are kept by what the sequence holds, not by where it lies: files may change.
    in_turn: entered before anything is computed; what is kept is there at once.
    """
    kept, held = kept_rollouts(), digest(sequence)
    if setup.latent != DRAWN:
        setup = replace(setup, seed=0)  # any seed gives the same
    keys = [(model, held, replace(setup, horizon=len(sequence) - model.n_past)) for model in models]
    found = [rollout for key in keys if (rollout := kept.get(key))]
    if len(found) == len(keys):
        return found
    with in_turn():  # meanwhile another visitor may have computed the same
        return [kept.get(key) or _compute(key, sequence, kept) for key in keys]


def _compute(key: Key, sequence: Sequence, kept: Kept[Rollout]) -> Rollout:
    model, _, setup = key
    make = _reconstruct if setup.is_reference else _imagine
    rollout = make(load_predictor(model, setup.device), sequence, setup)
    kept.put(key, rollout)
    return rollout


def _imagine(predictor: "Predictor", sequence: Sequence, setup: Setup) -> Rollout:
    [made] = predictor.predict(
        [sequence],
        seed=setup.seed,
        samples=setup.samples,
        horizon=setup.horizon,
        latent="sampled" if setup.latent == DRAWN else "mean",
        states=setup.states,
    )
    return Rollout(made.frames, made.states, made.device, made.dtype, made.seconds)


def _reconstruct(predictor: "Predictor", sequence: Sequence, setup: Setup) -> Rollout:
    """The posterior reference, under the same conditions as a prediction."""
    begun = time.perf_counter()
    told = sequence
    if setup.states == "rolled out":
        told = predictor.with_foreign_conditions(sequence, sequence)
    frames = predictor.reconstruct([told], setup.horizon)  # (1, T, H, W, 3)
    states = "read" if sequence.positions is None else setup.states
    seconds = time.perf_counter() - begun
    device, dtype = predictor.device_name, predictor.precision
    return Rollout(frames, states, device, dtype, seconds, is_reference=True)


def digest(sequence: Sequence) -> str:
    """Of all that a prediction depends on; the name is part of what draws the latents."""
    found = hashlib.sha256(sequence.name.encode())
    for values in (sequence.frames, sequence.actions, sequence.positions):
        found.update(b"|" if values is None else np.ascontiguousarray(values).data)
    return found.hexdigest()
