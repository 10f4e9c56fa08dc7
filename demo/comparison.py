"""One sequence, what the models imagine for it, and how near they come."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import streamlit as st
from einops import repeat

from cvae.data.sequence import Sequence
from cvae.errors import InputError
from demo.appearance import COPY_LAST, Look
from demo.components.sheet import sheet_url
from demo.frame_metrics import OF_ALL, OF_MASKED, Measured
from demo.kept import Kept
from demo.loading import Model, Setup
from demo.predictions import Rollout, digest, predict

# The largest (3 models, 20 samples of 28 frames) take 170 MB, and as much again for their sheets.
MOST_KEPT = 8


@dataclass(frozen=True)
class Imagined:
    """What one model makes of the sequence, in S samples.

    frames: uint8 (S, T, H, W, 3), first the `given` ones of the truth, then the predicted.
    measured: (S, T - given) of each metric, of the predicted frames as they are shown (8 bits a
        channel).
    """

    model: Model
    look: Look
    frames: np.ndarray
    measured: Measured
    rollout: Rollout

    @property
    def given(self) -> int:
        return self.model.n_past

    @property
    def samples(self) -> int:
        return len(self.frames)

    @property
    def mark(self) -> str:
        """After the model's name, so that a reference is not taken for a prediction."""
        return " (reference)" if self.rollout.is_reference else ""

    @property
    def label(self) -> str:
        """What people read."""
        return self.look.label + self.mark

    @property
    def psnr(self) -> np.ndarray:
        """float (S, T - given), in dB."""
        return self.measured["psnr"]


@dataclass(frozen=True)
class Comparison:
    """truth: the sequence, cut to the T frames that are shown.
    imagined: a model each, in the order in which they are shown; at least one.
    setup: how the predictions were asked for.
    """

    truth: Sequence
    imagined: list[Imagined]
    setup: Setup

    @property
    def given(self) -> int:
        """Frames that every model was given."""
        return min(one.given for one in self.imagined)

    @property
    def metrics(self) -> list[str]:
        """Those that the sequence allows, for people to choose from."""
        masked = self.truth.masks is not None and self.truth.toys is not None
        return OF_MASKED if masked else OF_ALL

    @cached_property
    def sheet(self) -> str:
        """All frames as one PNG, a data URL: the truth, below it each sample of each model.

        Packed once, as it takes longer than all else that a page does to show it again.
        """
        frames = [self.truth.frames[None], *(one.frames for one in self.imagined)]
        return sheet_url(np.concatenate(frames))

    @cached_property
    def copy_last(self) -> Measured:
        """(1, T - given) of each metric, of showing the last given frame again and again."""
        last, missing = self.truth.frames[self.given - 1], len(self.truth) - self.given
        copied = repeat(last, "h w c -> 1 t h w c", t=missing)
        return Measured(copied, self.truth, self.given - 1)


@st.cache_resource(show_spinner=False)
def kept_comparisons() -> Kept[Comparison]:
    """Those of this server; a page that runs anew should not measure anew."""
    return Kept(MOST_KEPT)


def compare(
    models: list[Model],
    look: dict[str, Look],
    sequence: Sequence,
    setup: Setup,
    in_turn: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Comparison:
    """Predict `sequence` with each of `models` and measure against what happened.

    look: by the name of a model. in_turn: see `demo.predictions.predict`.
    Raises InputError if the sequence is too short, or a model can't be loaded.
    """
    shown = min(len(sequence), max(model.n_past for model in models) + setup.horizon)
    if any(model.n_past >= shown for model in models):
        raise InputError(
            f"{sequence.name} has {len(sequence)} frames, no more than the models are given; "
            "choose a longer sequence."
        )
    truth = sequence.window(0, shown)
    # The masks make no prediction, but metrics: an upload may be a test sequence without them.
    held = (digest(truth), truth.masks is None)
    kept, key = kept_comparisons(), (*((m, look[m.name]) for m in models), *held, setup)
    if found := kept.get(key):
        return found
    since = min(model.n_past for model in models) - 1  # for all alike
    imagined = [
        _beside(truth, model, look[model.name], rollout, since)
        for model, rollout in zip(models, predict(models, truth, setup, in_turn), strict=True)
    ]
    comparison = Comparison(truth, imagined, setup)
    kept.put(key, comparison)
    return comparison


def _beside(truth: Sequence, model: Model, look: Look, rollout: Rollout, since: int) -> Imagined:
    """The rollout, with the frames it was given, measured against what happened."""
    samples = len(rollout.frames)
    past = repeat(truth.frames[: model.n_past], "t h w c -> s t h w c", s=samples)
    return Imagined(
        model=model,
        look=look,
        frames=np.concatenate([past, rollout.frames], axis=1),
        measured=Measured(rollout.frames, truth, since),
        rollout=rollout,
    )


def metric_table(comparison: Comparison, metric: str) -> pd.DataFrame:
    """A row a model, a column a predicted frame (numbered from 0 as everywhere), of `metric`.

    Of several samples the mean; NaN where there is nothing to measure.
    """
    names = [f"Frame {number}" for number in range(len(comparison.truth))]
    measured = [(one.label, one.given, one.measured) for one in comparison.imagined]
    measured.append((COPY_LAST.label, comparison.given, comparison.copy_last))
    rows = {
        label: pd.Series(values[metric].mean(axis=0), names[given:])
        for label, given, values in measured
    }
    return pd.DataFrame(rows).T[names[comparison.given :]]
