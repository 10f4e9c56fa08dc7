"""Sentences and commands that the page shows."""

import re
import shlex
from pathlib import Path

from demo.comparison import Comparison, Imagined
from demo.loading import DRAWN, PRIOR_MEAN, Setup
from demo.settings import PROJECT

MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&])")
LONGEST_ECHO = 400
NO_COMMAND = (
    "No command makes these frames again, as predictions never see the truth: in Python, "
    "Predictor.reconstruct does, and `python -m cvae evaluate` measures them."
)


def plain(text: object) -> str:
    """`text` for Markdown to show as it is: paths have underscores, a URL may hold anything."""
    one_line = " ".join(str(text).split())
    if len(one_line) > LONGEST_ECHO:
        one_line = one_line[:LONGEST_ECHO] + "…"
    return MARKDOWN_SIGNS.sub(r"\\\1", one_line)


def source_sentence(source: str, simulated: bool, data: Path) -> str:
    """Where a sequence comes from, in words."""
    if simulated or source == "simulated":
        return "This sequence is **simulated** in the look of BAIR robot pushing; no robot moved."
    if source == "bair":
        return "This sequence is a **real** recording of the BAIR robot pushing data set."
    return f"This sequence comes from {plain(data)} (source: {plain(source)})."


def by_given_frames(comparison: Comparison) -> dict[int, list[Imagined]]:
    """What models imagined, by how many frames they are given; the fewest first."""
    found: dict[int, list[Imagined]] = {}
    for one in sorted(comparison.imagined, key=lambda one: one.given):
        found.setdefault(one.given, []).append(one)
    return found


def making_sentence(comparison: Comparison) -> str:
    """What computed the predictions, from what, and how long each model took."""
    made = [one.rollout for one in comparison.imagined]
    milliseconds = ", ".join(
        f"{plain(one.look.label)} {1000 * one.rollout.seconds:.0f} ms"
        for one in comparison.imagined
    )
    frames = [str(len(comparison.truth) - given) for given in by_given_frames(comparison)]
    how, done = "Imagined", " predicted"
    if comparison.setup.is_reference:
        how, done = "Reconstructed", ""
    return (
        f"{how} here on the **{plain(made[0].device)}** ({milliseconds}), from "
        f"{_told(comparison)}; {' or '.join(frames)} frames{done}; "
        f"{latent_words(comparison.setup)}."
    )


def latent_words(setup: Setup) -> str:
    """Where z comes from, and how many samples there are, in words."""
    if setup.latent == DRAWN:
        return f"z drawn, seed {setup.seed}, {count(setup.samples, 'sample')}"
    if setup.latent == PRIOR_MEAN:
        return "z at the prior's mean: one sample, whatever the seed"
    return (
        "z at the posterior's mean, which has seen every true frame: a reference, not a prediction"
    )


def _told(comparison: Comparison) -> str:
    """What the models were told of the sequence, in words."""
    groups = by_given_frames(comparison)
    frames = " or ".join(
        count(given, "given frame") + (f" ({_labels(models)})" if len(groups) > 1 else "")
        for given, models in groups.items()
    )
    free = [plain(one.look.label) for one in comparison.imagined if not one.model.conditioned]
    told = [one.rollout for one in comparison.imagined if one.model.conditioned]
    if not told:
        return f"{frames} alone: neither actions nor positions are told"
    states = " / ".join(sorted({rollout.states for rollout in told}))
    but = f" (but {', '.join(free)}: from the frames alone)" if free else ""
    return f"{frames}, the actions, and positions {states}{but}"


def _labels(models: list[Imagined]) -> str:
    return ", ".join(plain(one.look.label) for one in models)


def count(number: int, what: str) -> str:
    """ "1 sample", "3 samples"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def decibels(value: float) -> str:
    return f"{value:.1f} dB"


def predict_commands(comparison: Comparison, data: Path) -> list[str]:
    """The command lines that make the shown predictions again; none makes a reference.

    One for each number of given frames: `cvae predict` takes models that have it in common.
    """
    if comparison.setup.is_reference:
        return []
    return [
        _predict_command(comparison, models, data)
        for models in by_given_frames(comparison).values()
    ]


def _predict_command(comparison: Comparison, models: list[Imagined], data: Path) -> str:
    setup = comparison.setup
    checkpoints = [short_path(one.model.path) for one in models]
    horizon = len(comparison.truth) - models[0].given
    words = ["python", "-m", "cvae", "predict", *checkpoints, "--data", short_path(data)]
    words += ["--sequence", comparison.truth.name, "--horizon", str(horizon)]
    words += ["--states", setup.states] if setup.states != "given" else []
    words += ["--samples", str(setup.samples)] if setup.samples > 1 else []
    words += ["--latent", "mean"] if setup.latent == PRIOR_MEAN else ["--seed", str(setup.seed)]
    return shlex.join([*words, "--out", "prediction"])


def short_path(path: Path) -> str:
    """`path` from the project's folder on where it lies in it, else the whole path."""
    whole = path.resolve()
    return str(whole.relative_to(PROJECT) if whole.is_relative_to(PROJECT) else whole)
