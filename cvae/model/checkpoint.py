"""A trained model as a folder: weights, configuration, history, evaluation, model card.

    model.safetensors   CVAE, state model and normalisation; see `save_checkpoint`
    config.json         RunConfig, and which data it was trained on
    history.csv         a row an epoch
    evaluation.json     the tables' numbers; evaluation.csv.gz: per sequence and step
    README.md           model card
    resume.pt           only while a run is in progress; see cvae.training.progress
    events.jsonl        what happened in training, a line an event
    tensorboard/        curves and a strip of predictions an epoch

Loading never unpickles.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from cvae.config import RunConfig
from cvae.data.dataset import Normalisation
from cvae.disk import told_when_the_disk_refuses, write_whole
from cvae.errors import InputError
from cvae.model.cvae import CVAE
from cvae.model.layers import to_layout
from cvae.model.state_model import StateModel

WEIGHTS, CONFIG, HISTORY = "model.safetensors", "config.json", "history.csv"
EVALUATION, EVALUATION_CSV, CARD = "evaluation.json", "evaluation.csv.gz", "README.md"


@dataclass(frozen=True)
class Checkpoint:
    """A model ready to predict, and what it takes to feed it.

    data: where it was trained: "source", "train" and "validate" (numbers of sequences), and
        "started_from" where its first weights were another model's.
    """

    path: Path
    config: RunConfig
    data: dict[str, Any]
    model: CVAE
    state_model: StateModel
    normalisation: Normalisation

    @property
    def name(self) -> str:
        return self.path.name


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
    with told_when_the_disk_refuses(checkpoint.path):
        checkpoint.path.mkdir(parents=True, exist_ok=True)
    content = save(tensors, metadata={"sha256": _digest(tensors)})
    write_whole(checkpoint.path / WEIGHTS, content)
    described = {**checkpoint.config.to_dict(), "data": checkpoint.data}
    write_text(checkpoint.path / CONFIG, json.dumps(described, indent=2) + "\n")


def load_checkpoint(path: Path, device: torch.device | str = "cpu") -> Checkpoint:
    """The checkpoint in folder `path`, in evaluation mode and fp32 on `device`.

    Raises InputError when files are missing or damaged, or weights and config do not fit.
    """
    config, data = load_config(path)
    empty = Checkpoint(
        path, config, data, CVAE(config.model), StateModel(), Normalisation.identity()
    )
    tensors = _read_weights(path / WEIGHTS)
    mean, std = tensors.pop("normalisation.mean", None), tensors.pop("normalisation.std", None)
    expected = _named_tensors(empty)
    for name in ("normalisation.mean", "normalisation.std"):
        expected.pop(name)
    misfits = sorted(
        {
            name
            for name in expected
            if name in tensors and expected[name].shape != tensors[name].shape
        }
        | (set(expected) ^ set(tensors))
    )
    if misfits or mean is None or std is None:
        raise InputError(
            f"{path / WEIGHTS} does not fit {path / CONFIG} ({len(misfits)} tensors, such as "
            f"{misfits[0] if misfits else 'normalisation'}): take both from the same run."
        )
    for prefix, module in (("model.", empty.model), ("state_model.", empty.state_model)):
        module.load_state_dict(
            {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
        )
        module.eval().requires_grad_(False).to(device)
    to_layout(empty.model, torch.channels_last)
    normalisation = Normalisation(mean.numpy(), std.numpy())
    return Checkpoint(path, config, data, empty.model, empty.state_model, normalisation)


def load_config(path: Path) -> tuple[RunConfig, dict[str, Any]]:
    """Configuration and data of the checkpoint in `path`; InputError if it is none."""
    if not path.is_dir():
        raise InputError(f"There is no checkpoint folder {path}; name one that holds {CONFIG}.")
    file = path / CONFIG
    if not file.is_file():
        raise InputError(f"{path} is no checkpoint: it has no {CONFIG}; name a trained run.")
    try:
        values = json.loads(file.read_text())
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is damaged ({error}); restore it or train again.") from error
    if not isinstance(values, dict) or not isinstance(values.get("data"), dict):
        raise InputError(f"{file} is not a configuration; restore it or train again.")
    return RunConfig.from_dict(values, str(file)), values["data"]


def weights_checksum(path: Path) -> str:
    """SHA-256 of the weights' file in the checkpoint folder `path`."""
    with (path / WEIGHTS).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def find_checkpoints(root: Path) -> list[Path]:
    """Folders under `root` that hold a configuration and weights, by name."""
    return sorted(f.parent for f in root.glob(f"*/{CONFIG}") if (f.parent / WEIGHTS).is_file())


def load_history(path: Path) -> pd.DataFrame:
    """The training history of the checkpoint in `path`, a row an epoch."""
    file = path / HISTORY
    try:
        return pd.read_csv(file)
    except (OSError, ValueError) as error:
        raise InputError(f"{file} can't be read ({error}); restore it or train again.") from error


def write_text(file: Path, text: str) -> None:
    """Write `text` so that `file` is never seen half-written."""
    write_whole(file, text.encode())


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


def _read_weights(file: Path) -> dict[str, Tensor]:
    """All tensors of a safetensors file, checked against the checksum in its header."""
    if not file.is_file():
        raise InputError(f"{file} is missing; restore it or train again.")
    try:
        with safe_open(file, framework="pt") as stored:
            metadata = stored.metadata() or {}
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(f"{file} is damaged ({error}); restore it or train again.") from error
    if metadata.get("sha256") != _digest(tensors):
        raise InputError(f"{file} is damaged: its checksum is wrong; restore it or train again.")
    return tensors
