"""What a question about the recipe is: settings to compare, and the runs that answer it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from cvae.config import RunConfig
from cvae.errors import InputError


@dataclass(frozen=True)
class Setting:
    """A run as an answer to a question. run: name of its folder; questions may share runs."""

    run: str
    words: str
    config: RunConfig


@dataclass(frozen=True)
class Question:
    """Settings to compare, in the order of a table; `reference`, one of them, with each other."""

    name: str
    asks: str
    reference: Setting
    settings: tuple[Setting, ...]


def choose(questions: list[Question], names: tuple[str, ...]) -> list[Question]:
    """Those with these names, in the order of `questions`; all if none is named.

    Raises InputError if a name is unknown.
    """
    known = [question.name for question in questions]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(f"There is no question {unknown[0]!r}; choose from: {', '.join(known)}.")
    return [question for question in questions if not names or question.name in names]


def runs(questions: Iterable[Question]) -> dict[str, RunConfig]:
    """What has to be trained, each once and references first, by the name of the run."""
    found: dict[str, RunConfig] = {}
    for question in questions:
        for setting in (question.reference, *question.settings):
            found.setdefault(setting.run, setting.config)
    return found


def question_about(name: str, asks: str, reference: Setting, **field: dict[Any, str]) -> Question:
    """A question about one field: its values, with words for each.

    One of them is the reference's; where a recipe has another, that one comes first.
    """
    ((varied, values),) = field.items()
    now = getattr(part_of(reference.config, varied), varied)
    values = values if now in values else {now: str(now), **values}
    settings = tuple(
        replace(reference, words=words)
        if value == now
        else changed(reference, words, **{varied: value})
        for value, words in values.items()
    )
    return Question(name, asks, settings[list(values).index(now)], settings)


def changed(reference: Setting, words: str, **field: Any) -> Setting:
    """`reference` with one field set otherwise; the run is named after its changes."""
    ((name, value),) = field.items()
    part = part_of(reference.config, name)
    other = replace(part, **field)
    config = reference.config
    config = RunConfig(
        other if part is config.model else config.model,
        other if part is config.training else config.training,
    )
    shown = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value).lower()
    before = "" if reference.run == "default" else f"{reference.run}--"
    return Setting(f"{before}{name.replace('_', '-')}-{shown}", words, config)


def part_of(config: RunConfig, field: str) -> Any:
    """The half of a configuration, model or training, that has this field."""
    return config.model if hasattr(config.model, field) else config.training
