"""Posterior against prior, step by step: what a frame told that could not be foreseen."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from demo.appearance import Look

if TYPE_CHECKING:
    from cvae.inference.latent import Beliefs

PRIOR_COLOUR = "128,128,128"


def kl_by_step(shown: list[tuple[Look, "Beliefs"]]) -> go.Figure:
    """KL of posterior against prior at every frame, a line a model."""
    figure = go.Figure()
    for look, held in shown:
        kl = held.kl.sum(1)
        figure.add_scatter(
            x=np.arange(1, len(kl) + 1),
            y=kl,
            name=look.label,
            mode="lines+markers",
            line={"color": look.colour, "dash": look.dash, "width": 2.5},
            hovertemplate=f"{look.label} %{{y:.2f}} nats<extra></extra>",
        )
    figure.update_yaxes(rangemode="tozero")
    return _finish(figure)


def describe_kl(shown: list[tuple[Look, "Beliefs"]]) -> str:
    """The chart of `kl_by_step` in words."""
    said = []
    for look, held in shown:
        kl = held.kl.sum(1)
        said.append(
            f"{look.label}: {kl.mean():.2f} nats a frame on average, most ({kl.max():.2f}) at "
            f"frame {kl.argmax() + 1}"
        )
    return "KL of posterior against prior at every frame. " + "; ".join(said) + "."


def belief_figure(held: "Beliefs", dimension: int, look: Look) -> go.Figure:
    """Prior and posterior of one dimension at every frame, mean and two standard deviations."""
    figure = go.Figure()
    frames = np.arange(1, len(held.kl) + 1)
    colour = ",".join(str(int(look.colour[i : i + 2], 16)) for i in (1, 3, 5))
    for name, mean, sigma, rgb in (
        ("Prior: from the past", held.prior_mean, held.prior_sigma, PRIOR_COLOUR),
        ("Posterior: has seen the frame", held.posterior_mean, held.posterior_sigma, colour),
    ):
        middle, spread = mean[:, dimension], 2 * sigma[:, dimension]
        figure.add_scatter(
            x=np.concatenate([frames, frames[::-1]]),
            y=np.concatenate([middle + spread, (middle - spread)[::-1]]),
            fill="toself",
            fillcolor=f"rgba({rgb},0.18)",
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
        figure.add_scatter(
            x=frames,
            y=middle,
            name=name,
            mode="lines+markers",
            line={"color": f"rgb({rgb})", "width": 2.5},
            customdata=sigma[:, dimension],
            hovertemplate="%{y:.2f} ± %{customdata:.2f}<extra></extra>",
        )
    return _finish(figure)


def describe_beliefs(held: "Beliefs", dimension: int) -> str:
    """The chart of `belief_figure` in words."""
    return (
        f"Dimension {dimension} of z at every frame: the prior has a standard deviation of "
        f"{held.prior_sigma[:, dimension].mean():.2f} on average, the posterior of "
        f"{held.posterior_sigma[:, dimension].mean():.2f}; their KL is "
        f"{held.kl[:, dimension].mean():.3f} nats a frame."
    )


def _finish(figure: go.Figure) -> go.Figure:
    return figure.update_layout(
        height=300,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hovermode="x unified",
        xaxis={"title": "Frame", "showgrid": False, "dtick": 1},
    )
