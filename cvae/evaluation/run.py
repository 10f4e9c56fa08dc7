"""Measure one model on every sequence of a split, beside its references."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from einops import repeat
from torch import Tensor
from tqdm import tqdm

from cvae.data.bundle import SequenceSource
from cvae.data.sequence import FIRST_TOY, MAX_TOYS, Sequence
from cvae.errors import InputError
from cvae.evaluation.metrics import psnr, psnr_lab, psnr_where, ssim
from cvae.evaluation.protocol import Protocol
from cvae.evaluation.scores import (
    COPY_LAST,
    FOREIGN,
    METRICS,
    ONE_SAMPLE,
    POSTERIOR,
    PRIOR_MEAN,
)
from cvae.inference.predictor import Predictor, to_float_frames

SEED = 0
CHUNK = 16  # sequences at a time: bounds the memory
MOVED = 0.01  # metres; a toy that is further from where it was last seen has moved


def measure(
    predictor: Predictor,
    source: SequenceSource,
    protocol: Protocol,
    *,
    limit: int | None = None,
) -> pd.DataFrame:
    """Metrics of every predicted frame: columns sequence, variant, frame, psnr, ... psnr_moved.

    All sequences of `source`, or its first `limit`. Metrics are taken on the 8-bit frames that
    people see; psnr_moved is NaN where no toy moved or there are no masks.
    Raises InputError if model or sequences do not fit the protocol.
    """
    _check(predictor, source, protocol)
    count = len(source) if limit is None else min(limit, len(source))
    parts = []
    with tqdm(total=count, desc=predictor.checkpoint.name, unit="seq", leave=False) as bar:
        for start in range(0, count, CHUNK):
            numbers = range(start, min(start + CHUNK, count))
            parts += _measure_chunk(predictor, source, numbers, protocol)
            bar.update(len(numbers))
    return pd.concat(parts, ignore_index=True)


def moved_toys(sequence: Sequence, since: int, frames: range) -> np.ndarray:
    """Which pixels show a toy that has moved since frame `since`: bool (len(frames), H, W).

    A toy has moved when its centre is more than `MOVED` from where it was. All false where the
    sequence has no masks.
    """
    if sequence.masks is None or sequence.toys is None:
        return np.zeros((len(frames), *sequence.frames.shape[1:3]), bool)
    chosen = slice(frames.start, frames.stop)
    distance = np.linalg.norm(sequence.toys[chosen] - sequence.toys[since], axis=-1)
    moved = distance > MOVED  # (T, MAX_TOYS); NaN, no toy, has not moved
    toy = sequence.masks[chosen].astype(int) - FIRST_TOY
    at_pixel = np.take_along_axis(moved[:, None], toy.clip(0, MAX_TOYS - 1), axis=-1)
    return at_pixel & (toy >= 0)


def _check(predictor: Predictor, source: SequenceSource, protocol: Protocol) -> None:
    if predictor.n_past != protocol.n_past:
        raise InputError(
            f"{predictor.checkpoint.path} takes {predictor.n_past} given frames, but protocol "
            f"{protocol.name} gives {protocol.n_past}: evaluate a model trained for that."
        )
    needed = protocol.n_past + protocol.horizon
    if source.length < needed:
        raise InputError(
            f"The sequences have {source.length} frames, but protocol {protocol.name} needs "
            f"{needed}: choose other data."
        )


def _measure_chunk(
    predictor: Predictor, source: SequenceSource, numbers: range, protocol: Protocol
) -> Iterator[pd.DataFrame]:
    sequences = [source[i] for i in numbers]
    future = range(protocol.n_past, protocol.n_past + protocol.horizon)
    truth = np.stack([s.frames[future.start : future.stop] for s in sequences])
    moved = np.stack([moved_toys(s, protocol.n_past - 1, future) for s in sequences])
    for variant, frames in _variants(predictor, source, numbers, sequences, protocol):
        values = _metrics(frames, truth, moved)
        yield pd.DataFrame(
            {
                "sequence": np.repeat([s.name for s in sequences], protocol.horizon),
                "variant": variant,
                "frame": np.tile(np.array(future), len(sequences)),
                **{metric: values[metric].flatten().numpy() for metric in METRICS},
            }
        )


def _variants(
    predictor: Predictor,
    source: SequenceSource,
    numbers: range,
    sequences: list[Sequence],
    protocol: Protocol,
) -> Iterator[tuple[str, np.ndarray]]:
    """Name and frames, uint8 (N, S, T, H, W, 3), of the model's predictions and references."""
    last = np.stack([s.frames[protocol.n_past - 1] for s in sequences])
    yield COPY_LAST, repeat(last, "n h w c -> n 1 t h w c", t=protocol.horizon)

    def predict(given: list[Sequence], latent: str) -> np.ndarray:
        predictions = predictor.predict(
            given,
            seed=SEED,
            samples=protocol.samples,
            horizon=protocol.horizon,
            latent=latent,
            states=protocol.states,
        )
        return np.stack([prediction.frames for prediction in predictions])

    yield ONE_SAMPLE, predict(sequences, protocol.latent)
    yield PRIOR_MEAN, predict(sequences, "mean")
    if len(source) > 1:
        others = [source[(i + 1) % len(source)] for i in numbers]
        pairs = zip(sequences, others, strict=True)
        foreign = [predictor.with_foreign_conditions(s, other) for s, other in pairs]
        yield FOREIGN, predict(foreign, protocol.latent)
    yield POSTERIOR, predictor.reconstruct(sequences, protocol.horizon)[:, None]


def _metrics(frames: np.ndarray, truth: np.ndarray, moved: np.ndarray) -> dict[str, Tensor]:
    """frames (N, S, T, H, W, 3), truth (N, T, H, W, 3) -> each metric (N, T), mean over S."""
    predicted = to_float_frames(frames)
    target = to_float_frames(truth).unsqueeze(1)
    mask = torch.from_numpy(moved).unsqueeze(1)
    values = {
        "psnr": psnr(predicted, target),
        "psnr_lab": psnr_lab(predicted, target),
        "ssim": ssim(predicted, target),
        "psnr_moved": psnr_where(predicted, target, mask),
    }
    return {metric: value.mean(1).double() for metric, value in values.items()}
