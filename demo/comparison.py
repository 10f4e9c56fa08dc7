"""One sequence, what the models imagine for it, and how near they come."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cvae.data.sequence import Sequence
from cvae.errors import InputError
from demo.appearance import COPY_LAST, PRIOR_LOOKS, Look
from demo.loading import Data, Model, predict

if TYPE_CHECKING:
    from cvae.inference.predictor import Prediction

N_FUTURE = 10


@dataclass(frozen=True)
class Imagined:
    """What one model makes of the sequence.

    frames: uint8 (T, H, W, 3), first the `given` ones, then the predicted.
    psnr: float (T - given,), dB of the predicted frames as they are shown (8 bits a channel).
    """

    model: Model
    frames: np.ndarray
    psnr: np.ndarray
    prediction: "Prediction"

    @property
    def look(self) -> Look:
        return PRIOR_LOOKS[self.model.prior]

    @property
    def given(self) -> int:
        return self.model.n_past


@dataclass(frozen=True)
class Comparison:
    """truth: the sequence, cut to the T frames that are shown.
    copy_last: float (T - given,), PSNR of showing the last given frame again and again.
    """

    truth: Sequence
    imagined: list[Imagined]
    copy_last: np.ndarray

    @property
    def given(self) -> int:
        """Frames that every model was given."""
        return min(one.given for one in self.imagined)


def compare(models: list[Model], data: Data, sequence: Sequence, seed: int) -> Comparison:
    """Predict `sequence` with each of `models` and measure against what happened.

    Raises InputError if the sequence is too short, or a model can't be loaded.
    """
    given = min(model.n_past for model in models)
    shown = min(len(sequence), max(model.n_past for model in models) + N_FUTURE)
    if any(model.n_past >= shown for model in models):
        raise InputError(
            f"{sequence.name} has {len(sequence)} frames, no more than the models are given; "
            "choose a longer sequence."
        )
    truth = sequence.window(0, shown)
    imagined = []
    for model in models:
        prediction = predict(model, data, sequence.name, seed, shown)
        frames = np.concatenate([truth.frames[: model.n_past], prediction.frames[0]])
        psnr = frame_psnr(frames, truth.frames)[model.n_past :]
        imagined.append(Imagined(model, frames, psnr, prediction))
    copied = np.repeat(truth.frames[given - 1 : given], shown, axis=0)
    return Comparison(truth, imagined, frame_psnr(copied, truth.frames)[given:])


def frame_psnr(shown: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """PSNR in dB of each frame, uint8 (T, H, W, 3) both: of the picture that people see."""
    from cvae.evaluation.metrics import psnr
    from cvae.inference.predictor import to_float_frames

    return psnr(to_float_frames(shown), to_float_frames(truth)).numpy()


def psnr_table(comparison: Comparison) -> pd.DataFrame:
    """A row a model, a column a predicted frame (numbered from 0 as everywhere), in dB."""
    names = [f"Frame {number}" for number in range(len(comparison.truth))]
    measured = [(one.look, one.given, one.psnr) for one in comparison.imagined]
    measured.append((COPY_LAST, comparison.given, comparison.copy_last))
    rows = {look.label: pd.Series(psnr, names[given:]) for look, given, psnr in measured}
    return pd.DataFrame(rows).T[names[comparison.given :]]
