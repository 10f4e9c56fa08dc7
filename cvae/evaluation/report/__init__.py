"""Runs side by side on one HTML page that needs no other file and no network.

`runs` reads them, `scenes` shows what they imagine, `sections` and `chart` tell their numbers;
page.html and page.css say how it looks.
"""

import datetime
from pathlib import Path

import torch
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cvae.data.sequence import Sequence
from cvae.errors import InputError
from cvae.evaluation.future import Future
from cvae.evaluation.palette import REFERENCE
from cvae.evaluation.report.runs import Run, load_runs
from cvae.evaluation.report.scenes import Scene, scene
from cvae.evaluation.report.sections import (
    commands,
    facts,
    measured,
    settings,
    training_charts,
)

HORIZON, SEED = 10, 0


def report(
    paths: list[Path],
    sequences: list[Sequence],
    titles: dict[str, str],
    data: Path | None,
    device: str | None = None,
) -> str:
    """The page about the runs in the folders `paths`, as HTML.

    sequences: to show predictions of. titles: of those that have one, by name.
    data: where they are, or None for the bundled ones. device: see `choose_device`.
    Raises InputError if a model can't be loaded, or a sequence is too short.
    """
    runs = load_runs(paths, device)
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return pages.get_template("page.html").render(
        runs=runs,
        today=datetime.date.today().isoformat(),
        torch=torch.__version__,
        device=runs[0].predictor.device_name,
        seed=SEED,
        facts=facts(runs),
        scenes=_scenes(runs, sequences, titles),
        measured=measured(runs),
        training=training_charts(runs),
        settings=settings(runs),
        commands=commands(runs, data, [sequence.name for sequence in sequences]),
        reference=REFERENCE,
    )


def _scenes(runs: list[Run], sequences: list[Sequence], titles: dict[str, str]) -> list[Scene]:
    length = max(run.predictor.n_past for run in runs) + HORIZON
    for sequence in sequences:
        if len(sequence) < length:
            raise InputError(
                f"{sequence.name} has {len(sequence)} frames, but {length} are needed: choose "
                "longer sequences with --data."
            )
    cut = [sequence.window(0, length) for sequence in sequences]
    predictions = [
        run.predictor.predict(cut, seed=SEED, horizon=length - run.predictor.n_past) for run in runs
    ]
    return [
        scene(
            runs,
            [Future(prediction, sequence, range(1), 1) for prediction in made],
            titles.get(sequence.name, ""),
        )
        for sequence, made in zip(cut, zip(*predictions, strict=True), strict=True)
    ]
