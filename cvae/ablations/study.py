"""Runs of a plan, trained and measured one after the other, in one folder that is gone on with.

OUT/
    study.json       what all runs have in common: recipe, data, how they are measured
    RUN/             a checkpoint, and in validation/ its evaluation

Written anew after each run:

    ablations.csv                a row a setting
    ablations-sequences.csv.xz   what its differences are taken of
    ablations-histories.csv.xz   the epochs of all runs
    beta-max.webp                the curves over the KL's weight
"""

import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from cvae.ablations.question import Question, runs
from cvae.ablations.results import MEASURED, Measured, load_measured
from cvae.config import RunConfig
from cvae.data.store import Store
from cvae.device import fastest
from cvae.disk import is_leftover, sole_owner, write_text
from cvae.errors import InputError
from cvae.evaluation.protocol import GIVEN_STATES
from cvae.evaluation.run import check_request
from cvae.evaluation.sharing import Team
from cvae.evaluation.survey import Model, Survey
from cvae.inference.predictor import Predictor
from cvae.json_file import fitted, read_json
from cvae.model.weights import weights_checksum
from cvae.training.preflight import check_sizes
from cvae.training.progress import differences, with_new_fields
from cvae.training.trainer import train

STUDY = "study.json"
SPLIT = "validate"


@dataclass(frozen=True)
class Study:
    """Where runs are, and what they have in common.

    base: the recipe of the run `default`. data: a packed store. samples, limit: what is measured
    of the validation split, see `Survey`.
    """

    base: RunConfig
    data: Path
    out: Path
    samples: int
    limit: int | None
    device: torch.device

    def run(self, questions: list[Question], after_each: Callable[[], None]) -> dict[str, str]:
        """Train and measure what is missing; sentences about runs that could not, by name.

        after_each: called whenever another run is measured, and once in the beginning.
        Raises InputError before the first step if data, settings and folder do not fit.
        """
        wanted = runs(questions)
        store = Store.open(self.data)
        self._check(store, list(wanted.values()))
        failed = {}
        with sole_owner(self.out):
            self._claim(store)
            after_each()
            for number, (name, config) in enumerate(wanted.items(), 1):
                print(f"{self.out / name}: run {number} of {len(wanted)}", file=sys.stderr)
                try:
                    if load_measured(self.out / name, config) is None:
                        self._train_and_measure(store, name, config)
                        after_each()
                except InputError as error:  # one that diverges does not keep the others back
                    failed[name] = str(error)
        return failed

    def found(self, questions: list[Question]) -> tuple[dict[str, Measured], dict[str, str]]:
        """The runs that are complete, and sentences about those that are damaged, by name."""
        measured, damaged = {}, {}
        for name, config in runs(questions).items():
            try:
                if one := load_measured(self.out / name, config):
                    measured[name] = one
            except InputError as error:  # one run's files say nothing about the others
                damaged[name] = str(error)
        return measured, damaged

    def _check(self, store: Store, configs: list[RunConfig]) -> None:
        if torch.distributed.is_available() and torch.distributed.is_torchelastic_launched():
            raise InputError("The runs are trained by one process each: start without torchrun.")
        train_split, validation = store.split("train"), store.split(SPLIT)
        check_request(validation, GIVEN_STATES, samples=self.samples, limit=self.limit)
        for config in configs:
            check_sizes(config, len(train_split), processes=1)

    def _claim(self, store: Store) -> None:
        """Write down what all runs in the folder have in common, or compare with what is there."""
        file, ours = self.out / STUDY, self._identity(store)
        if not file.is_file():
            # A kill may have left a part of the very first file.
            if not all(is_leftover(path, STUDY) for path in self.out.iterdir()):
                raise InputError(f"{self.out} is there and holds no study; choose a new folder.")
            write_text(file, json.dumps(ours, indent=2) + "\n")
            return
        try:
            saved = fitted(dict[str, dict], read_json(file), "it")
        except (ValueError, OSError) as error:
            raise InputError(f"{file} is damaged ({error}); choose a new folder.") from error
        if differing := differences(with_new_fields(saved, file), ours):
            raise InputError(
                f"{self.out} holds runs of another study ({differing}); go on with the same "
                "settings or choose another folder."
            )

    def _identity(self, store: Store) -> dict[str, Any]:
        return {
            **self.base.to_dict(),
            "data": {
                "checksum": store.checksum("train", SPLIT),
                "device": self.device.type,
                "precision": fastest(self.device),
            },
            "measured": {"samples": self.samples, "limit": self.limit},
        }

    def _train_and_measure(self, store: Store, name: str, config: RunConfig) -> None:
        path = self.out / name
        with redirect_stdout(sys.stderr):  # the page alone goes to the standard output
            train(store, path, config, self.device)
        survey = Survey(
            self.data,
            store.split(SPLIT),
            SPLIT,
            [GIVEN_STATES],
            self.samples,
            self.limit,
            # Beside the weights it would pass for a measurement of the test split.
            out=path / MEASURED,
            team=Team(),
        )
        predictor = Predictor.load(path, str(self.device))
        survey.run([Model(predictor, path / MEASURED, weights_checksum(path))])
