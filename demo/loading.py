"""What the pages read: sequences and models, which are cached, and histories, which are not.

PyTorch takes seconds to import, so it is imported by the functions that need it: the heading
stands on the page before.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd
import streamlit as st

from cvae.data.bundle import SequenceSource, open_test_sequences
from cvae.data.store_layout import MANIFEST
from cvae.errors import InputError
from demo.settings import BUNDLED_MODELS

if TYPE_CHECKING:
    from cvae.inference.predictor import Predictor, States


Stamp = tuple[tuple[int, int] | None, ...]
"""Of some files: when each was changed last, and its size; None where there is none."""

LatentSource = Literal["drawn", "prior's mean", "told the truth"]
"""Where z comes from: the prior, its mean, or the posterior's mean of each true frame."""

DRAWN: LatentSource = "drawn"
PRIOR_MEAN: LatentSource = "prior's mean"
TOLD: LatentSource = "told the truth"  # a reference, not a prediction

STANDARD = ("fixed", "learned")  # names of the two models that come first
SHOWN_OF_HISTORY = ["epoch", "kl", "beta", "teacher_forcing_ratio", "validation_psnr"]


@dataclass(frozen=True)
class Model:
    """A checkpoint as the page knows it before it is loaded.

    name: the folder's, with its parent's before it where another model has that name already.
    stamp: changes when its files change, so that nothing stale is shown.
    predicts: whether it has weights; else it is the record of a run.
    """

    name: str
    path: Path
    prior: str
    n_past: int
    conditioned: bool
    stamp: Stamp
    predicts: bool = True


@dataclass(frozen=True)
class Data:
    """Where sequences come from.

    stamp: changes when a store or bundle is made anew. What is not packed has no one file that
    would tell: it is taken to stay as it is for as long as the app runs.
    """

    path: Path
    stamp: Stamp


def find_data(path: Path) -> Data:
    return Data(path, stamp_of([path / MANIFEST]))


@st.cache_resource(max_entries=4, show_spinner=False)
def open_sequences(data: Data) -> SequenceSource:
    """The test sequences at `data`; InputError if there are none."""
    sequences = open_test_sequences(data.path)
    if not sequences.names:
        raise InputError(f"{data.path} has no test sequences; name a store that has some.")
    return sequences


def find_models(runs: Path) -> tuple[list[Model], list[str]]:
    """All models under `runs`, then the bundled ones; and, in sentences, what was found amiss.

    In each folder those named "fixed" and "learned" come first, then the others by name, then
    records of runs whose weights are not there.
    """
    from cvae.model.checkpoint import find_runs

    found: dict[str, Model] = {}
    problems = []
    for root in dict.fromkeys((runs.resolve(), BUNDLED_MODELS.resolve())):
        paths = find_runs(root)
        if not paths:
            problems.append(
                f"There is no trained model under {root}: train one there with `python -m cvae "
                "train`, or start the app with `-- --runs DIR`."
            )
        for path in sorted(paths, key=lambda path: (path.name not in STANDARD, path.name)):
            name = f"{root.name}/{path.name}" if path.name in found else path.name
            try:
                found[name] = _describe(path, name)
            except InputError as error:
                problems.append(str(error))
    return sorted(found.values(), key=lambda model: not model.predicts), problems


def that_predict(models: list[Model]) -> list[Model]:
    """Those with weights. Raises InputError if there is none."""
    able = [model for model in models if model.predicts]
    if models and not able:
        raise InputError(
            "No model here has its weights: train one with `python -m cvae train`, or restore "
            "those that are bundled."
        )
    return able


def _describe(path: Path, name: str) -> Model:
    from cvae.model.checkpoint import load_config
    from cvae.model.weights import has_weights

    config, _ = load_config(path)
    model, stamp = config.model, stamp_of_model(path)
    predicts = has_weights(path)
    return Model(name, path, model.prior, model.n_past, model.conditioned, stamp, predicts)


@dataclass(frozen=True)
class Setup:
    """How predictions are asked for.

    samples: different futures a model; one unless z is drawn. horizon: predicted frames.
    states: "given" (recorded positions) or "rolled out" (from the actions).
    device: one of `devices`. latent: where z comes from; only what is drawn depends on the seed.
    Raises InputError for several samples of what is not drawn.
    """

    seed: int = 0
    samples: int = 1
    horizon: int = 10
    states: "States" = "given"
    device: str = "cpu"
    latent: LatentSource = DRAWN

    def __post_init__(self) -> None:
        if self.latent != DRAWN and self.samples != 1:
            raise InputError(
                f"Asked for {self.samples} samples with z {self.latent}: they would all be the "
                "same; ask for 1."
            )

    @property
    def is_reference(self) -> bool:
        """Whether the models see the true frames, so that they predict nothing."""
        return self.latent == TOLD


def devices() -> list[str]:
    """Where models can run, the fastest first, as PyTorch names it."""
    import torch

    return ["cuda", "cpu"] if torch.cuda.is_available() else ["cpu"]


@st.cache_resource(max_entries=16, show_spinner=False)
def load_predictor(model: Model, device: str) -> "Predictor":
    """The model on `device`, one of `devices`; the same for all sessions."""
    from cvae.inference.predictor import Predictor

    return Predictor.load(model.path, device)


def load_history(model: Model) -> pd.DataFrame:
    """SHOWN_OF_HISTORY of `model`, and `run`: a row an epoch, counted on from the runs before.

    Raises InputError if it has none that can be shown.
    """
    from cvae.model.history import counted_on, load_lineage

    lineage = load_lineage(model.path, SHOWN_OF_HISTORY)[["run", *SHOWN_OF_HISTORY]]
    return counted_on(lineage.astype(float))


def stamp_of_model(path: Path) -> Stamp:
    """The `stamp` of a `Model` whose checkpoint is the folder `path`, as it is now."""
    from cvae.model.checkpoint import CONFIG
    from cvae.model.weights import weights_file

    return stamp_of([path / CONFIG, weights_file(path)])


def stamp_of(files: list[Path]) -> Stamp:
    return tuple(_stamp(file) for file in files)


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        told = file.stat()
    except OSError:  # none there, or out of reach: who opens it says what is wrong
        return None
    return told.st_mtime_ns, told.st_size
