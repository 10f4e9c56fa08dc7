"""What the models imagine for a sequence: computed in turn, and kept for all visitors."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cvae.data.sequence import Sequence
from demo.kept import Kept
from demo.loading import Model, Setup, load_predictor

if TYPE_CHECKING:
    from cvae.inference.predictor import Prediction

MOST_KEPT = 64  # of the largest (16 samples of 28 frames) take 350 MB

Key = tuple[Model, str, Setup]


@st.cache_resource(show_spinner=False)
def kept_predictions() -> "Kept[Prediction]":
    """Those of this server."""
    return Kept(MOST_KEPT)


def predict(
    models: list[Model],
    sequence: Sequence,
    setup: Setup,
    in_turn: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> "list[Prediction]":
    """What each of `models` imagines for `sequence`, up to its end, whatever the setup's horizon.

    Predictions are kept by what the sequence holds, not by where it lies: files may change.
    in_turn: entered before anything is computed; what is kept is there at once.
    """
    kept, held = kept_predictions(), digest(sequence)
    keys = [(model, held, replace(setup, horizon=len(sequence) - model.n_past)) for model in models]
    found = [prediction for key in keys if (prediction := kept.get(key))]
    if len(found) == len(keys):
        return found
    with in_turn():  # meanwhile another visitor may have computed the same
        return [kept.get(key) or _compute(key, sequence, kept) for key in keys]


def _compute(key: Key, sequence: Sequence, kept: "Kept[Prediction]") -> "Prediction":
    model, _, setup = key
    [prediction] = load_predictor(model, setup.device).predict(
        [sequence],
        seed=setup.seed,
        samples=setup.samples,
        horizon=setup.horizon,
        states=setup.states,
    )
    kept.put(key, prediction)
    return prediction


def digest(sequence: Sequence) -> str:
    """Of all that a prediction depends on; the name is part of what draws the latents."""
    found = hashlib.sha256(sequence.name.encode())
    for values in (sequence.frames, sequence.actions, sequence.positions):
        found.update(b"|" if values is None else np.ascontiguousarray(values).data)
    return found.hexdigest()
