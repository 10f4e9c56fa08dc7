"""Charts of scores: model against model, the spread of each, and how their difference is spread."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from demo.appearance import Look
from demo.scores import Quantity

GREY = "rgba(128,128,128,0.75)"
MARGIN = {"l": 8, "r": 8, "t": 28, "b": 8}
Pair = tuple[tuple[str, Look], tuple[str, Look]]
"""Column of the table and look of the two models that are compared."""


def versus_figure(
    table: pd.DataFrame, pair: Pair, here: pd.Series, quantity: Quantity
) -> go.Figure:
    """A point a sequence, one model across and the other up; the diagonal is where they tie.

    here: bool by sequence, whether the app can show it; those are filled, the others hollow.
    Every point carries its sequence's name as `customdata`.
    """
    (one, look), (other, other_look) = pair
    table = table[[one, other]].dropna()
    lead = quantity.sign * (table[one] - table[other])
    above, below = (other_look, look) if quantity.sign > 0 else (look, other_look)
    figure = go.Figure()
    low, high = table.min().min(), table.max().max()
    room = 0.04 * (high - low) or 0.5
    ends = [low - room, high + room]
    figure.add_scatter(
        x=ends, y=ends, mode="lines", line={"color": GREY, "dash": "dot"}, hoverinfo="skip"
    )
    for winner, rows in ((look, table[lead >= 0]), (other_look, table[lead < 0])):
        for shown, symbol in ((True, "circle"), (False, "circle-open")):
            chosen = rows[here.reindex(rows.index) == shown]
            figure.add_scatter(
                x=chosen[one],
                y=chosen[other],
                mode="markers",
                name=f"{winner.label} better",
                marker={"color": winner.colour, "size": 9, "symbol": symbol, "opacity": 0.8},
                customdata=_names(chosen),
                hovertemplate=_hover(pair, quantity),
            )
    axis = {"range": ends, "zeroline": False}
    return figure.update_layout(
        height=460,
        margin=MARGIN,
        showlegend=False,
        hovermode="closest",
        clickmode="event+select",
        dragmode=False,
        xaxis={"title": f"{look.short}{_in(quantity)}", **axis},
        yaxis={"title": f"{other_look.short}{_in(quantity)}", **axis},
        annotations=[
            _corner(above, 0.02, 0.98, "left", "top"),
            _corner(below, 0.98, 0.02, "right", "bottom"),
        ],
    )


def spread_figure(table: pd.DataFrame, looks: Mapping[str, Look], quantity: Quantity) -> go.Figure:
    """A box a model over all its sequences, with a point for each."""
    figure = go.Figure()
    for row, column in enumerate(table.columns):
        scores = table[column].dropna()
        figure.add_box(
            x=scores,
            y0=row,  # a number: two long names may be the same when they are shortened
            name=looks[column].label,
            boxpoints="all",
            jitter=0.7,
            pointpos=0,
            marker={"color": looks[column].colour, "size": 4, "opacity": 0.45},
            line={"width": 1.5},
            fillcolor="rgba(128,128,128,0.12)",
            customdata=_names(scores),
            hovertemplate=f"%{{customdata[0]}}: %{{x:.{quantity.digits}f}} {quantity.unit}"
            "<extra></extra>",
        )
    return figure.update_layout(
        height=70 + 58 * len(table.columns),
        margin=MARGIN,
        showlegend=False,
        hovermode="closest",
        dragmode=False,
        xaxis={"title": f"{quantity.metric}{_in(quantity)}", "zeroline": False},
        yaxis={
            "automargin": True,
            "tickvals": list(range(len(table.columns))),
            "ticktext": [looks[column].short for column in table],
            "range": (len(table.columns) - 0.5, -0.5),  # the first on top
            "zeroline": False,
            "showgrid": False,
        },
    )


def difference_figure(table: pd.DataFrame, pair: Pair, quantity: Quantity) -> go.Figure:
    """How many sequences lie how far on which side of 0, in the colour of who is better there."""
    (one, look), (other, other_look) = pair
    difference = (table[one] - table[other]).dropna()
    counts, edges = _histogram(difference.to_numpy())
    middles = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure()
    figure.add_bar(
        x=middles,
        y=counts,
        width=np.diff(edges),
        marker={
            "color": [
                look.colour if quantity.sign * middle > 0 else other_look.colour
                for middle in middles
            ],
            "opacity": 0.85,
        },
        customdata=np.stack([edges[:-1], edges[1:]], axis=1),
        hovertemplate=f"%{{customdata[0]:.{quantity.digits}f}} to "
        f"%{{customdata[1]:.{quantity.digits}f}} {quantity.unit}: %{{y}} sequences<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": GREY, "dash": "dot"})
    return figure.update_layout(
        height=250,
        margin=MARGIN,
        showlegend=False,
        bargap=0,
        dragmode=False,
        xaxis={"title": _minus(look.short, other_look.short) + _in(quantity)},
        yaxis={"title": "Sequences", "rangemode": "tozero"},
    )


def _histogram(difference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts and edges of bins of one width; 0 is an edge, so that a bar is on one side."""
    reach = np.abs(difference).max() or 1
    width = (difference.max() - difference.min()) / 24 or reach / 12
    first, last = np.floor(difference.min() / width), np.floor(difference.max() / width) + 1
    return np.histogram(difference, np.arange(first, last + 1) * width)


def _minus(one: str, other: str) -> str:
    """In two lines where one would be wider than a phone."""
    return f"{one} minus{' ' if len(one + other) < 36 else '<br>'}{other}"


def _names(rows: pd.DataFrame | pd.Series) -> np.ndarray:
    return rows.index.to_numpy()[:, None]


def _hover(pair: Pair, quantity: Quantity) -> str:
    (_, look), (_, other_look) = pair
    number = f".{quantity.digits}f"
    return (
        f"<b>%{{customdata[0]}}</b><br>{look.label} %{{x:{number}}} {quantity.unit}<br>"
        f"{other_look.label} %{{y:{number}}} {quantity.unit}<extra></extra>"
    )


def _in(quantity: Quantity) -> str:
    return f", {quantity.unit}" if quantity.unit else ""


def _corner(look: Look, x: float, y: float, xanchor: str, yanchor: str) -> dict:
    return {
        "text": f"<span style='color:{look.colour}'>●</span> {look.short} better",
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "xanchor": xanchor,
        "yanchor": yanchor,
        "showarrow": False,
    }
