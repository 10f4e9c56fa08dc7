"""How near a model came on each sequence: what the orders by PSNR go by."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from cvae.errors import InputError
from cvae.evaluation.rows import ONE_SAMPLE
from cvae.evaluation.task import Task, task_of
from demo.loading import Model, Stamp
from demo.score_origin import MOST_READ, read_stored, stored_stamp
from demo.score_tasks import otherwise
from demo.scores import Quantity, means


@dataclass(frozen=True)
class Ranking:
    """psnr: mean in dB of the sequences that the model named `model` was measured on."""

    model: str
    psnr: dict[str, float]


def stored_rankings(models: list[Model], sequences: list[str]) -> list[Ranking]:
    """Of those of `sequences` that they have: the first evaluated one of `models`, and the next
    one that was measured alike, on some of the same.

    Without an evaluation that can be read, or with one of older weights or of other sequences
    alone, there is none.
    """
    found: list[Ranking] = []
    first: Task | None = None
    for model in models:
        stored, task = _psnr(model.path, stored_stamp(model))
        if first and task and otherwise(first, task, ONE_SAMPLE):
            continue  # the same names may be those of other sequences
        names = found[0].psnr if found else sequences
        if any(name in stored for name in names):
            first = first or task
            psnr = {name: stored[name] for name in sequences if name in stored}
            found.append(Ranking(model.name, psnr))
        if len(found) == 2:
            break
    return found


def lead(one: Ranking, other: Ranking) -> dict[str, float]:
    """By how many dB `one` is ahead of `other`, on the sequences that both have."""
    return {name: psnr - other.psnr[name] for name, psnr in one.psnr.items() if name in other.psnr}


@st.cache_data(max_entries=MOST_READ, show_spinner=False)
def _psnr(path: Path, stamp: Stamp) -> tuple[dict[str, float], Task | None]:
    """As Compare predicts at first: the lab's protocol, one sample; and how it was measured."""
    from cvae.evaluation.protocol import GIVEN_STATES

    try:
        scores, evaluations = read_stored(path, stamp)
    except InputError:
        return {}, None
    quantity = Quantity("psnr", GIVEN_STATES.name, ONE_SAMPLE)
    evaluation = evaluations.get(quantity.protocol)
    task = task_of(evaluation) if evaluation else None
    return means(scores, quantity, ONE_SAMPLE).to_dict(), task
