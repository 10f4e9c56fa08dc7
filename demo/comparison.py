"""One sequence, what the models imagine for it, and how near they come."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st
from einops import repeat

from cvae.data.sequence import Sequence
from cvae.errors import InputError
from demo.appearance import COPY_LAST, Look
from demo.kept import Kept
from demo.loading import Model, Setup
from demo.predictions import digest, predict

if TYPE_CHECKING:
    from cvae.inference.predictor import Prediction

MOST_KEPT = 8  # of the largest (3 models, 16 samples of 28 frames) they take 130 MB


@dataclass(frozen=True)
class Imagined:
    """What one model makes of the sequence, in S samples.

    frames: uint8 (S, T, H, W, 3), first the `given` ones of the truth, then the predicted.
    truth: uint8 (T, H, W, 3), what happened.
    psnr: float (S, T - given), dB of the predicted frames as they are shown (8 bits a channel).
    """

    model: Model
    look: Look
    frames: np.ndarray
    truth: np.ndarray
    psnr: np.ndarray
    prediction: "Prediction"

    @property
    def given(self) -> int:
        return self.model.n_past

    @property
    def samples(self) -> int:
        return len(self.frames)

    @cached_property
    def ssim(self) -> np.ndarray:
        """float (S, T - given), as `psnr`. Measured when first asked for: that takes a second."""
        return frame_ssim(self.frames[:, self.given :], self.truth[self.given :])


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

    @cached_property
    def copy_last(self) -> np.ndarray:
        """float (T - given,), PSNR of showing the last given frame again and again."""
        return frame_psnr(*self._copied_and_future())

    @cached_property
    def copy_last_ssim(self) -> np.ndarray:
        """float (T - given,), as `copy_last`."""
        return frame_ssim(*self._copied_and_future())

    def _copied_and_future(self) -> tuple[np.ndarray, np.ndarray]:
        frames, given = self.truth.frames, self.given
        return np.repeat(frames[given - 1 : given], len(frames) - given, axis=0), frames[given:]


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
    kept, key = kept_comparisons(), (*((m, look[m.name]) for m in models), digest(truth), setup)
    if found := kept.get(key):
        return found
    predictions = predict(models, truth, setup, in_turn)
    imagined = [
        _beside(truth, model, look[model.name], prediction)
        for model, prediction in zip(models, predictions, strict=True)
    ]
    comparison = Comparison(truth, imagined, setup)
    kept.put(key, comparison)
    return comparison


def _beside(truth: Sequence, model: Model, look: Look, prediction: "Prediction") -> Imagined:
    """The prediction, with the frames it was given, measured against what happened."""
    future = truth.frames[model.n_past :]
    samples = len(prediction.frames)
    past = repeat(truth.frames[: model.n_past], "t h w c -> s t h w c", s=samples)
    return Imagined(
        model=model,
        look=look,
        frames=np.concatenate([past, prediction.frames], axis=1),
        truth=truth.frames,
        psnr=frame_psnr(prediction.frames, future),
        prediction=prediction,
    )


def frame_psnr(shown: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """PSNR in dB of each frame, uint8 (..., H, W, 3) both: of the picture that people see."""
    from cvae.evaluation.metrics import psnr
    from cvae.inference.predictor import to_float_frames

    return psnr(to_float_frames(shown), to_float_frames(truth)).numpy()


def frame_ssim(shown: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """SSIM of each frame, uint8 (..., H, W, 3) both."""
    from cvae.evaluation.metrics import ssim
    from cvae.inference.predictor import to_float_frames

    return ssim(to_float_frames(shown), to_float_frames(truth)).numpy()


def psnr_table(comparison: Comparison) -> pd.DataFrame:
    """A row a model, a column a predicted frame (numbered from 0 as everywhere), in dB.

    Of several samples the mean.
    """
    names = [f"Frame {number}" for number in range(len(comparison.truth))]
    measured = [(one.look, one.given, one.psnr.mean(axis=0)) for one in comparison.imagined]
    measured.append((COPY_LAST, comparison.given, comparison.copy_last))
    rows = {look.label: pd.Series(psnr, names[given:]) for look, given, psnr in measured}
    return pd.DataFrame(rows).T[names[comparison.given :]]
