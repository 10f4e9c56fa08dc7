"""A trained model as a folder: weights, configuration, history, evaluation, model card.

    model.safetensors   CVAE, state model and normalisation; see `save_checkpoint`
    config.json         RunConfig, and which data it was trained on
    history.csv         a row an epoch; see cvae.model.history
    earlier.csv         the same of the runs before, where it began with the weights of one
    evaluation.json     the tables' numbers; evaluation.csv.xz: per sequence and step
    README.md           model card
    resume.pt           only while a run is in progress; see cvae.training.progress
    events.jsonl        what happened in training, a line an event
    tensorboard/        curves and a strip of predictions an epoch

Without weights, a folder is the record of a run: it has curves and scores, and predicts nothing.
Loading never unpickles.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from cvae.config import RunConfig
from cvae.data.dataset import Normalisation
from cvae.disk import write_text, write_whole
from cvae.errors import InputError
from cvae.json_file import fitted, read_json
from cvae.model.cvae import CVAE
from cvae.model.history import HISTORY
from cvae.model.layers import to_layout
from cvae.model.state_model import StateModel

T = TypeVar("T")

WEIGHTS, CONFIG = "model.safetensors", "config.json"
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
    tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
    content = save(tensors, metadata={"sha256": _digest(tensors)})
    write_whole(checkpoint.path / WEIGHTS, content)
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
    tensors = _read_weights(path, _named_tensors(outline))
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


def weights_checksum(path: Path) -> str:
    """SHA-256 of the weights' file in the checkpoint folder `path`; InputError without one."""
    try:
        with (path / WEIGHTS).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            f"{path / WEIGHTS} can't be read ({error.strerror}); restore it or train again."
        ) from error


def find_checkpoints(root: Path) -> list[Path]:
    """Folders under `root` that hold a configuration and weights, by name."""
    return [run for run in find_runs(root) if (run / WEIGHTS).is_file()]


def find_runs(root: Path) -> list[Path]:
    """Folders under `root` that hold a configuration and weights or a history, by name.

    Without weights a run still tells how it was trained, and what was measured of it.
    """
    return sorted(
        file.parent
        for file in root.glob(f"*/{CONFIG}")
        if any((file.parent / name).is_file() for name in (WEIGHTS, HISTORY))
    )


def _named_tensors(checkpoint: Checkpoint) -> dict[str, Tensor]:
    tensors = {f"model.{n}": t for n, t in checkpoint.model.state_dict().items()}
    tensors |= {f"state_model.{n}": t for n, t in checkpoint.state_model.state_dict().items()}
    tensors["normalisation.mean"] = torch.as_tensor(checkpoint.normalisation.mean)
    tensors["normalisation.std"] = torch.as_tensor(checkpoint.normalisation.std)
    return tensors


def _digest(tensors: dict[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].numpy().tobytes())
    return digest.hexdigest()


def _empty(path: Path, config: RunConfig, data: dict[str, Any]) -> Checkpoint:
    """A checkpoint whose weights are still to be loaded."""
    model = CVAE(config.model)
    return Checkpoint(path, config, data, model, StateModel(), Normalisation.identity())


def _read_weights(path: Path, expected: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors in the checkpoint folder `path`, checked against the checksum in their header.

    None is read unless all have the names, shapes and kinds of numbers of those `expected`.
    """
    file = path / WEIGHTS
    if not file.is_file():
        raise InputError(f"{file} is missing; restore it or train again.")
    try:
        with safe_open(file, framework="pt") as stored:
            there = {name: stored.get_slice(name) for name in stored.keys()}  # noqa: SIM118
            misfits = _misfits(there, expected)
            metadata = stored.metadata() or {}
            tensors = {} if misfits else {name: stored.get_tensor(name) for name in there}
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(f"{file} is damaged ({error}); restore it or train again.") from error
    if misfits:
        raise InputError(
            f"{file} does not fit {path / CONFIG} ({len(misfits)} tensors, such as "
            f"{misfits[0][:80]}): take both from the same run."
        )
    if metadata.get("sha256") != _digest(tensors):
        raise InputError(f"{file} is damaged: its checksum is wrong; restore it or train again.")
    finite = all(tensor.isfinite().all() for tensor in tensors.values())
    if not finite or not (tensors["normalisation.std"] > 0).all():
        raise InputError(f"{file} holds numbers that no model has; restore it or train again.")
    return tensors


def _misfits(there: dict[str, Any], expected: dict[str, Tensor]) -> list[str]:
    """Names of tensors that are missing, too many, or of another shape or kind of numbers."""

    def fits(name: str) -> bool:
        kinds = ("F16", "F32") if expected[name].is_floating_point() else ("I64",)
        found = there[name]
        same = tuple(found.get_shape()) == tuple(expected[name].shape)
        return same and found.get_dtype() in kinds

    odd = {name for name in there.keys() & expected.keys() if not fits(name)}
    return sorted(odd | (there.keys() ^ expected.keys()))
