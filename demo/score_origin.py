"""Where scores come from: stored with the models, or measured here during this visit."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from cvae.errors import InputError
from cvae.evaluation.task import Task, task_of
from demo.evaluation_job import EvaluationJob
from demo.formatting import count, short_path
from demo.loading import Model, Stamp, stamp_of
from demo.scores import Scores, ScoresByModel, sequence_scores

if TYPE_CHECKING:
    from cvae.evaluation.scores import Curve, Evaluation

MOST_READ = 256  # models whose scores are kept: with less than there are, none would be


@dataclass(frozen=True)
class Measured:
    """What was measured of one model by one protocol.

    steps: variant -> metric -> curve over the predicted frames.
    """

    task: Task
    steps: "dict[str, dict[str, Curve]]"

    def __str__(self) -> str:
        task = self.task
        every = "all " if task.sequences == task.split_size and task.sequences > 1 else ""
        sequences = count(task.sequences, "test sequence")
        return f"{task.data}, {every}{sequences}, {count(task.samples, 'sample')} of each"


@dataclass(frozen=True)
class Origin:
    """Scores of some models, and how each was measured, by model and protocol.

    here: measured during this visit, and not stored.
    """

    scores: ScoresByModel
    measured: dict[tuple[str, str], Measured]
    here: bool


def measured_here(job: EvaluationJob) -> Origin:
    """What `job`, which is over, has measured."""
    wanted = job.wanted
    measured = {}
    for model in wanted.models:
        task = Task(
            protocol=wanted.protocol,
            samples=wanted.samples,
            n_past=model.n_past,
            data=short_path(wanted.data.path),
            data_checksum="",  # the same for all of them
            split="test",
            sequences=job.done,
            split_size=0,  # what the app is pointed at need not be all of it
        )
        measured[model.name, wanted.protocol] = Measured(task, job.steps[model.name])
    return Origin(job.scores, measured, here=True)


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
            stored.measured[model.name, protocol] = Measured(task_of(one), one.steps)
    return stored, absent, problems


def stored_stamp(model: Model) -> Stamp:
    """Of the two files that hold the evaluations of `model`, and of its weights."""
    from cvae.model.checkpoint import EVALUATION, EVALUATION_CSV
    from cvae.model.weights import weights_file

    path = model.path
    return stamp_of([path / EVALUATION, path / EVALUATION_CSV, weights_file(path)])


def evaluate_command(models: list[Model]) -> str:
    """The command line that measures `models` on a whole test split and stores the numbers."""
    paths = [short_path(model.path) for model in models]
    return shlex.join(["python", "-m", "cvae", "evaluate", *paths, "--data", "STORE"])


@st.cache_resource(max_entries=MOST_READ, show_spinner=False)
def read_stored(path: Path, stamp: Stamp) -> "tuple[Scores, dict[str, Evaluation]]":
    """What is stored in the checkpoint at `path`, whose files have that `stored_stamp`.

    The same for all visitors, and not to be changed. Raises InputError if it is damaged, or of
    other weights.
    """
    from cvae.evaluation.scores import load_evaluations, load_scores

    return sequence_scores(load_scores(path)), load_evaluations(path)
