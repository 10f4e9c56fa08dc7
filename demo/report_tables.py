"""The report's two tables beside what this project's own runs measured, and ablations."""

import io
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from cvae.disk import read_at_most
from cvae.errors import InputError
from cvae.evaluation.published import CONTRADICTION, REPORT
from demo.formatting import plain, short_path
from demo.loading import Stamp
from demo.score_origin import stored_stamp
from demo.training_runs import Run

MOST_OF_A_TABLE = 1 << 24  # bytes
# Beside the models, or where `python -m cvae ablate` leaves it in a folder of runs.
ABLATIONS = ("ablations.csv", "ablations/ablations.csv")
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


def read_ablations(root: Path) -> dict[str, pd.DataFrame]:
    """The tables of the ABLATIONS in `root` by the question each answers; none without such a file.

    The file has a row a trained model, with the columns "question" (rows of one question make
    one table), "setting" (what was changed), and then whatever was measured, shown under the
    heading that the file gives it; of two columns "NAME" and "NAME ±" one is made. Raises
    InputError if it is damaged.
    """
    file = next((root / name for name in ABLATIONS if (root / name).is_file()), None)
    if file is None:
        return {}
    try:
        content = read_at_most(MOST_OF_A_TABLE, file)
        rows = pd.read_csv(
            io.BytesIO(content), dtype={"question": str, "setting": str}, index_col=False
        )
    except (OSError, ValueError, OverflowError) as error:
        raise InputError(f"{file} can't be read ({error}); restore it.") from error
    if missing := {"question", "setting"} - set(rows.columns):
        raise InputError(f"{file} lacks the columns {', '.join(sorted(missing))}; add them.")
    if rows[["question", "setting"]].isna().any(axis=None):
        raise InputError(f"{file} has a row without a question or a setting; fill them in.")
    return {
        question: _with_intervals(
            part.drop(columns="question").set_index("setting").dropna(axis=1, how="all")
        )
        for question, part in rows.groupby("question", sort=False)
    }


def _with_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """Columns "NAME" and "NAME ±" as one: "23.10 ± 0.31", and a dash where there is no value."""
    for name in [name for name in table if f"{name} ±" in table]:
        both = zip(table[name], table.pop(f"{name} ±"), strict=True)
        table[name] = [_interval(mean, half) for mean, half in both]
    return table


def _interval(mean: Any, half_width: Any) -> str:
    if pd.isna(mean):
        return "–"
    try:
        # A narrow interval, as differences in pairs have it, would be all zeros.
        digits = 3 if float(half_width) < 0.1 else 2
        number = f"{float(mean):.{digits}f}"
        return number if pd.isna(half_width) else f"{number} ± {float(half_width):.{digits}f}"
    except (TypeError, ValueError):  # words in place of numbers: shown as they are
        return f"{mean} ± {half_width}"


def ablations_missing(roots: list[Path]) -> str:
    """What to do to see ablations, in words."""
    looked = " and ".join(plain(short_path(root / ABLATIONS[0])) for root in roots)
    return (
        f"No ablations are stored (looked for {looked}). `python -m cvae ablate` makes them, a "
        "row a model and a table a question; see them with `-- --runs runs`."
    )
