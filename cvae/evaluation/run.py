"""Measure one model on the sequences of a split under one protocol, beside its references."""

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from cvae.data.bundle import SequenceSource
from cvae.data.sequence import Sequence
from cvae.device import told_without_room
from cvae.errors import InputError
from cvae.evaluation.columns import METRICS, SPREAD
from cvae.evaluation.metrics import psnr, psnr_lab, psnr_where, spread, ssim
from cvae.evaluation.moved import arm_pixels, moved_toys
from cvae.evaluation.perceptual import lpips
from cvae.evaluation.protocol import Protocol
from cvae.evaluation.rows import BEST, ONE_SAMPLE
from cvae.evaluation.scores import COLUMNS
from cvae.evaluation.tip import tip_error
from cvae.evaluation.variants import variants
from cvae.inference.predictor import Predictor, to_float_frames

# Sequences, and samples of them, at a time: bounds the memory.
CHUNK, CHUNK_SAMPLES = 16, 64


def measure(
    predictor: Predictor,
    source: SequenceSource,
    protocol: Protocol,
    *,
    samples: int,
    limit: int | None = None,
) -> pd.DataFrame:
    """Scores, see COLUMNS, of all sequences of `source` or its first `limit`.

    Metrics are taken on the 8-bit frames that people see; psnr_moved and tip are NaN where no toy
    moved, no arm is seen or there are no masks, lpips where its weights are not at hand.
    Raises InputError, before anything is measured, if the sequences or the numbers do not fit.
    """
    check_request(source, protocol, samples=samples, limit=limit)
    parts = [
        measure_chunk(predictor, source, protocol, numbers, samples)
        for numbers in chunks(source, samples=samples, limit=limit)
    ]
    return pd.concat(parts, ignore_index=True)


def chunks(source: SequenceSource, *, samples: int, limit: int | None = None) -> list[range]:
    """The numbers of the sequences that are measured together.

    They depend on nothing else, so that whoever measures a chunk gets the same numbers.
    """
    count = len(source) if limit is None else min(limit, len(source))
    size = min(CHUNK, max(1, CHUNK_SAMPLES // samples))
    return [range(start, min(start + size, count)) for start in range(0, count, size)]


def check_request(
    source: SequenceSource, protocol: Protocol, *, samples: int, limit: int | None = None
) -> None:
    """Raise InputError unless models can be measured so; none is needed to know it."""
    if samples < 1:
        raise InputError(f"Asked for {samples} samples a sequence; give a number from 1 on.")
    if limit is not None and limit < 1:
        raise InputError(f"Asked for {limit} sequences; give a number from 1 on.")
    if source.length < protocol.length:
        raise InputError(
            f"The sequences have {source.length} frames, but protocol {protocol.name} needs "
            f"{protocol.length}: choose other data, or another protocol."
        )


def measure_chunk(
    predictor: Predictor,
    source: SequenceSource,
    protocol: Protocol,
    numbers: range,
    samples: int,
) -> pd.DataFrame:
    """Scores of the sequences of these numbers; the others of `source` lend their actions."""
    sequences = [source[i] for i in numbers]
    others = [source[(i + 1) % len(source)] for i in numbers] if len(source) > 1 else []
    parts = []
    for variant, frames in variants(predictor, protocol, sequences, others, samples):
        values = _values(frames, sequences, protocol, predictor.device)
        best = values["psnr"].mean(-1).argmax(1)  # (N,): as in SVG, the sample as a whole
        parts.append(_rows(variant, _mean(values), sequences, protocol))
        if variant == ONE_SAMPLE and samples > 1:
            parts.append(_rows(BEST, _choose(values, best), sequences, protocol))
    return pd.concat(parts, ignore_index=True)


def _values(
    frames: np.ndarray, sequences: list[Sequence], protocol: Protocol, device: torch.device
) -> dict[str, Tensor]:
    """frames (N, S, T, H, W, 3) -> metrics (N, S, T), and the spread (N, 1, T), on the CPU."""
    with told_without_room(device):
        found = [
            _measured(one, sequence, protocol, device)
            for one, sequence in zip(frames, sequences, strict=True)
        ]
    return {name: torch.stack([one[name] for one in found]).double().cpu() for name in found[0]}


def _measured(
    samples: np.ndarray, sequence: Sequence, protocol: Protocol, device: torch.device
) -> dict[str, Tensor]:
    """samples (S, T, H, W, 3) of one sequence -> metrics (S, T), and the spread (1, T)."""
    since, future = protocol.context - 1, protocol.future
    predicted = to_float_frames(samples).to(device)  # (S, T, 3, H, W)
    truth = to_float_frames(sequence.frames[future.start : future.stop]).to(device)
    moved = torch.from_numpy(moved_toys(sequence, since, future)).to(device)
    arm = torch.from_numpy(arm_pixels(sequence, future)).to(device)
    return {
        "psnr": psnr(predicted, truth),
        "psnr_lab": psnr_lab(predicted, truth),
        "ssim": ssim(predicted, truth),
        "psnr_moved": psnr_where(predicted, truth, moved),
        "tip": tip_error(predicted, truth, arm),
        "lpips": lpips(predicted, truth),
        SPREAD: spread(predicted),
    }


def _mean(values: dict[str, Tensor]) -> dict[str, Tensor]:
    """(N, S, T) -> (N, T): what one sample is expected to have."""
    return {name: value.mean(1) for name, value in values.items()}


def _choose(values: dict[str, Tensor], best: Tensor) -> dict[str, Tensor]:
    """(N, S, T) -> (N, T): the metrics of sample `best` (N,) of each sequence."""
    chosen = {metric: values[metric][torch.arange(len(best)), best] for metric in METRICS}
    return {**chosen, SPREAD: torch.full_like(chosen["psnr"], torch.nan)}


def _rows(
    variant: str, values: dict[str, Tensor], sequences: list[Sequence], protocol: Protocol
) -> pd.DataFrame:
    """values (N, T) -> a row a sequence and frame."""
    table = {
        "protocol": protocol.name,
        "sequence": np.repeat([sequence.name for sequence in sequences], protocol.horizon),
        "variant": variant,
        "frame": np.tile(np.array(protocol.future), len(sequences)),
        **{name: value.flatten().numpy() for name, value in values.items()},
    }
    return pd.DataFrame(table)[list(COLUMNS)]
