"""What a report knows of a run: read from its folder, together with what is missing there."""

import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from cvae.config import RunConfig
from cvae.errors import InputError
from cvae.evaluation.card import labels, shown
from cvae.evaluation.palette import Look, look
from cvae.evaluation.scores import Evaluation, load_evaluations
from cvae.inference.predictor import Predictor
from cvae.model.history import load_lineage

MEASURED = ("epoch", "kl", "active_dims", "beta", "teacher_forcing_ratio", "validation_psnr")
NEEDED = (*MEASURED, "seconds")


@dataclass(frozen=True)
class Run:
    """A trained model with its past.

    label: its name, or where it is if another one has the same name.
    history: a row an epoch, of the runs before, too (see `cvae.model.history.load_lineage`); None
        where there is none. evaluations: by protocol, maybe none.
    problems: sentences about what is missing, and how to get it.
    """

    predictor: Predictor
    label: str
    look: Look
    history: pd.DataFrame | None
    evaluations: dict[str, Evaluation]
    problems: list[str]

    @property
    def path(self) -> Path:
        return self.predictor.checkpoint.path

    @property
    def config(self) -> RunConfig:
        return self.predictor.checkpoint.config

    @property
    def data(self) -> dict[str, Any]:
        return self.predictor.checkpoint.data


def load_runs(paths: list[Path], device: str | None) -> list[Run]:
    """The runs in the folders `paths`, each once, with a look by their order.

    device: see `choose_device`.

    Raises InputError if one has no model that can be loaded.
    """
    firsts: dict[Path, Path] = {}
    for path in paths:
        firsts.setdefault(path.resolve(), path)
    paths = list(firsts.values())
    return [
        _load(path, label, look(number), device)
        for number, (path, label) in enumerate(zip(paths, labels(paths), strict=True))
    ]


def _load(path: Path, label: str, its_look: Look, device: str | None) -> Run:
    predictor = Predictor.load(path, device)
    history, evaluations, problems = None, {}, []
    try:
        history = _history(path)
    except InputError as error:
        problems.append(_travelling(error, path))
    try:
        evaluations = {
            name: replace(evaluation, checkpoint=label)
            for name, evaluation in load_evaluations(path).items()
        }
    except InputError as error:
        problems.append(
            f"{_travelling(error, path)} For example: "
            f"{shlex.join(['python', '-m', 'cvae', 'evaluate', shown(path)])} --data STORE"
        )
    return Run(predictor, label, its_look, history, evaluations, problems)


def _history(path: Path) -> pd.DataFrame:
    return load_lineage(path, NEEDED)[["run", *NEEDED]].astype(float)


def _travelling(error: InputError, path: Path) -> str:
    """The sentence without folders of this machine: the page goes to others."""
    return str(error).replace(str(path), shown(path))
