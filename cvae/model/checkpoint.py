"""A trained model as a folder: weights, configuration, history, evaluation, model card.

    model.safetensors   CVAE, state model and normalisation; see cvae.model.weights
    config.json         RunConfig, and which data it was trained on
    history.csv         a row an epoch; see cvae.model.history
    earlier.csv         the same of the runs before, where it began with the weights of one
    evaluation.json     the tables' numbers; evaluation.csv.xz: per sequence and step
    README.md           model card
    resume.pt           only while a run is in progress; see cvae.training.progress
    events.jsonl        what happened in training, a line an event
    tensorboard/        curves and a strip of predictions an epoch

Without weights, a folder is the record of a run: it has curves and scores, and predicts nothing.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

from cvae.config import RunConfig
from cvae.data.dataset import Normalisation
from cvae.disk import write_text
from cvae.errors import InputError
from cvae.json_file import fitted, read_json
from cvae.model.cvae import CVAE
from cvae.model.history import HISTORY
from cvae.model.layers import to_layout
from cvae.model.state_model import StateModel
from cvae.model.weights import has_weights, read_weights, weights_checksum, write_weights

T = TypeVar("T")

CONFIG = "config.json"
EVALUATION, EVALUATION_CSV, CARD = "evaluation.json", "evaluation.csv.xz", "README.md"


@dataclass(frozen=True)
class Checkpoint:
    """A model ready to predict, and what it takes to feed it.

    data: where it was trained: "source", "train" and "validate" (numbers of sequences), and
        "started_from" where its first weights were another model's, "precision" of its training
        where that is known.
    """

    path: Path
    config: RunConfig
    data: dict[str, Any]
    model: CVAE
    state_model: StateModel
    normalisation: Normalisation

    @property
    def name(self) -> str:
        return name_of(self.path)


def name_of(path: Path) -> str:
    """What the folder `path` is called, also where that is `.` or `..`; a link keeps its name."""
    absolute = path.absolute()
    return (absolute.resolve() if absolute.name == ".." else absolute).name


def save_checkpoint(checkpoint: Checkpoint) -> None:
    """Write weights and configuration into `checkpoint.path`, each file whole or not at all.

    Convolutions, linear layers and LSTMs are stored in half precision; what normalises
    (BatchNorm, conditions) and the small state model stay in fp32.
    """
    normalising = {
        f"model.{name}.{key}"
        for name, module in checkpoint.model.named_modules()
        if isinstance(module, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d)
        for key in module.state_dict()
    }
    tensors = {}
    for name, tensor in _named_tensors(checkpoint).items():
        half = name.startswith("model.") and name not in normalising
        tensors[name] = tensor.detach().cpu().to(torch.float16 if half else tensor.dtype)
    write_weights(checkpoint.path, {n: tensor.contiguous() for n, tensor in tensors.items()})
    described = {**checkpoint.config.to_dict(), "data": checkpoint.data}
    write_text(checkpoint.path / CONFIG, json.dumps(described, indent=2, allow_nan=False) + "\n")


def load_checkpoint(path: Path, device: torch.device | str = "cpu") -> Checkpoint:
    """The checkpoint in folder `path`, in evaluation mode and fp32 on `device`.

    Raises InputError when files are missing or damaged, or weights and config do not fit.
    """
    config, data = load_config(path)
    # Without memory: the configuration may ask for a model far larger than the file of weights.
    with torch.device("meta"):
        outline = _empty(path, config, data)
    tensors = read_weights(path, _named_tensors(outline))
    empty = _empty(path, config, data)
    for prefix, module in (("model.", empty.model), ("state_model.", empty.state_model)):
        module.load_state_dict(
            {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
        )
        module.eval().requires_grad_(False).to(device)
    to_layout(empty.model, torch.channels_last)
    normalisation = Normalisation(
        tensors["normalisation.mean"].numpy(), tensors["normalisation.std"].numpy()
    )
    return Checkpoint(path, config, data, empty.model, empty.state_model, normalisation)


def load_config(path: Path) -> tuple[RunConfig, dict[str, Any]]:
    """Configuration and data of the checkpoint in `path`; InputError if it is none."""
    if not path.is_dir():
        raise InputError(f"There is no checkpoint folder {path}; name one that holds {CONFIG}.")
    file = path / CONFIG
    if not file.is_file():
        raise InputError(f"{path} is no checkpoint: it has no {CONFIG}; name a trained run.")
    try:
        values = read_json(file)
        if not isinstance(values, dict) or not isinstance(values.get("data"), dict):
            raise InputError(f"{file} is not a configuration; restore it or train again.")
        data = values["data"]
        for name, kind in {"source": str, "train": int, "validate": int}.items():
            fitted(kind, data.get(name), f"data.{name}")
        for name in ("started_from", "precision"):
            if name in data:
                fitted(str, data[name], f"data.{name}")
    except (ValueError, OSError) as error:
        raise InputError(f"{file} is damaged ({error}); restore it or train again.") from error
    return RunConfig.from_dict(values, str(file)), data


def of_known_weights(path: Path, load: Callable[[], T]) -> tuple[T, str]:
    """What `load` reads of the checkpoint `path`, and the checksum of the weights that it read.

    A model that is trained on may get others between the two: it is read again then.
    """
    load_config(path)  # says more of a folder that is no checkpoint
    before = None
    while before != (weights := weights_checksum(path)):
        before, loaded = weights, load()
    return loaded, weights


def find_checkpoints(root: Path) -> list[Path]:
    """Folders under `root` that hold a configuration and weights, by name."""
    return [run for run in find_runs(root) if has_weights(run)]


def find_runs(root: Path) -> list[Path]:
    """Folders under `root` that hold a configuration and weights or a history, by name.

    Without weights a run still tells how it was trained, and what was measured of it.
    """
    return sorted(
        file.parent
        for file in root.glob(f"*/{CONFIG}")
        if has_weights(file.parent) or (file.parent / HISTORY).is_file()
    )


def _named_tensors(checkpoint: Checkpoint) -> dict[str, Tensor]:
    tensors = {f"model.{n}": t for n, t in checkpoint.model.state_dict().items()}
    tensors |= {f"state_model.{n}": t for n, t in checkpoint.state_model.state_dict().items()}
    tensors["normalisation.mean"] = torch.as_tensor(checkpoint.normalisation.mean)
    tensors["normalisation.std"] = torch.as_tensor(checkpoint.normalisation.std)
    return tensors


def _empty(path: Path, config: RunConfig, data: dict[str, Any]) -> Checkpoint:
    """A checkpoint whose weights are still to be loaded."""
    model = CVAE(config.model)
    return Checkpoint(path, config, data, model, StateModel(), Normalisation.identity())
