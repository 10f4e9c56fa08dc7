"""Where scores come from: stored with the models, or measured here during this visit."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from cvae.errors import InputError
from demo.evaluation_job import EvaluationJob
from demo.formatting import count, short_path
from demo.loading import Model, Stamp, stamp_of
from demo.scores import ScoresByModel

if TYPE_CHECKING:
    from cvae.evaluation.scores import Evaluation


@dataclass(frozen=True)
class Measured:
    """On what the scores of one model by one protocol were measured.

    data: where it lies, as far as is known; whole: all sequences of its test split.
    """

    data: str
    sequences: int
    whole: bool
    samples: int

    def __str__(self) -> str:
        every = "all " if self.whole and self.sequences > 1 else ""
        sequences = count(self.sequences, "test sequence")
        return f"{self.data}, {every}{sequences}, {count(self.samples, 'sample')} of each"


@dataclass(frozen=True)
class Origin:
    """Scores of some models, and how each was measured, by model and protocol.

    here: measured during this visit, and not stored.
    """

    scores: ScoresByModel
    measured: dict[tuple[str, str], Measured]
    here: bool

    def of(self, protocol: str, *models: str) -> Measured | None:
        """How the first of `models` that was measured by `protocol` was."""
        found = [self.measured.get((model, protocol)) for model in models]
        return next((one for one in found if one is not None), None)


def measured_here(job: EvaluationJob) -> Origin:
    """What `job` has measured."""
    wanted = job.wanted
    measured = Measured(short_path(wanted.data.path), job.done, False, wanted.samples)
    names = [model.name for model in wanted.models]
    return Origin(job.scores, {(name, wanted.protocol): measured for name in names}, here=True)


def load_stored(models: list[Model]) -> tuple[Origin, list[Model], list[str]]:
    """Stored scores of `models`, in their order; models that have none, and what is damaged."""
    stored, absent, problems = Origin({}, {}, here=False), [], []
    for model in models:
        stamp = stored_stamp(model)
        if not any(stamp[:2]):
            absent.append(model)
            continue
        try:
            scores, evaluations = read_stored(model.path, stamp)
        except InputError as error:
            problems.append(str(error))
            continue
        stored.scores[model.name] = scores
        for protocol, one in evaluations.items():
            stored.measured[model.name, protocol] = Measured(
                one.data, one.sequences, one.whole_split, one.samples
            )
    return stored, absent, problems


def stored_stamp(model: Model) -> Stamp:
    """Of the two files that hold the evaluations of `model`, and of its weights."""
    from cvae.model.checkpoint import EVALUATION, EVALUATION_CSV, WEIGHTS

    return stamp_of([model.path / name for name in (EVALUATION, EVALUATION_CSV, WEIGHTS)])


def evaluate_command(models: list[Model]) -> str:
    """The command line that measures `models` on a whole test split and stores the numbers."""
    paths = [short_path(model.path) for model in models]
    return shlex.join(["python", "-m", "cvae", "evaluate", *paths, "--data", "STORE"])


@st.cache_data(max_entries=32, show_spinner=False)
def read_stored(path: Path, stamp: Stamp) -> "tuple[pd.DataFrame, dict[str, Evaluation]]":
    """What is stored in the checkpoint at `path`, whose files have that `stored_stamp`.

    Raises InputError if it is damaged, or of other weights.
    """
    from cvae.evaluation.scores import load_evaluations, load_scores

    return load_scores(path), load_evaluations(path)
