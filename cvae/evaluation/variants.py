"""What is measured beside each other under one protocol: predictions of a model, and references."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from einops import repeat

from cvae.data.sequence import Sequence
from cvae.evaluation.protocol import Protocol
from cvae.evaluation.rows import COPY_LAST, FOREIGN, ONE_SAMPLE, POSTERIOR, PRIOR_MEAN
from cvae.inference.predictor import Latent, Predictor

SEED = 0


def variants(
    predictor: Predictor,
    protocol: Protocol,
    sequences: list[Sequence],
    others: list[Sequence],
    samples: int,
) -> Iterator[tuple[str, np.ndarray]]:
    """Name and frames, uint8 (N, S, T, H, W, 3), of what is measured.

    sequences: whole ones. others: for each one whose actions take the place of its own; or none.
    Nothing of that for a model that is not told any.
    """
    yield COPY_LAST, copy_last(protocol, sequences)
    shown = [protocol.shown(sequence) for sequence in sequences]
    yield ONE_SAMPLE, predicted(predictor, protocol, shown, samples)
    yield PRIOR_MEAN, predicted(predictor, protocol, shown, latent="mean")
    if others and predictor.checkpoint.config.model.conditioned:
        pairs = zip(sequences, others, strict=True)
        foreign = [with_actions_of(predictor, protocol, s, other) for s, other in pairs]
        yield FOREIGN, predicted(predictor, protocol, foreign)
    yield POSTERIOR, reconstructed(predictor, protocol, sequences)


def copy_last(protocol: Protocol, sequences: list[Sequence]) -> np.ndarray:
    """The last given frame, again and again."""
    last = np.stack([sequence.frames[protocol.context - 1] for sequence in sequences])
    return repeat(last, "n h w c -> n 1 t h w c", t=protocol.horizon)


def predicted(
    predictor: Predictor,
    protocol: Protocol,
    shown: list[Sequence],
    samples: int = 1,
    latent: Latent = "sampled",
) -> np.ndarray:
    """What the model predicts from what `protocol` shows it."""
    predictions = predictor.predict(
        shown,
        seed=SEED,
        samples=samples,
        horizon=protocol.horizon,
        latent=latent,
        # Read positions are rolled out: a sequence that is shown has none then.
        states="given" if protocol.states == "given" else "rolled out",
        context=protocol.context,
    )
    return np.stack([prediction.frames for prediction in predictions])


def with_actions_of(
    predictor: Predictor, protocol: Protocol, sequence: Sequence, other: Sequence
) -> Sequence:
    """What `protocol` shows of `sequence`, but with the actions of `other`.

    Positions beyond the context are rolled out from these actions.
    """
    return predictor.with_foreign_conditions(
        protocol.shown_in_context(sequence), protocol.shown(other), protocol.context
    )


def reconstructed(
    predictor: Predictor, protocol: Protocol, sequences: list[Sequence]
) -> np.ndarray:
    """The posterior reference, which does look at the true frames, through z alone.

    Its conditions are those that the protocol gives.
    """
    told = []
    for sequence in sequences:
        shown = protocol.shown(sequence)
        if protocol.states == "rolled out":
            shown = with_actions_of(predictor, protocol, sequence, sequence)
        told.append(replace(shown, frames=sequence.frames[: protocol.length]))
    return predictor.reconstruct(told, protocol.horizon, context=protocol.context)[:, None]
