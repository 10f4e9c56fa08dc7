"""How good a model in training is: free-running, over the whole validation split."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from cvae.data.split import Split
from cvae.evaluation.metrics import psnr, ssim
from cvae.inference.predictor import Predictor, to_float_frames
from cvae.training.engine import Engine

CHUNK = 16  # sequences predicted at a time


@dataclass(frozen=True)
class Example:
    """The prediction of one sequence, to look at.

    truth: uint8 (n_past + horizon, H, W, 3). predicted: uint8 (horizon, H, W, 3), of `psnr`
    (horizon,) in dB.
    """

    truth: np.ndarray
    predicted: np.ndarray
    psnr: np.ndarray


def validate(
    predictor: Predictor,
    split: Split,
    horizon: int,
    engine: Engine,
    check: Callable[[], None],
) -> tuple[float, float, Example | None]:
    """PSNR in dB and SSIM of one sample (seed 0), the mean over all steps and sequences.

    The processes of `engine` share the sequences. The example is the first of this process's;
    None where there are more processes than sequences, and none is left for this one.
    check: called between two chunks; what it raises ends the validation.
    """
    n_past = predictor.n_past
    own = range(engine.rank, len(split), engine.processes)
    sums = torch.zeros(2, dtype=torch.float64, device=engine.device)
    example: Example | None = None
    for chunk in (own[start : start + CHUNK] for start in range(0, len(own), CHUNK)):
        check()
        sequences = [split[i] for i in chunk]
        predictions = predictor.predict(sequences, horizon=horizon)
        for sequence, prediction in zip(sequences, predictions, strict=True):
            predicted = to_float_frames(prediction.frames[0])
            truth = to_float_frames(sequence.frames[n_past : n_past + horizon])
            decibels = psnr(predicted, truth)
            sums += torch.tensor([decibels.mean(), ssim(predicted, truth).mean()]).to(sums)
            example = example or Example(
                sequence.frames[: n_past + horizon], prediction.frames[0], decibels.numpy()
            )
    mean_psnr, mean_ssim = (engine.mean(sums) * engine.processes / len(split)).tolist()
    return mean_psnr, mean_ssim, example
