"""From one row a frame to means with intervals: first over a sequence, then over sequences."""

import pandas as pd

from cvae.data.bundle import SequenceSource
from cvae.evaluation.columns import MEASURED, METRICS
from cvae.evaluation.protocol import Protocol
from cvae.evaluation.rows import ONE_SAMPLE
from cvae.evaluation.scores import Curve, Estimate, Evaluation, estimate
from cvae.model.checkpoint import Checkpoint


def summarise(
    scores: pd.DataFrame,
    checkpoint: Checkpoint,
    source: SequenceSource,
    protocol: Protocol,
    *,
    samples: int,
    data: str,
    data_checksum: str,
    split: str,
) -> Evaluation:
    """The evaluation that `scores` of one protocol make: of all of `source`, or its first ones.

    data: the data's folder as the user named it. data_checksum: of what is in it.
    """
    count = scores["sequence"].nunique()
    bare = sum(source.motion(i)[1] is None for i in range(count))
    return Evaluation(
        checkpoint=checkpoint.name,
        prior=checkpoint.config.model.prior,
        n_past=checkpoint.config.model.n_past,
        protocol=protocol,
        samples=samples,
        data=data,
        data_checksum=data_checksum,
        source=source.source,
        split=split,
        split_size=len(source),
        sequences=count,
        without_positions=0 if protocol.states == "read" else bare,
        overall=overall(scores),
        steps=per_step(scores),
    )


def overall(scores: pd.DataFrame) -> dict[str, dict[str, Estimate]]:
    """Rows of one protocol -> variant -> metric -> Estimate.

    The mean over a sequence's frames first, then over sequences: each counts once.
    """
    by_sequence = scores.groupby(["variant", "sequence"], sort=False)[[*MEASURED]].mean()
    return {
        variant: {metric: estimate(values[metric].to_numpy()) for metric in _metrics(variant)}
        for variant, values in by_sequence.groupby("variant", sort=False)
    }


def per_step(scores: pd.DataFrame) -> dict[str, dict[str, Curve]]:
    """Rows of one protocol -> variant -> metric -> Curve over the predicted frames."""
    return {
        variant: {metric: _curve(rows, metric) for metric in _metrics(variant)}
        for variant, rows in scores.groupby("variant", sort=False)
    }


def _curve(rows: pd.DataFrame, metric: str) -> Curve:
    points = [estimate(values.to_numpy()) for _, values in rows.groupby("frame")[metric]]
    return Curve([point.mean for point in points], [point.half_width for point in points])


def _metrics(variant: str) -> tuple[str, ...]:
    return tuple(MEASURED if variant == ONE_SAMPLE else METRICS)
