"""How near models come frame by frame, as the mean over sequences: the figure of the field."""

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from plotly.colors import hex_to_rgb

from cvae.evaluation.rows import COPY_LAST
from demo.chart_config import chart_config, file_name
from demo.score_origin import Origin
from demo.score_view import ScoreView
from demo.scores import Quantity

if TYPE_CHECKING:
    from cvae.evaluation.scores import Curve

ABOUT_BANDS = (
    "A line is the mean over sequences at one predicted frame, its band the 95 % interval over "
    "sequences. Bands of two models may overlap where one of them is surely better: what "
    "sequences have in common widens both, and drops out of the difference above."
)


def curves_of(origin: Origin, quantity: Quantity, columns: list[str]) -> "dict[str, Curve]":
    """`quantity` over the predicted frames, by those of `columns` that have it anywhere.

    columns: models that were measured alike, and perhaps COPY_LAST, which is that of any of them.
    """
    found: dict[str, Curve] = {}
    for name in columns:
        models = [one for one in columns if one != COPY_LAST] if name == COPY_LAST else [name]
        variant = COPY_LAST if name == COPY_LAST else quantity.variant
        for model in models:
            measured = origin.measured.get((model, quantity.protocol))
            curve = measured and measured.steps.get(variant, {}).get(quantity.metric)
            if curve and any(mean is not None for mean in curve.mean):
                found.setdefault(name, curve)
    return found


def show_steps(view: ScoreView) -> None:
    """The curves of the two models; nothing where nothing is known frame by frame."""
    if not set(view.curves) & {view.one, view.other}:
        return
    st.markdown("**Every predicted frame: the mean over sequences**")
    st.plotly_chart(
        steps_figure(view),
        key="steps",
        config=chart_config(f"{view.named}_frames"),
        alt=steps_in_words(view),
    )
    st.caption(ABOUT_BANDS)
    st.download_button(
        "Curves as CSV",
        partial(steps_csv, view),
        f"{file_name(view.named)}_frames.csv",
        "text/csv",
        key="export_steps",
        icon=":material/table:",
        on_click="ignore",
        help="Of all models in the table below, by frame: the mean over sequences, and the half-"
        "width of its 95 % interval.",
    )


def steps_figure(view: ScoreView) -> go.Figure:
    """The two models with their bands, and as a line alone copying the last frame."""
    quantity, frames = view.quantity, _frames(view)
    figure = go.Figure()
    drawn = [name for name in (view.one, view.other) if name in view.curves]
    for name in drawn:
        if name != COPY_LAST:
            figure.add_scatter(**_band(view.curves[name], frames, view.looks[name].colour))
    if COPY_LAST in view.curves:
        drawn = [*(name for name in drawn if name != COPY_LAST), COPY_LAST]
    number = f".{quantity.digits}f"
    for name in drawn:
        look, curve = view.looks[name], view.curves[name]
        figure.add_scatter(
            x=frames,
            y=curve.mean,
            customdata=[
                quantity.words(half) if half is not None else "–" for half in curve.half_width
            ],
            name=look.short,
            mode="lines",
            line={"color": look.colour, "dash": look.dash, "width": 2.5},
            hovertemplate=f"{look.short} %{{y:{number}}} ± %{{customdata}}<extra></extra>",
        )
    unit = f", {quantity.unit}" if quantity.unit else ""
    return figure.update_layout(
        height=340,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hovermode="x unified",
        dragmode=False,
        xaxis={"title": "Frame", "showgrid": False, "zeroline": False, "tickformat": "d"},
        yaxis={"title": f"{quantity.metric}{unit}", "zeroline": False},
    )


def steps_in_words(view: ScoreView) -> str:
    """Where the curves begin and end, for people who can't see them."""
    said = []
    for name in dict.fromkeys((view.one, view.other, COPY_LAST)):
        if name in view.curves:
            points = zip(_frames(view), view.curves[name].mean, strict=True)
            known = [(frame, mean) for frame, mean in points if mean is not None]
            (first, begin), (last, end) = known[0], known[-1]
            said.append(
                f"{view.looks[name].label}: {view.quantity.words(begin)} at frame {first}, "
                f"{view.quantity.words(end)} at frame {last}"
            )
    return f"{view.quantity.metric} over the predicted frames. " + "; ".join(said) + "."


def steps_csv(view: ScoreView) -> bytes:
    """CSV: a row a model and predicted frame; copying the last frame comes last."""
    quantity = view.quantity
    parts = [
        pd.DataFrame(
            {
                "model": name,
                "protocol": quantity.protocol,
                "prediction": COPY_LAST if name == COPY_LAST else quantity.variant,
                "metric": quantity.metric,
                "frame": _frames(view),
                "mean": curve.mean,
                "half_width": curve.half_width,
            }
        )
        for name, curve in view.curves.items()
    ]
    return pd.concat(parts).to_csv(index=False, float_format="%.5f").encode()


def _frames(view: ScoreView) -> list[int]:
    """Numbers of the predicted frames, from 0 as everywhere."""
    from cvae.evaluation.protocol import PROTOCOLS

    return list(PROTOCOLS[view.quantity.protocol].future)


def _band(curve: "Curve", frames: list[int], colour: str) -> dict:
    """The area between the ends of the intervals, where they are known."""
    points = zip(frames, curve.mean, curve.half_width, strict=True)
    known = [(f, mean, half) for f, mean, half in points if mean is not None and half is not None]
    red, green, blue = hex_to_rgb(colour)
    return {
        "x": [frame for frame, *_ in known] + [frame for frame, *_ in reversed(known)],
        "y": [m + half for _, m, half in known] + [m - half for _, m, half in reversed(known)],
        "mode": "lines",
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": f"rgba({red},{green},{blue},0.18)",
        "hoverinfo": "skip",
        "showlegend": False,
    }
