"""What of the training runs is shown, and how; every choice is bound to the URL."""

from dataclasses import dataclass

import streamlit as st

from demo.curves import QUANTITIES, View
from demo.links import BOUND, Asked, among, number, switch, whole_range
from demo.training_runs import Run

OVERLAID, SIDE_BY_SIDE = "overlaid", "side by side"
MOST_AT_FIRST = 6  # as many as there are colours
SMOOTHEST = 0.95


@dataclass(frozen=True)
class Choice:
    """runs, curves: names, in the order in which they are shown."""

    runs: list[str]
    curves: list[str]
    layout: str
    view: View

    def has_epochs(self, run: Run) -> bool:
        """Whether a curve of `run` has a point in the chosen range."""
        epochs = run.lineage["epoch"]
        return bool(epochs.between(*self.view.epochs).any() if self.view.epochs else len(epochs))


def asked_curves(runs: list[Run]) -> list[Asked]:
    """What a link can ask for of `runs`; nothing where there are none."""
    if not runs:
        return []
    names, curves = [run.name for run in runs], [_title(name) for name in QUANTITIES]
    return [
        among("runs", names, "run", ", ".join(_at_first(runs)), none=True),
        among("curves", curves, "curve", "all", none=True),
        among("layout", [OVERLAID, SIDE_BY_SIDE], "layout", OVERLAID),
        number("smoothing", 0, SMOOTHEST, 0),
        whole_range("epochs", 1, _last_epoch(runs), "all"),
        switch("log", "no logarithmic axis"),
    ]


def choose_curves(runs: list[Run]) -> Choice:
    """Draw the controls for `runs`; returns what is chosen. `asked_curves` is checked before."""
    chosen = st.multiselect(
        "Runs",
        [run.name for run in runs],
        default=_at_first(runs),
        key="runs",
        bind=BOUND,
        help="Folders with a history. Records of runs whose weights are not kept can be added.",
    )
    curves = st.pills(
        "Curves",
        list(QUANTITIES),
        selection_mode="multi",
        default=list(QUANTITIES),
        format_func=_title,
        key="curves",
        bind=BOUND,
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        layout = st.segmented_control(
            "Runs are",
            [OVERLAID, SIDE_BY_SIDE],
            default=OVERLAID,
            required=True,
            key="layout",
            bind=BOUND,
        )
        smoothing = st.slider(
            "Smoothing",
            0.0,
            SMOOTHEST,
            0.0,
            0.05,
            key="smoothing",
            bind=BOUND,
            width=220,
            help="Weight of the past in a running mean; what was measured stays faintly behind. "
            "Schedules are never smoothed.",
        )
        epochs = _choose_epochs(runs)
        log = st.toggle(
            "Log axis",
            key="log",
            bind=BOUND,
            help="For KL, loss, MSE, β and learning rate; zeros have no place on it.",
        )
    order = [name for name in QUANTITIES if name in curves]
    return Choice(chosen, order, layout, View(smoothing, log, epochs))


def _title(quantity: str) -> str:
    return QUANTITIES[quantity].title.split(",")[0]


def _at_first(runs: list[Run]) -> list[str]:
    """Names of those that are shown until others are chosen."""
    # A record without weights is often of a run that failed, beside which no curve is seen.
    able = [run.name for run in runs if run.model.predicts]
    return (able or [run.name for run in runs])[:MOST_AT_FIRST]


def _last_epoch(runs: list[Run]) -> int:
    """That of a run's plan, so that it stays while the run grows."""
    return max(
        run.epochs_before + max(run.config.training.epochs, len(run.history)) for run in runs
    )


def _choose_epochs(runs: list[Run]) -> tuple[int, int] | None:
    """First and last epoch to show."""
    last = _last_epoch(runs)
    if last == 1:
        return None
    return st.slider("Epochs", 1, last, (1, last), key="epochs", bind=BOUND, width=260)
