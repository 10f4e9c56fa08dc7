"""The model card: what a checkpoint is, how well it does, and how to make it again."""

import hashlib
import os
import shlex
from dataclasses import fields
from pathlib import Path

import pandas as pd

from cvae.bundled import CHECKPOINTS
from cvae.config import PRESETS, RunConfig, TrainingConfig
from cvae.disk import write_text
from cvae.evaluation.scores import Evaluation
from cvae.evaluation.storage import CURVES
from cvae.evaluation.table import tables
from cvae.model.checkpoint import CARD, EVALUATION_CSV, load_config, name_of
from cvae.model.history import HISTORY, load_lineage, own_epochs
from cvae.model.weights import has_weights

LONGEST_NAMES = 60  # letters of a file's name, of which a disk takes no more than 255
RESULTS = "../../docs/results.md#how-the-models-came-about"
TOLD = ("kl", "active_dims", "validation_psnr", "seconds")  # columns of the history


def write_card(path: Path, evaluations: dict[str, Evaluation]) -> None:
    """Write README.md into the checkpoint folder `path` from its config, history, evaluations.

    Raises InputError as `history_of` does, and when the disk refuses.
    """
    config, data = load_config(path)
    history = history_of(path)
    measured = tables([evaluations], evaluate_commands([path], [evaluations]))
    parts = [
        f"# {name_of(path)}",
        _summary(config, data["source"]),
        _limits(path, config, data["source"], history),
        _training(config, data, history),
        _recipe(config, path, data),
        f"## Evaluation\n\n{measured}",
        f"![PSNR and SSIM of each predicted frame]({CURVES})",
        f"Per sequence and frame: `{EVALUATION_CSV}`"
        + ("." if history is None else f"; per training epoch: `{HISTORY}`."),
    ]
    write_text(path / CARD, "\n\n".join(parts) + "\n")


def history_of(path: Path) -> pd.DataFrame | None:
    """The lineage that a card tells of, None where there is none; InputError if it is damaged."""
    return load_lineage(path, TOLD) if (path / HISTORY).is_file() else None


def evaluate_commands(paths: list[Path], models: list[dict[str, Evaluation]]) -> list[str]:
    """The commands that measure `models`, whose folders are `paths`, in these ways again."""
    ways: dict[tuple, dict[str, None]] = {}
    for evaluations in models:
        for name, e in evaluations.items():
            limit = None if e.whole_split else e.sequences
            ways.setdefault((e.data, e.split, e.samples, limit), {})[name] = None
    commands = []
    for (data, split, samples, limit), protocols in ways.items():
        words = ["python", "-m", "cvae", "evaluate", *map(shown, paths), "--data", data]
        words += ["--protocols", *protocols, "--samples", str(samples)]
        words += ["--split", split] if split != "test" else []
        words += ["--limit", str(limit)] if limit is not None else []
        commands.append(shlex.join(words))
    return commands


def shown(path: Path) -> str:
    """`path` from the working directory, or its name alone: cards travel, home folders do not."""
    absolute, here = path.absolute(), Path.cwd()  # a link to the data keeps its name
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else name_of(path)


def labels(paths: list[Path]) -> list[str]:
    """What the models in `paths` are called beside each other: by name.

    Where two share it, with as many of the folders above them as tell them apart.
    """
    places = [(*Path(os.path.abspath(path)).parts[:-1], name_of(path)) for path in paths]
    return [_told_apart(place, places) for place in places]


def _told_apart(place: tuple[str, ...], places: list[tuple[str, ...]]) -> str:
    ends = ("/".join(place[-depth:]) for depth in range(1, len(place)))
    others = ["/".join(other) for other in places if other != place]
    free = (end for end in ends if not any(f"/{other}".endswith(f"/{end}") for other in others))
    return next(free, "/".join(place))


def together(names: list[str]) -> str:
    """What models are called in the name of a file: each by its own, or how many they are.

    Others have another name, also where there are too many letters for all of theirs.
    """
    words = "-".join(names)
    if len(words) <= LONGEST_NAMES:
        return words
    return f"{len(names)}-models-{hashlib.sha256(words.encode()).hexdigest()[:6]}"


def train_command(config: RunConfig, name: str, data: dict) -> str:
    """The command that trains with this configuration: nearest preset and what differs from it.

    STORE, and the name of a model that was started from, stand for their folders.
    """
    changes = {preset: _changes(config, start) for preset, start in PRESETS.items()}
    preset = min(changes, key=lambda name: len(changes[name]))
    start = ["python", "-m", "cvae", "train", preset, "--data", "STORE"]
    first = ["--start-from", data["started_from"].split(",")[0]] if "started_from" in data else []
    # By default it is what is fastest where the command runs.
    rounding = ["--precision", data["precision"]] if "precision" in data else []
    return shlex.join([*start, "--out", f"runs/{name}", *first, *rounding, *changes[preset]])


def _changes(config: RunConfig, start: RunConfig) -> list[str]:
    """Options that turn `start` into `config`."""
    options = []
    for part in fields(RunConfig):
        before, after = getattr(start, part.name), getattr(config, part.name)
        for setting in fields(before):
            value = getattr(after, setting.name)
            if value == getattr(before, setting.name):
                continue
            name = setting.name.replace("_", "-")
            if isinstance(value, bool):
                options.append(f"--{part.name}.{'' if value else 'no-'}{name}")
            else:
                options += [f"--{part.name}.{name}", str(value)]
    return options


def _summary(config: RunConfig, source: str) -> str:
    model = config.model
    conditions = model.conditioned and model.prior_sees_condition
    sees = " (it sees h and the conditions)" if conditions else " (it sees h)"
    changes = model.conditioned and model.condition_changes
    given = f"{model.n_past} given frames"
    told = f"{given}, actions and positions" if model.conditioned else f"{given} alone"
    return (
        f"A conditional VAE of the SVG family with a {model.prior} prior"
        f"{sees if model.prior == 'learned' else ''}, trained on {source} robot pushing data. "
        f"It predicts 64x64 frames from {told}: "
        f"width {model.width:g}, g {model.g_dim}, z {model.z_dim}, LSTMs of {model.rnn_size}, "
        f"{'with' if model.compositing else 'without'} compositing"
        + (", told how its condition changed." if changes else ".")
    )


def _limits(path: Path, config: RunConfig, source: str, history: pd.DataFrame | None) -> str:
    """What the model is not, a sentence each."""
    told = []
    if not has_weights(path):
        told.append("**This is the record of a run: its weights are not kept.**")
    if history is not None and history["active_dims"].iloc[-1] == 0:
        told.append(
            "**Its latent is dead**: no dimension was active at the end, samples are alike."
        )
    if source == "simulated":
        told.append("It has seen simulated data only; no number here is a result on real BAIR.")
    told.append(
        f"It was trained to predict {config.training.n_future} frames; what it imagines beyond "
        "them is less sure."
    )
    return " ".join(told)


def _training(config: RunConfig, data: dict, history: pd.DataFrame | None) -> str:
    """How it was trained, under a heading of its own; a sentence where that is not known."""
    if history is None:
        return f"There is no `{HISTORY}`: how long it was trained, if at all, is not known."
    return f"## Training\n\n{_table(training_facts(config, data, history))}"


def _recipe(config: RunConfig, path: Path, data: dict) -> str:
    told = "Make it again with a store of the same data"
    if "started_from" in data:
        first, _, weights = data["started_from"].partition(", ")
        told += f", and the folder of {first} ({weights})"
        if path.absolute().parent == CHECKPOINTS:
            told += f"; where to find that says [docs/results.md]({RESULTS})"
    return f"{told}:\n\n```\n{train_command(config, name_of(path), data)}\n```"


def training_facts(config: RunConfig, data: dict, history: pd.DataFrame) -> dict[str, str]:
    """How a model was trained, in words by what they are about.

    data: see `Checkpoint`. history: see `load_lineage`.
    """
    training, last, own = config.training, history.iloc[-1], own_epochs(history)
    sequences = len(own) * training.sequences_per_epoch
    return {
        "data": f"{data['source']}, {data['train']} training sequences, "
        f"{data['validate']} for validation",
        **({"first weights": f"those of {data['started_from']}"} if "started_from" in data else {}),
        **_before(history.iloc[: -len(own)]),
        "budget": f"{len(own)} epochs, {sequences:,} windows drawn, "
        f"{own['seconds'].sum() / 60:.0f} minutes",
        "windows": f"{config.model.n_past} + {training.n_future} frames, {training.windows}",
        "KL weight": f"up to {training.beta_max:g}, {_cycles(training)}, "
        f"ratio {training.kl_anneal_ratio:g}",
        "teacher forcing": _forcing(training),
        "optimizer": f"Adam, learning rate {training.learning_rate:g} ({training.lr_schedule}), "
        f"batch {training.batch_size}",
        "last epoch": f"KL {last['kl']:.2f} nats per frame, {last['active_dims']:.0f} active "
        f"latent dimensions, validation {last['validation_psnr']:.2f} dB",
    }


def _before(earlier: pd.DataFrame) -> dict[str, str]:
    """The runs that the first weights came from, where they are known."""
    if earlier.empty:
        return {}
    runs, minutes = earlier["run"].nunique(), earlier["seconds"].sum() / 60
    told = "1 run" if runs == 1 else f"{runs} runs"
    return {"trained before": f"{len(earlier)} epochs in {told}, {minutes:.0f} minutes"}


def _cycles(training: TrainingConfig) -> str:
    return "one cycle" if training.kl_cycles == 1 else f"{training.kl_cycles} cycles"


def _forcing(training: TrainingConfig) -> str:
    if training.tfr_start_decay is None:
        return f"{training.tfr_lower_bound:g} in all epochs"
    held = f"1 for {training.tfr_start_decay:.0%} of the epochs"
    return f"{held}, then down to {training.tfr_lower_bound:g}"


def _table(rows: dict[str, str]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {k} | {v} |" for k, v in rows.items())])
