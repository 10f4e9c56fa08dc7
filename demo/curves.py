"""Training curves from stored histories: one figure a quantity, a line a run."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from demo.appearance import Look

Histories = list[tuple[Look, pd.DataFrame]]

GREY = "128,128,128"
MOST_IN_LEGEND = 4  # more names than that leave no room for the curves


@dataclass(frozen=True)
class Quantity:
    """A column of a history. unit: after the number, in the hover label.

    scale: "log" where values span decades and a logarithmic axis can help.
    told: whether it is a schedule, which no smoothing may touch.
    """

    column: str
    title: str
    unit: str
    digits: str
    scale: str = "linear"
    told: bool = False


QUANTITIES = {
    "kl": Quantity("kl", "KL, nats per frame", "nats", ".3g", "log"),
    "psnr": Quantity("validation_psnr", "Validation PSNR, dB", "dB", ".2f"),
    "ssim": Quantity("validation_ssim", "Validation SSIM", "", ".3f"),
    "loss": Quantity("train_loss", "Loss", "", ".4g", "log"),
    "mse": Quantity("train_mse", "MSE", "", ".3g", "log"),
    "active": Quantity("active_dims", "Active latent dimensions", "dimensions", ".0f"),
    "beta": Quantity("beta", "KL weight β", "", ".2g", "log", told=True),
    "forcing": Quantity("teacher_forcing_ratio", "Teacher forcing ratio", "", ".2f", told=True),
    "rate": Quantity("learning_rate", "Learning rate", "", ".2g", "log", told=True),
}
ABOUT_GREY = (
    "Grey, right axis: the KL weight (solid) and the ratio of teacher forcing (dotted), as shares "
    "of the largest."
)
ABOUT_RUNS = (
    "At a dashed vertical line a new run began with the weights of the one before; epochs count "
    "on. The first run that is kept may have begun with trained weights, too."
)
WITH_SCHEDULES = ("kl", "psnr")  # are drawn over the schedules that shape them


@dataclass(frozen=True)
class View:
    """How curves are drawn. smoothing: weight of the past in a running mean, 0 for none.

    epochs: first and last that are shown, both included; None for all.
    """

    smoothing: float = 0.0
    log: bool = False
    epochs: tuple[int, int] | None = None


def curve_figure(name: str, histories: Histories, view: View = View()) -> go.Figure:
    """The quantity `name` of QUANTITIES over epochs; KL and PSNR with their schedules behind.

    histories: with a column `run`, at whose changes there is a vertical line.
    """
    quantity = QUANTITIES[name]
    shown = [(look, _cut(history, view.epochs)) for look, history in histories]
    figure = go.Figure()
    if name in WITH_SCHEDULES:
        _draw_schedules(figure, shown)
    for look, history in shown:
        values = history[quantity.column]
        if view.smoothing and not quantity.told:
            figure.add_scatter(**_line(look, history, values, quantity), opacity=0.25)
            figure.data[-1].update(showlegend=False, hoverinfo="skip", hovertemplate=None)
            values = smooth(values, history["run"], view.smoothing)
        figure.add_scatter(**_line(look, history, values, quantity))
    for epoch in sorted(set().union(*(_beginnings(history) for _, history in shown))):
        figure.add_vline(
            epoch - 0.5, line={"color": f"rgba({GREY},0.6)", "width": 1, "dash": "dash"}
        )
    figure.update_layout(yaxis=_axis(quantity, shown, view))
    if name in WITH_SCHEDULES:
        figure.update_layout(yaxis={"overlaying": "y2"})  # or they would cover the curves
    return _finish(figure, legend=len(histories) <= MOST_IN_LEGEND)


def share_scale(figures: list[go.Figure]) -> None:
    """Let figures of one quantity, one a run, be compared by eye."""
    lows, highs = zip(*(figure.layout.yaxis.range for figure in figures), strict=True)
    epochs = [x for figure in figures for line in figure.data for x in line.x]
    for figure in figures:
        figure.layout.yaxis.range = (min(lows), max(highs))
        if epochs:
            figure.layout.xaxis.range = (min(epochs), max(max(epochs), min(epochs) + 1))


def kl_figure(histories: Histories) -> go.Figure:
    """KL in nats per frame over epochs, the schedules faint behind it."""
    return curve_figure("kl", histories)


def psnr_figure(histories: Histories) -> go.Figure:
    """Validation PSNR in dB over epochs, the schedules faint behind it."""
    return curve_figure("psnr", histories)


def smooth(values: pd.Series, runs: pd.Series, weight: float) -> pd.Series:
    """Running mean in which each epoch counts `weight` times the one after it; no start bias.

    It begins anew with each of the `runs`, whose schedules do.
    """
    return values.groupby(runs, group_keys=False).apply(
        lambda run: run.ewm(alpha=1 - weight).mean()
    )


def describe(histories: Histories) -> str:
    """Where the curves end, for people who can't see them."""
    ends = [
        f"{look.label}: after epoch {history['epoch'].iloc[-1]:.0f} KL "
        f"{history['kl'].iloc[-1]:.2f} nats per frame, validation PSNR "
        f"{history['validation_psnr'].iloc[-1]:.2f} dB"
        for look, history in histories
    ]
    return "; ".join(ends) + "."


def describe_quantity(name: str, histories: Histories, view: View = View()) -> str:
    """Where the curves of `curve_figure` begin and end, in words; each has a point in the view."""
    quantity = QUANTITIES[name]
    said = []
    for look, history in ((look, _cut(history, view.epochs)) for look, history in histories):
        first, last = (format(history[quantity.column].iloc[i], quantity.digits) for i in (0, -1))
        unit = f" {quantity.unit}" if quantity.unit else ""
        said.append(
            f"{look.label}: {first} in epoch {history['epoch'].iloc[0]:.0f}, {last}{unit} in epoch "
            f"{history['epoch'].iloc[-1]:.0f}"
        )
    return f"{quantity.title} over epochs. " + "; ".join(said) + "."


def _draw_schedules(figure: go.Figure, histories: Histories) -> None:
    """Beta and teacher forcing as shares of their tops, on a right axis of their own."""
    for column, name, dash, filled in (
        ("beta", "β, share of its top", "solid", True),
        ("teacher_forcing_ratio", "Teacher forcing", "dot", False),
    ):
        schedules = _schedules(histories, column)
        for number, (epochs, values) in enumerate(schedules):
            figure.add_scatter(
                x=epochs,
                y=values / (values.max() or 1),
                customdata=values,
                name=name,
                yaxis="y2",
                mode="lines",
                # Several areas over each other would be mud.
                fill="tozeroy" if filled and len(schedules) == 1 else None,
                fillcolor=f"rgba({GREY},0.10)",
                line={"color": f"rgba({GREY},{0.4 if filled else 0.7})", "width": 1, "dash": dash},
                hovertemplate=name.split(",")[0] + " %{customdata:.2g}<extra></extra>",
                showlegend=number == 0,
                legendrank=2000,  # after the models
            )
    figure.update_layout(
        yaxis2={
            "side": "right",
            "range": (0, 1.02),
            "tickvals": [0, 0.5, 1],
            "tickformat": ".0%",
            "showgrid": False,
        }
    )


def _beginnings(history: pd.DataFrame) -> set[float]:
    """First epochs of runs that began with the weights of another."""
    return set(history["epoch"][history["run"].diff() > 0])


def _schedules(histories: Histories, column: str) -> list[tuple[pd.Series, pd.Series]]:
    """Epochs and values of a schedule, each once: runs of one schedule share one line."""
    found: list[tuple[pd.Series, pd.Series]] = []
    for _, history in histories:
        if column not in history or history[column].isna().all():
            continue
        if not any(history[column].equals(values) for _, values in found):
            found.append((history["epoch"], history[column]))
    return found


def _axis(quantity: Quantity, histories: Histories, view: View) -> dict:
    """The left axis, fitted to the values that are drawn."""
    values = np.concatenate([history[quantity.column].to_numpy() for _, history in histories])
    log = view.log and quantity.scale == "log"
    values = values[np.isfinite(values) & ((values > 0) if log else True)]
    axis = {"side": "left", "tickmode": "auto", "exponentformat": "power"}
    if not len(values):
        return axis | {"range": (0, 1)}
    values = np.log10(values) if log else values
    low, high = values.min(), values.max()
    if not log and quantity.column not in ("validation_psnr", "validation_ssim"):
        low = min(low, 0)  # their size means something; that of dB above 0 does not
    margin = 0.06 * (high - low) or 0.1 * abs(high) or 1
    floor = low if low == 0 and not log else low - margin
    return axis | {"type": "log" if log else "linear", "range": (floor, high + margin)}


def _line(look: Look, history: pd.DataFrame, values: pd.Series, quantity: Quantity) -> dict:
    return {
        "x": history["epoch"],
        "y": values,
        "name": look.label,
        "mode": "lines" if len(history) > 1 else "markers",
        "line": {"color": look.colour, "dash": look.dash, "width": 2.5},
        "hovertemplate": f"{look.label} %{{y:{quantity.digits}}} {quantity.unit}<extra></extra>",
    }


def _cut(history: pd.DataFrame, epochs: tuple[int, int] | None) -> pd.DataFrame:
    return history if epochs is None else history[history["epoch"].between(*epochs)]


def _finish(figure: go.Figure, legend: bool) -> go.Figure:
    return figure.update_layout(
        height=280,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hovermode="x unified",
        xaxis={"title": "Epoch", "showgrid": False},
    )
