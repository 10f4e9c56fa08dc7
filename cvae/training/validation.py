"""How good a model in training is: free-running, over the whole validation split."""

import torch

from cvae.data.split import Split
from cvae.evaluation.metrics import psnr, ssim
from cvae.inference.predictor import Predictor, to_float_frames
from cvae.training.precision import autocast

CHUNK = 16  # sequences predicted at a time


def validate(predictor: Predictor, split: Split, horizon: int) -> tuple[float, float]:
    """PSNR in dB and SSIM of one sample (seed 0), the mean over all steps and sequences."""
    n_past = predictor.n_past
    psnrs, ssims = [], []
    for start in range(0, len(split), CHUNK):
        sequences = [split[i] for i in range(start, min(start + CHUNK, len(split)))]
        with autocast(predictor.device):
            predictions = predictor.predict(sequences, horizon=horizon)
        for sequence, prediction in zip(sequences, predictions, strict=True):
            predicted = to_float_frames(prediction.frames[0])
            truth = to_float_frames(sequence.frames[n_past : n_past + horizon])
            psnrs.append(psnr(predicted, truth).mean())
            ssims.append(ssim(predicted, truth).mean())
    return torch.stack(psnrs).mean().item(), torch.stack(ssims).mean().item()
