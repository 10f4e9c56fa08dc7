"""Training curves from stored histories: KL with its weight behind, and validation PSNR."""

import pandas as pd
import plotly.graph_objects as go

from demo.appearance import Look

Histories = list[tuple[Look, pd.DataFrame]]


def kl_figure(histories: Histories) -> go.Figure:
    """KL in nats per frame over epochs; beta faint behind it on an axis of its own."""
    figure = go.Figure()
    drawn: list[pd.Series] = []
    for _, history in histories:
        if any(history["beta"].equals(other) for other in drawn):
            continue  # models trained by one schedule share one line
        drawn.append(history["beta"])
        figure.add_scatter(
            x=history["epoch"],
            y=history["beta"],
            name="β (right axis)",
            yaxis="y2",
            mode="lines",
            fill="tozeroy",
            fillcolor="rgba(128,128,128,0.10)",
            line={"color": "rgba(128,128,128,0.45)", "width": 1},
            hovertemplate="β %{y:.2g}<extra></extra>",
            showlegend=len(drawn) == 1,
            legendrank=2000,  # after the models
        )
    for look, history in histories:
        figure.add_scatter(**_line(look, history, "kl", "%{y:.2f} nats"))
    # The first axis is laid over the second, or beta would cover the curves.
    figure.update_layout(
        yaxis={"overlaying": "y2", "tickmode": "auto", "rangemode": "tozero", "side": "left"},
        yaxis2={
            "side": "right",
            "rangemode": "tozero",
            "showgrid": False,
            "exponentformat": "power",
            "nticks": 3,
        },
    )
    return _finish(figure)


def psnr_figure(histories: Histories) -> go.Figure:
    """Validation PSNR in dB over epochs."""
    figure = go.Figure()
    for look, history in histories:
        figure.add_scatter(**_line(look, history, "validation_psnr", "%{y:.2f} dB"))
    return _finish(figure)


def describe(histories: Histories) -> str:
    """Where the curves end, for people who can't see them."""
    ends = [
        f"{look.label}: after epoch {history['epoch'].iloc[-1]:.0f} KL "
        f"{history['kl'].iloc[-1]:.2f} nats per frame, validation PSNR "
        f"{history['validation_psnr'].iloc[-1]:.2f} dB"
        for look, history in histories
    ]
    return "; ".join(ends) + "."


def _line(look: Look, history: pd.DataFrame, column: str, hover: str) -> dict:
    return {
        "x": history["epoch"],
        "y": history[column],
        "name": look.label,
        "mode": "lines" if len(history) > 1 else "markers",
        "line": {"color": look.colour, "dash": look.dash, "width": 2.5},
        "hovertemplate": f"{look.label} {hover}<extra></extra>",
    }


def _finish(figure: go.Figure) -> go.Figure:
    return figure.update_layout(
        height=280,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hovermode="x unified",
        xaxis={"title": "Epoch", "showgrid": False},
    )
