"""Evaluations with numbers that a test wants, without measuring anything."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from cvae.evaluation import scores, storage
from cvae.evaluation.protocol import GIVEN_STATES, Protocol
from cvae.evaluation.rows import BEST, COPY_LAST, ONE_SAMPLE, POSTERIOR, PRIOR_MEAN, VARIANTS
from cvae.evaluation.summary import per_step
from cvae.model.weights import weights_checksum

WRITTEN = (ONE_SAMPLE, BEST, PRIOR_MEAN, POSTERIOR, COPY_LAST)


def write_scores(
    model: Path,
    protocol: Protocol,
    psnr: dict[str, float],
    copied: float,
    **about: str | int,
) -> None:
    """As `python -m cvae evaluate` stores them with `model`, one sample of each sequence.

    psnr: in dB, by the sequence, in every frame; copied: of the last given frame, of each.
    about: fields of the evaluation that are otherwise.
    """
    rows = [
        {
            "protocol": protocol.name,
            "sequence": sequence,
            "variant": variant,
            "frame": frame,
            **dict.fromkeys(("psnr", "psnr_lab"), copied if variant == COPY_LAST else decibels),
        }
        for sequence, decibels in psnr.items()
        for variant in WRITTEN
        for frame in protocol.future
    ]
    table = pd.DataFrame(rows).reindex(columns=list(scores.COLUMNS))
    _store(model, protocol, len(psnr), scores.Estimate(None, None, 0), table, **about)


def write_means(model: Path, decibels: float) -> None:
    """The same without rows: this mean in every column and frame, of the protocol GIVEN_STATES."""
    none = pd.DataFrame(columns=list(scores.COLUMNS))
    _store(model, GIVEN_STATES, 256, scores.Estimate(decibels, 0.33, 256), none)


def _store(
    model: Path,
    protocol: Protocol,
    measured: int,
    number: scores.Estimate,
    table: pd.DataFrame,
    **about: str | int,
) -> None:
    even = [number.mean] * protocol.horizon, [number.half_width] * protocol.horizon
    steps = {variant: dict.fromkeys(scores.METRICS, scores.Curve(*even)) for variant in VARIANTS}
    for variant, curves in per_step(table).items():
        steps[variant] = {metric: curves[metric] for metric in scores.METRICS}
    evaluation = scores.Evaluation(
        checkpoint=model.name,
        prior="fixed",
        n_past=2,
        protocol=protocol,
        samples=1,
        data="store",
        data_checksum="c",
        source="simulated",
        split="test",
        split_size=measured,
        sequences=measured,
        without_positions=0,
        overall={variant: dict.fromkeys(scores.METRICS, number) for variant in VARIANTS},
        steps=steps,
    )
    evaluation = replace(evaluation, **about)
    storage.store(model, weights_checksum(model), evaluation, table)
