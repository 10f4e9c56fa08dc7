"""The report's two tables made again from stored evaluations, and the differences in them."""

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cvae.config import RunConfig
from cvae.evaluation.card import evaluate_commands
from cvae.evaluation.columns import SPREAD
from cvae.evaluation.pairing import by_sequence, difference, format_difference, verdict
from cvae.evaluation.protocol import GIVEN_STATES
from cvae.evaluation.published import CONTRADICTION, REPORT, Condition
from cvae.evaluation.rows import BEST, ONE_SAMPLE, PRIOR_MEAN
from cvae.evaluation.scores import Evaluation, load_evaluations, load_scores
from cvae.evaluation.table import format_estimate
from cvae.evaluation.task import task_of
from cvae.markdown import markdown_table
from cvae.model.checkpoint import EVALUATION, load_config, name_of

METRIC = "psnr_lab"  # the report's
COLUMNS = ((ONE_SAMPLE, METRIC), (PRIOR_MEAN, METRIC), (BEST, METRIC), (ONE_SAMPLE, SPREAD))
EXPECTED = {"model.prior", "training.kl_cycles"}  # to differ between two models of a comparison
Pair = tuple[Condition, Condition]
# What two models may differ in beside their configuration, in words made from `Checkpoint.data`.
BESIDES = {
    "data": lambda data: (
        f"{data['source']} ({data['train']} sequences, checksum {data.get('checksum', 'unknown')})"
    ),
    "precision": lambda data: data.get("precision", "unknown"),
    "first weights": lambda data: data.get("started_from", "random"),
}


@dataclass(frozen=True)
class Model:
    """A checkpoint with what was measured of it, by protocol.

    data: what it was trained on and from, see `Checkpoint`.
    """

    path: Path
    config: RunConfig
    data: dict[str, Any]
    evaluations: dict[str, Evaluation]

    @property
    def evaluation(self) -> Evaluation | None:
        """That of the report's protocol; None where it was not measured so."""
        return self.evaluations.get(GIVEN_STATES.name)

    @property
    def name(self) -> str:
        return name_of(self.path)


def load_model(path: Path) -> Model:
    """The checkpoint in folder `path`; its weights are not read.

    Raises InputError if it is none, or its evaluation is damaged or stale.
    """
    config, data = load_config(path)
    evaluations = load_evaluations(path) if (path / EVALUATION).is_file() else {}
    return Model(path, config, data, evaluations)


def comparisons(models: list[Model]) -> str:
    """Both tables in Markdown, with what of `models` differs sequence by sequence."""
    parts = [_caption()]
    for compared in REPORT:
        parts += [f"### {compared}", _table(_pairs(compared, models), models)]
        told = [f"- {difference}" for difference in differences(compared, models)]
        parts += ["\n".join(told)] if told else []
    left = [model.name for model in models if not model.config.model.conditioned]
    if left:
        parts.append(f"Not compared: {', '.join(left)}, which see no actions, unlike the report's.")
    measured = {model.path: model.evaluation for model in models if model.evaluation}
    evaluations = [{GIVEN_STATES.name: evaluation} for evaluation in measured.values()]
    commands = evaluate_commands(list(measured), evaluations)
    parts += [f"Measured by {' and '.join(f'`{c}`' for c in commands)}."] if commands else []
    return "\n\n".join(parts)


def differences(compared: str, models: list[Model]) -> list[str]:
    """How each two measured models differ that the table REPORT[compared] holds up to each other.

    In Markdown, with what else they differ in. Raises InputError if their scores are damaged.
    """
    return [line for pair in _pairs(compared, models) for line in _differences(pair, models)]


def _pairs(compared: str, models: list[Model]) -> list[Pair]:
    """The report's two rows; below them those that it does not have, if there is a model."""
    pair = REPORT[compared]
    beyond = (_beyond(compared, pair[0]), _beyond(compared, pair[1]))
    met = any(condition.met_by(model.config) for condition in beyond for model in models)
    return [pair, beyond] if met else [pair]


def _beyond(compared: str, condition: Condition) -> Condition:
    """The row in a setting that the report does not have."""
    if compared == "Prior":
        return condition.otherwise(cyclical=True)
    return condition.otherwise(prior="learned")


def _caption() -> str:
    return (
        f"{GIVEN_STATES} PSNR is `{METRIC}` in dB, spread in grey levels of 255; mean ± half-width "
        "of the 95 % interval over sequences. **The report's numbers are on real BAIR, and its "
        "own; all others are on the data named beside them**: read down a column, never across. "
        f"{CONTRADICTION}"
    )


def _table(pairs: list[Pair], models: list[Model]) -> str:
    header = ["trained with", "report, real BAIR", "model here", "one sample", "prior's mean"]
    header += ["best of N", "spread", "measured on"]
    rows = []
    for condition in (condition for pair in pairs for condition in pair):
        known = [_words(condition), "–"]
        if condition.reported is not None:
            known[1] = f"{condition.reported:.3f}"
        met = [model for model in models if condition.met_by(model.config)]
        rows += [[*known, model.name, *_cells(model.evaluation)] for model in met]
        rows += [] if met else [[*known, "none", *["–"] * (len(header) - 3)]]
    return markdown_table(header, rows)


def _words(condition: Condition) -> str:
    schedule = "cyclical" if condition.cyclical else "monotonic"
    return f"{condition.prior} prior, {schedule} KL weight"


def _cells(evaluation: Evaluation | None) -> list[str]:
    if evaluation is None:
        return ["–"] * len(COLUMNS) + ["not measured"]
    overall = evaluation.overall
    cells = [format_estimate(overall.get(v, {}).get(metric), 2) for v, metric in COLUMNS]
    cells[2] += f" (N = {evaluation.samples})" if BEST in overall else ""
    place = f"{evaluation.data}, {evaluation.split}" if evaluation.data else evaluation.split
    return [*cells, f"{evaluation.sequences} of {place} ({evaluation.source})"]


def _differences(pair: Pair, models: list[Model]) -> list[str]:
    """A sentence for each two measured models, one of each condition."""
    ones, others = (
        [model for model in models if condition.met_by(model.config) and model.evaluation]
        for condition in pair
    )
    return [_difference(one, other) for one in ones for other in others]


def _difference(one: Model, other: Model) -> str:
    name = f"**{one.name} less {other.name}**"
    ours, theirs = (
        by_sequence(load_scores(model.path), GIVEN_STATES.name, METRIC) for model in (one, other)
    )
    assert one.evaluation is not None and other.evaluation is not None
    same_task = task_of(one.evaluation) == task_of(other.evaluation)
    if not same_task or set(ours.index) != set(theirs.index):
        return f"{name}: not compared, they were not measured on the same sequences in the same way"
    told = []
    for variant in (ONE_SAMPLE, PRIOR_MEAN, BEST):
        if variant in ours and variant in theirs:
            gain = difference(ours[variant], theirs[variant])
            told.append(f"{variant} {format_difference(gain)} ({verdict(gain)})")
    more = besides(one, other, "They differ in more than that", EXPECTED)
    return f"{name}, sequence by sequence: {', '.join(told)}.{more}"


def besides(one: Model, other: Model, words: str, expected: Container[str]) -> str:
    """What the two differ in but for the settings `expected`, in a sentence that begins with
    `words`; empty if in nothing."""
    changes = one.config.changes(other.config).items()
    told = [
        f"{name} {theirs} -> {ours}" for name, (theirs, ours) in changes if name not in expected
    ]
    for what, tell in BESIDES.items():
        before, after = tell(other.data), tell(one.data)
        told += [f"{what} {before} -> {after}"] if before != after else []
    return f" {words}: {'; '.join(told)}." if told else ""
