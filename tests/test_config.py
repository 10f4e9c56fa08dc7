"""Configurations: a word that is no choice is refused wherever there is a choice."""

import json
import re
from dataclasses import replace
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from cvae.config import REPORT, ModelConfig, RunConfig, TrainingConfig
from cvae.errors import InputError
from cvae.json_file import parse_json

CHOICES = [
    (part, name, get_args(kind))
    for part in (ModelConfig, TrainingConfig)
    for name, kind in get_type_hints(part).items()
    if get_origin(kind) is Literal
]


@pytest.mark.parametrize(("part", "name", "choices"), CHOICES, ids=[name for _, name, _ in CHOICES])
def test_a_word_that_is_no_choice_is_refused_and_the_choices_are_named(part, name, choices) -> None:
    for choice in choices:
        part(**{name: choice})
    for odd in ("", "other", None, [choices[0]]):
        told = f"{name} is {odd!r}; choose {' or '.join(map(repr, choices))}."
        with pytest.raises(InputError, match=re.escape(told)):
            part(**{name: odd})


def test_a_file_from_before_a_setting_existed_has_its_default() -> None:
    values = REPORT.to_dict()
    del values["training"]["beta_max"]
    read = RunConfig.from_dict(values, "a file")
    assert REPORT.changes(read) == {"training.beta_max": (TrainingConfig.beta_max, 1.0)}


def test_settings_of_a_later_version_are_refused_and_named() -> None:
    values = REPORT.to_dict()
    values["training"]["warm_up"] = 3
    with pytest.raises(InputError, match=r"a file: the part 'training' .*unknown: \['warm_up'\]"):
        RunConfig.from_dict(values, "a file")


def test_a_seed_that_no_checkpoint_could_tell_of_is_refused() -> None:
    """A run that had one could not be read again."""
    largest = replace(REPORT, training=TrainingConfig(seed=2**63 - 1))
    written = json.dumps(largest.to_dict()).encode()
    assert RunConfig.from_dict(parse_json(written), "a file") == largest
    with pytest.raises(InputError, match=r"training.seed is 9223372036854775808; .* below 2\*\*63"):
        TrainingConfig(seed=2**63)
