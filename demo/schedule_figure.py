"""The two schedules of a run, drawn by the functions that training asks."""

import math
from dataclasses import dataclass

import plotly.graph_objects as go

from cvae.training.schedules import kl_weight, teacher_forcing_ratio

EPOCHS = 300  # as in the report; a run of another length stretches them
COLOUR, REPORT_COLOUR = "#0072B2", "rgba(128,128,128,0.8)"


@dataclass(frozen=True)
class Knobs:
    """What shapes the schedules; the fields are those of TrainingConfig."""

    kl_cycles: int
    kl_anneal_ratio: float
    tfr_start_decay: float
    tfr_lower_bound: float


REPORT = Knobs(kl_cycles=1, kl_anneal_ratio=2.0, tfr_start_decay=0.0, tfr_lower_bound=0.0)


def weights(knobs: Knobs) -> list[float]:
    """The KL weight of every epoch, as a share of beta_max."""
    return [
        kl_weight(epoch, EPOCHS, 1.0, knobs.kl_cycles, knobs.kl_anneal_ratio)
        for epoch in range(EPOCHS)
    ]


def forcing(knobs: Knobs) -> list[float]:
    """The teacher forcing ratio of every epoch."""
    return [
        teacher_forcing_ratio(epoch, EPOCHS, knobs.tfr_start_decay, knobs.tfr_lower_bound)
        for epoch in range(EPOCHS)
    ]


def noise_of(beta: float) -> float:
    """Observation sigma that a KL weight on a mean squared error over 3*64*64 values stands for.

    MSE + beta KL is the bound times 2 sigma^2 / 12288, so that sigma^2 = 6144 beta; in units of
    the brightness range.
    """
    return math.sqrt(3 * 64 * 64 / 2 * beta)


def schedule_figure(chosen: list[float], report: list[float], label: str) -> go.Figure:
    """A schedule over epochs, the report's dotted behind it."""
    figure = go.Figure()
    for name, values, line in (
        ("The report's", report, {"color": REPORT_COLOUR, "dash": "dot", "width": 2}),
        ("Chosen here", chosen, {"color": COLOUR, "width": 2.5}),
    ):
        figure.add_scatter(
            x=list(range(EPOCHS)),
            y=values,
            name=name,
            mode="lines",
            line=line,
            hovertemplate=f"{name} %{{y:.2f}}<extra></extra>",
        )
    return figure.update_layout(
        height=250,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hovermode="x unified",
        xaxis={"title": "Epoch", "showgrid": False},
        yaxis={"title": label, "range": (-0.03, 1.05)},
    )
