"""`python -m cvae evaluate`: measure models on a test split, print the table."""

import shlex
from pathlib import Path
from typing import Annotated

import pandas as pd
import tyro

from cvae.data.bundle import SequenceSource, open_test_sequences
from cvae.data.split import Split
from cvae.data.store import Store
from cvae.errors import InputError
from cvae.evaluation.card import write_card
from cvae.evaluation.protocol import GIVEN_STATES
from cvae.evaluation.run import measure
from cvae.evaluation.scores import Evaluation, overall, per_step, store_evaluation
from cvae.evaluation.table import table
from cvae.inference.predictor import Predictor
from cvae.model.checkpoint import Checkpoint


def main(
    checkpoints: Annotated[tuple[Path, ...], tyro.conf.Positional],
    /,
    data: Path,
    split: str = "test",
    limit: int | None = None,
) -> None:
    """Measure models on every sequence of a split and print one Markdown table.

    Each model is measured beside its references: copying the last given frame, the same model
    with the conditions of another sequence, and reconstruction through the posterior. The numbers
    of a store's whole split go into each checkpoint's folder: evaluation.json, evaluation.csv
    (per sequence and frame) and the model card, README.md.

    Example: python -m cvae evaluate checkpoints/fixed checkpoints/learned --data demo/sequences

    Args:
        checkpoints: Folders of trained models.
        data: A packed store, or a bundle such as demo/sequences.
        split: Split of a store; a bundle has the test split only.
        limit: Measure the first so many sequences for a quick look; nothing is stored then.
    """
    if not checkpoints:
        raise InputError("No checkpoint is named; name the folder of a trained model.")
    if limit is not None and limit < 1:
        raise InputError(f"--limit is {limit}; give a number of sequences from 1 on.")
    predictors = [Predictor.load(path) for path in checkpoints]
    source = open_test_sequences(data) if split == "test" else Store.open(data).split(split)
    # A bundle is a selection: its numbers must not take the place of a whole split's.
    stores = isinstance(source, Split) and (limit is None or limit >= len(source))
    evaluations = []
    for predictor in predictors:
        scores = measure(predictor, source, GIVEN_STATES, limit=limit)
        evaluations.append(_summarise(scores, predictor.checkpoint, source, data, split))
        if stores:
            command = _command((predictor.checkpoint.path,), data, split, None)
            _store(predictor.checkpoint.path, evaluations[-1], scores, command)
    print(table(evaluations, _command(checkpoints, data, split, limit)))
    if stores:
        stored = ", ".join(shown(path) for path in checkpoints)
        print(f"\nStored with the per-frame numbers and a model card in {stored}.")
    else:
        print("\nNothing was stored: only an evaluation of a store's whole split is.")


def _summarise(
    scores: pd.DataFrame, checkpoint: Checkpoint, source: SequenceSource, data: Path, split: str
) -> Evaluation:
    count = scores["sequence"].nunique()
    return Evaluation(
        checkpoint=checkpoint.name,
        prior=checkpoint.config.model.prior,
        protocol=GIVEN_STATES,
        data=data.resolve().name,
        source=source.source,
        split=split,
        split_size=len(source),
        sequences=count,
        without_positions=sum(source.motion(i)[1] is None for i in range(count)),
        overall=overall(scores),
        steps=per_step(scores),
    )


def _store(path: Path, evaluation: Evaluation, scores: pd.DataFrame, command: str) -> None:
    """Keep the numbers and the model card in the checkpoint's folder."""
    try:
        store_evaluation(path, evaluation, scores)
        write_card(path, evaluation, command)
    except OSError as error:
        raise InputError(
            f"The evaluation can't be written into {path} ({error.strerror}): make the folder "
            "writable, or look at a few sequences with --limit."
        ) from error


def _command(checkpoints: tuple[Path, ...], data: Path, split: str, limit: int | None) -> str:
    words = ["python", "-m", "cvae", "evaluate", *map(shown, checkpoints), "--data", shown(data)]
    words += ["--split", split] if split != "test" else []
    words += ["--limit", str(limit)] if limit is not None else []
    return shlex.join(words)


def shown(path: Path) -> str:
    """`path` from the working directory, or its name alone: cards travel, home folders do not."""
    absolute, here = path.absolute(), Path.cwd()  # a link to the data keeps its name
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else absolute.name
