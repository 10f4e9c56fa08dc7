"""What a run begins with: its data, its first weights, and whether the memory will do."""

from pathlib import Path

import torch

from cvae.config import RunConfig
from cvae.data.dataset import Normalisation, SequenceDataset
from cvae.data.split import Split
from cvae.data.store import Store
from cvae.model.checkpoint import Checkpoint
from cvae.model.cvae import CVAE
from cvae.model.history import HISTORY, load_lineage
from cvae.model.layers import to_layout
from cvae.model.noise import keyed_generator
from cvae.model.state_model import StateModel
from cvae.training.engine import Engine
from cvae.training.memory import check_memory, memory_available
from cvae.training.preflight import check_positions, check_sizes
from cvae.training.progress import Run
from cvae.training.start import start_from


def check_free_memory(config: RunConfig, engine: Engine) -> None:
    """Raise InputError if a batch does not fit into what is free for this process."""
    # A GPU is a process's own; the memory of a machine is shared by its processes.
    sharing = 1 if engine.device.type == "cuda" else engine.neighbours
    available = memory_available(engine.device) // sharing
    check_memory(config, engine.processes, available, engine.device, engine.precision)


def open_dataset(split: Split, config: RunConfig, processes: int) -> SequenceDataset:
    """Windows of the training split; InputError if a batch does not fit it, or positions lack."""
    check_sizes(config, len(split), processes)
    check_positions(config, len(split), split.recorded_positions)
    raw = config.training.conditions == "raw"
    normalisation = Normalisation.identity() if raw else Normalisation.fit(split)
    length = config.model.n_past + config.training.n_future
    return SequenceDataset(split, normalisation, length, config.model.conditioned)


def new_run(
    store: Store,
    out: Path,
    config: RunConfig,
    engine: Engine,
    normalisation: Normalisation,
    first_weights: Path | None,
) -> Run:
    """A run before its first update, with random weights or those of `first_weights`.

    Raises InputError as `start_from` does, or if the history of `first_weights` is damaged.
    """
    device = engine.device
    model = CVAE(config.model, keyed_generator("weights", config.training.seed))
    started, earlier = {}, None
    if first_weights is not None:
        started = {"started_from": start_from(model, first_weights)}
        if (first_weights / HISTORY).exists():
            earlier = load_lineage(first_weights)
    to_layout(model, torch.channels_last).to(device)
    engine.share_statistics(model)
    data = {
        "source": store.source,
        "train": len(store.split("train")),
        "validate": len(store.split("validate")),
        "checksum": store.checksum("train", "validate"),
        "precision": engine.precision,
        "device": device.type,
        **started,
    }
    state_model = StateModel().requires_grad_(False).to(device)
    checkpoint = Checkpoint(out, config, data, model, state_model, normalisation)
    optimizer = torch.optim.Adam(model.parameters(), config.training.learning_rate, fused=True)
    return Run(checkpoint, optimizer, earlier)
