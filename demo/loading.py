"""What the page reads: sequences, models, predictions and histories, each cached.

PyTorch takes seconds to import, so it is imported by the functions that need it: the heading
stands on the page before.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from cvae.data.bundle import SequenceSource, open_test_sequences
from cvae.errors import InputError

if TYPE_CHECKING:
    from cvae.inference.predictor import Prediction, Predictor


SHOWN_OF_HISTORY = ["epoch", "kl", "beta", "validation_psnr"]


@dataclass(frozen=True)
class Model:
    """A checkpoint as the page knows it before it is loaded.

    stamp: changes when its files change, so that nothing stale is shown.
    """

    path: Path
    prior: str
    n_past: int
    stamp: int

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class Data:
    """Where sequences come from; `stamp` changes when the data change."""

    path: Path
    stamp: int


def find_data(path: Path) -> Data:
    return Data(path, _stamp([path / "manifest.json"]))


@st.cache_resource(max_entries=4, show_spinner=False)
def open_sequences(data: Data) -> SequenceSource:
    """The test sequences at `data`; InputError if there are none."""
    sequences = open_test_sequences(data.path)
    if not sequences.names:
        raise InputError(f"{data.path} has no test sequences; name a store that has some.")
    return sequences


def find_models(runs: Path) -> tuple[list[Model], list[str]]:
    """All models under `runs` by name, and for each folder that is damaged, why.

    Raises InputError if there is no model at all.
    """
    from cvae.model.checkpoint import CONFIG, WEIGHTS, find_checkpoints, load_config

    models, problems = [], []
    for path in find_checkpoints(runs):
        try:
            config, _ = load_config(path)
        except InputError as error:
            problems.append(str(error))
            continue
        stamp = _stamp([path / CONFIG, path / WEIGHTS])
        models.append(Model(path, config.model.prior, config.model.n_past, stamp))
    if not models and not problems:
        raise InputError(
            f"There is no trained model under {runs}: train one there with `python -m cvae train`,"
            " or start the app with `-- --runs DIR`."
        )
    return models, problems


@st.cache_resource(max_entries=8, show_spinner=False)
def load_predictor(model: Model) -> "Predictor":
    """The model on the GPU where there is one, else on the CPU; one for all sessions."""
    from cvae.inference.predictor import Predictor

    return Predictor.load(model.path)


@st.cache_data(max_entries=256, show_spinner=False)
def predict(model: Model, data: Data, sequence: str, seed: int, frames: int) -> "Prediction":
    """One sample of `model` up to frame number `frames` of the sequence."""
    recorded = open_sequences(data).by_name(sequence)
    predictor = load_predictor(model)
    return predictor.predict([recorded], seed=seed, horizon=frames - model.n_past)[0]


def load_history(model: Model) -> pd.DataFrame:
    """SHOWN_OF_HISTORY of `model`, a row an epoch; InputError if it has none that can be shown."""
    from cvae.model.checkpoint import HISTORY, load_history

    history = load_history(model.path)
    missing = sorted(set(SHOWN_OF_HISTORY) - set(history.columns))
    if missing or history.empty:
        what = f"lacks {', '.join(missing)}" if missing else "has no epochs"
        raise InputError(f"{model.path / HISTORY} {what}; restore it or train again.")
    try:
        return history[SHOWN_OF_HISTORY].astype(float)
    except ValueError as error:
        raise InputError(
            f"{model.path / HISTORY} holds words in place of numbers ({error}); restore it or "
            "train again."
        ) from error


def _stamp(files: list[Path]) -> int:
    return max((file.stat().st_mtime_ns for file in files if file.exists()), default=0)
