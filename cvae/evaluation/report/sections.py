"""The numbers of a report: facts, settings, curves, tables and commands of several runs."""

import shlex
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from cvae.config import RunConfig
from cvae.evaluation.card import evaluate_commands, shown, train_command, training_facts
from cvae.evaluation.columns import MEASURED
from cvae.evaluation.palette import REFERENCE
from cvae.evaluation.report.chart import Chart, Line, line_chart
from cvae.evaluation.report.runs import Run
from cvae.evaluation.rows import COPY_LAST, ONE_SAMPLE
from cvae.evaluation.scores import Evaluation
from cvae.evaluation.table import LEGEND, caption, grouped, rows
from cvae.model.checkpoint import name_of
from cvae.model.history import counted_on

HISTORY_CHARTS = {
    "kl": "KL, nats per frame",
    "validation_psnr": "PSNR on validation sequences, dB",
    "beta": "Weight of the KL, β",
    "teacher_forcing_ratio": "Teacher forcing ratio",
}
STEP_CHARTS = {"psnr": "PSNR, dB", "ssim": "SSIM"}


@dataclass(frozen=True)
class Row:
    """A row of a table: words in front, a value a column. differs: the values are not all alike."""

    words: str
    values: list[str]
    differs: bool = False


@dataclass(frozen=True)
class Measured:
    """Models under one protocol: curves over the predicted frames and a table."""

    protocol: str
    caption: str
    charts: list[Chart]
    rows: list[Row]
    columns: tuple[str, ...] = tuple(MEASURED)


def facts(runs: list[Run]) -> list[Row]:
    """What the runs are, a row a fact, a value a run."""
    told = [_facts(run) for run in runs]
    names = list(dict.fromkeys(name for one in told for name in one))
    return [Row(name, [one.get(name, "–") for one in told]) for name in names]


def settings(runs: list[Run]) -> list[Row]:
    """Every field of the configuration, a value a run."""
    found = []
    for part in fields(RunConfig):
        for setting in fields(getattr(RunConfig(), part.name)):
            values = [_word(getattr(getattr(run.config, part.name), setting.name)) for run in runs]
            found.append(Row(f"{part.name}.{setting.name}", values, len(set(values)) > 1))
    return found


def training_charts(runs: list[Run]) -> list[Chart]:
    """Curves over the epochs, those of earlier runs, too, of the runs that have a history."""
    told = [(run, counted_on(run.history)) for run in runs if run.history is not None]
    charts = []
    for column, title in HISTORY_CHARTS.items():
        lines = [
            Line(run.label, run.look, list(history["epoch"]), _values(history[column]))
            for run, history in told
        ]
        from_zero = column != "validation_psnr"
        charts.append(line_chart(title, "epoch", lines, from_zero))
    return charts


def measured(runs: list[Run]) -> list[Measured]:
    """A part for each protocol, in the order of PROTOCOLS; more where the data differ."""
    looks = {run.label: run.look for run in runs}
    return [
        Measured(
            protocol=group[0].protocol.name,
            caption=f"{caption(group[0])} {LEGEND}",
            charts=[_steps(group, metric, title, looks) for metric, title in STEP_CHARTS.items()],
            rows=[Row(words, cells) for words, cells in rows(group)],
        )
        for group in grouped([run.evaluations for run in runs])
    ]


def commands(runs: list[Run], data: Path | None, sequences: list[str]) -> dict[str, list[str]]:
    """What to type to make all of it again, by what it makes."""
    paths = [shown(run.path) for run in runs]
    chosen = ["--data", shown(data)] if data else []
    again = ["python", "-m", "cvae", "report", *paths, *chosen, "--sequences", *sequences]
    evaluated = [run for run in runs if run.evaluations]
    measured_by = evaluate_commands(
        [run.path for run in evaluated], [run.evaluations for run in evaluated]
    )
    return {
        "The models": [train_command(run.config, name_of(run.path), run.data) for run in runs],
        "The numbers": measured_by,
        "This page": [shlex.join(again)],
    }


def _facts(run: Run) -> dict[str, str]:
    model, checkpoint = run.config.model, run.predictor.checkpoint
    parameters = sum(weights.numel() for weights in checkpoint.model.parameters())
    told = {
        "prior": model.prior,
        "network": f"{parameters:,} parameters: width {model.width:g}, g "
        f"{model.g_dim}, z {model.z_dim}, LSTMs of {model.rnn_size}",
        "given frames": str(model.n_past),
    }
    if run.history is not None:
        told |= training_facts(run.config, run.data, run.history)
    return told


def _steps(group: list[Evaluation], metric: str, title: str, looks: dict) -> Chart:
    frames = list(group[0].protocol.future)
    copied = group[0].steps[COPY_LAST][metric]
    lines = [Line("copying the last given frame", REFERENCE, frames, copied.mean)]
    for evaluation in group:
        curve = evaluation.steps[ONE_SAMPLE][metric]
        its_look = looks[evaluation.checkpoint]
        lines.append(Line(evaluation.checkpoint, its_look, frames, curve.mean, curve.half_width))
    return line_chart(title, "frame", lines)


def _values(column: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else value for value in column]


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
