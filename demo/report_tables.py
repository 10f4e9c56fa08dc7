"""The report's two tables beside what this project's own runs measured."""

from contextlib import suppress
from pathlib import Path

import streamlit as st

from cvae.errors import InputError
from cvae.evaluation.published import CONTRADICTION, REPORT
from demo.formatting import plain
from demo.loading import Stamp
from demo.score_origin import stored_stamp
from demo.training_runs import Run

CAVEAT = (
    "The report's numbers were measured on the **real** BAIR test set, by its author; ours are "
    "`psnr_lab` of one sample under the protocol given-states, with its 95 % interval over "
    "sequences, on the data named beside them. Compare down "
    f"a column, never across: two columns are two data sets. {CONTRADICTION}"
)


def report_table(compared: str, runs: list[Run]) -> tuple[str, list[str]]:
    """The table of REPORT named `compared` as Markdown, and what of our own can't be read.

    A row a run that meets the condition and has a stored evaluation; a dash where none has.
    """
    lines = [f"| {compared} | Report, on real BAIR | Ours |", "|---|---|---|"]
    problems = []
    for condition in REPORT[compared]:
        ours = []
        for run in (run for run in runs if condition.met_by(run.config)):
            try:
                ours += _own_cell(run)
            except InputError as error:
                problems.append(str(error))
        known = f"**{condition.label}** | {condition.reported:.3f} dB"
        for cell in ours or ["none is stored"]:
            lines.append(f"| {known} | {cell} |")
            known = " | "
    return "\n".join(lines), problems


def _own_cell(run: Run) -> list[str]:
    """PSNR, name and data of `run` in one cell of a table; none where nothing was measured."""
    from cvae.evaluation.columns import METRICS
    from cvae.evaluation.protocol import GIVEN_STATES
    from cvae.evaluation.rows import ONE_SAMPLE
    from cvae.evaluation.scores import load_evaluations
    from cvae.evaluation.table import format_estimate
    from cvae.model.checkpoint import EVALUATION

    if not (run.model.path / EVALUATION).exists():
        return []
    evaluation = load_evaluations(run.model.path).get(GIVEN_STATES.name)
    if evaluation is None:
        return []
    estimate = evaluation.overall[ONE_SAMPLE]["psnr_lab"]
    measured = f"{run.name}: {evaluation.sequences} sequences of {evaluation.data}"
    number = format_estimate(estimate, METRICS["psnr_lab"].digits)
    return [f"{number} dB :small[({plain(measured)}, {plain(evaluation.source)})]"]


def report_differences(compared: str, runs: list[Run]) -> list[str]:
    """What lies between two of our own rows of that table, sequence by sequence; in words.

    Nothing is said of runs whose evaluation is absent or can't be read: the table says so.
    """
    stamps = {run.model.path: stored_stamp(run.model) for run in runs}
    return _differences(compared, tuple(stamps.items()))


@st.cache_data(max_entries=16, show_spinner=False)
def _differences(compared: str, stamps: tuple[tuple[Path, Stamp], ...]) -> list[str]:
    from cvae.evaluation.comparison import differences, load_model

    models = []
    for path, _ in stamps:
        with suppress(InputError):
            models.append(load_model(path))
    try:
        return differences(compared, models)
    except InputError:
        return []
