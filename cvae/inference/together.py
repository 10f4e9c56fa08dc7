"""Several models side by side, in one call."""

from collections.abc import Iterator
from collections.abc import Sequence as Items
from typing import Any

from cvae.data.sequence import Sequence
from cvae.errors import InputError
from cvae.inference.predictor import Prediction, PredictionStep, Predictor


def predict_together(
    predictors: Items[Predictor], sequences: Items[Sequence], **options: Any
) -> list[list[Prediction]]:
    """What each predictor predicts for the sequences; `options` are those of `Predictor.predict`.

    Raises InputError if the models are used to different numbers of given frames and no
    `context` says how many there are.
    """
    _check(predictors, options)
    return [predictor.predict(sequences, **options) for predictor in predictors]


def stream_together(
    predictors: Items[Predictor], sequences: Items[Sequence], **options: Any
) -> Iterator[tuple[PredictionStep, ...]]:
    """As `Predictor.stream`: one time step of all models after the other."""
    _check(predictors, options)
    streams = [predictor.stream(sequences, **options) for predictor in predictors]
    return zip(*streams, strict=True)


def _check(predictors: Items[Predictor], options: dict[str, Any]) -> None:
    past = {predictor.n_past for predictor in predictors}
    if len(past) > 1 and options.get("context") is None:
        raise InputError(
            f"The models take different numbers of given frames ({sorted(past)}); say how many "
            "there are, or predict with them one at a time."
        )
