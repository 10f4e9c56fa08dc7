"""`python -m cvae evaluate`: measure models under protocols, store the numbers, print tables."""

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import tyro

from cvae.data.bundle import open_test_sequences
from cvae.data.store import Store
from cvae.device import choose_device
from cvae.errors import InputError
from cvae.evaluation.card import evaluate_commands, labels, shown
from cvae.evaluation.protocol import PROTOCOLS, find_protocols
from cvae.evaluation.sharing import Team
from cvae.evaluation.survey import Model, Survey
from cvae.evaluation.table import tables
from cvae.training.engine import launch

LONGEST_WAIT = 7 * 24 * 60  # minutes


def main(
    checkpoints: Annotated[tuple[Path, ...], tyro.conf.Positional],
    /,
    data: Path,
    protocols: tuple[str, ...] = tuple(PROTOCOLS),
    samples: int = 10,
    split: str = "test",
    limit: int | None = None,
    device: str | None = None,
    out: Path | None = None,
    timeout_minutes: float = 30.0,
) -> None:
    """Measure models on every sequence of a split and print a Markdown table for each protocol.

    Each model is measured beside its references: copying the last given frame, the same model
    with the conditions of another sequence, and reconstruction through the posterior. The numbers
    of a store's whole split go into each checkpoint's folder: evaluation.json, evaluation.csv.xz
    (per sequence and frame), evaluation.webp and the model card, README.md; see docs/evaluation.md.
    Killed or interrupted, the same command goes on with what is not measured yet.

    Example: python -m cvae evaluate checkpoints/fixed checkpoints/learned --data demo/sequences.
    On several GPUs: torchrun --nproc-per-node 8 -m cvae evaluate ...

    Args:
        checkpoints: Folders of trained models.
        data: A packed store, a bundle such as demo/sequences, or the test split of data that are
            not packed.
        protocols: Any of given-states, rolled-out-states, horizon and field; all by default.
        samples: Drawn for each sequence; their mean, their best and their spread are measured.
        split: Split of a store; all others have the test split only.
        limit: Measure the first so many sequences for a quick look.
        device: Such as cpu or cuda; the GPU where there is one, unless told otherwise.
        out: Folder for the numbers, instead of the checkpoints' own; those of a quick look and of
            all but a store are kept only there.
        timeout_minutes: How long a process waits for another one before it gives up.
    """
    if not checkpoints:
        raise InputError("No checkpoint is named; name the folder of a trained model.")
    if not 0 < timeout_minutes <= LONGEST_WAIT:
        raise InputError(
            f"--timeout-minutes is {timeout_minutes}: give more than 0, and at most {LONGEST_WAIT}."
        )
    chosen = find_protocols(protocols)
    source = open_test_sequences(data) if split == "test" else Store.open(data).split(split)
    timeout = timedelta(minutes=timeout_minutes)
    engine = launch(choose_device(device), "float32", timeout, "gloo")  # only tables go round
    team = Team(engine.rank, engine.processes)
    survey = Survey(data, source, split, chosen, samples, limit, out, team)
    try:
        models = survey.load(list(dict.fromkeys(checkpoints)), str(engine.device))
        results = survey.run(models)
    except KeyboardInterrupt:
        if survey.stores:
            print("\nWhat is measured is kept; the same command goes on.", file=sys.stderr)
        raise
    finally:
        engine.close()
    if team.leads:
        _tell(survey, models, results)


def _tell(survey: Survey, models: list[Model], results: list[dict]) -> None:
    paths = [model.predictor.checkpoint.path for model in models]
    named = [
        {name: replace(evaluation, checkpoint=label) for name, evaluation in measured.items()}
        for label, measured in zip(labels(paths), results, strict=True)
    ]
    print(tables(named, evaluate_commands(paths, results)))
    if survey.stores:
        stored = ", ".join(shown(model.folder) for model in models)
        print(f"\nStored with the numbers of each sequence and frame in {stored}.")
    else:
        print(
            "\nNothing was stored: in a checkpoint only an evaluation of a store's whole split "
            "is; --out keeps others."
        )
