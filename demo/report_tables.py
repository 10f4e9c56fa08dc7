"""The report's two tables beside what this project's own runs measured, and ablations."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cvae.errors import InputError
from demo.formatting import plain, short_path
from demo.training_runs import Run

ABLATIONS = "ablations.csv"


@dataclass(frozen=True)
class Condition:
    """A row of a table of the report: what was trained, and its PSNR in dB on real BAIR."""

    label: str
    reported: float
    prior: str
    cyclical: bool

    def met_by(self, run: Run) -> bool:
        return (run.model.prior, run.cyclical) == (self.prior, self.cyclical)


MONOTONIC = Condition("Monotonic", 26.375, "fixed", cyclical=False)
REPORT = {
    "KL weight": (Condition("Cyclical", 25.468, "fixed", cyclical=True), MONOTONIC),
    "Prior": (
        Condition("Learned", 25.953, "learned", cyclical=False),
        Condition("Fixed", MONOTONIC.reported, "fixed", cyclical=False),
    ),
}
CAVEAT = (
    "The report's numbers are on the **real** BAIR test set, and its own; ours are `psnr_lab` of "
    "one sample under the protocol given-states, with its 95 % interval over sequences, on the "
    "data named beside them. Compare down "
    "a column, never across: two columns are two data sets. The report's text says "
    "that the cyclical weight is better; its table says the opposite, and the table is what was "
    "measured."
)


def report_table(compared: str, runs: list[Run]) -> tuple[str, list[str]]:
    """The table of REPORT named `compared` as Markdown, and what of our own can't be read.

    A row a run that meets the condition and has a stored evaluation; a dash where none has.
    """
    lines = [f"| {compared} | Report, on real BAIR | Ours |", "|---|---|---|"]
    problems = []
    for condition in REPORT[compared]:
        ours = []
        for run in filter(condition.met_by, runs):
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
    from cvae.evaluation.protocol import GIVEN_STATES
    from cvae.evaluation.scores import ONE_SAMPLE, load_evaluations
    from cvae.evaluation.table import DIGITS, format_estimate
    from cvae.model.checkpoint import EVALUATION

    if not (run.model.path / EVALUATION).exists():
        return []
    evaluation = load_evaluations(run.model.path).get(GIVEN_STATES.name)
    if evaluation is None:
        return []
    estimate = evaluation.overall[ONE_SAMPLE]["psnr_lab"]
    measured = f"{run.name}: {evaluation.sequences} sequences of {evaluation.data}"
    number = format_estimate(estimate, DIGITS["psnr_lab"])
    return [f"{number} dB :small[({plain(measured)}, {plain(evaluation.source)})]"]


def read_ablations(root: Path) -> dict[str, pd.DataFrame]:
    """The tables of `root`/ablations.csv by the question each answers; none without the file.

    The file has a row a trained model, with the columns "question" (rows of one question make
    one table), "setting" (what was changed), and then whatever was measured, shown under the
    heading that the file gives it. Raises InputError if it is damaged.
    """
    file = root / ABLATIONS
    if not file.is_file():
        return {}
    try:
        rows = pd.read_csv(file, dtype={"question": str, "setting": str})
    except (OSError, ValueError) as error:
        raise InputError(f"{file} can't be read ({error}); restore it.") from error
    if missing := {"question", "setting"} - set(rows.columns):
        raise InputError(f"{file} lacks the columns {', '.join(sorted(missing))}; add them.")
    if rows[["question", "setting"]].isna().any(axis=None):
        raise InputError(f"{file} has a row without a question or a setting; fill them in.")
    return {
        question: part.drop(columns="question").set_index("setting").dropna(axis=1, how="all")
        for question, part in rows.groupby("question", sort=False)
    }


def ablations_missing(roots: list[Path]) -> str:
    """What to do to see ablations, in words."""
    looked = " and ".join(plain(short_path(root / ABLATIONS)) for root in roots)
    return (
        f"No ablations are stored (looked for {looked}). A row a model there, with the columns "
        "`question`, `setting` and whatever was measured, makes a table a question here."
    )
