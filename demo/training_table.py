"""All runs at a glance, as an HTML table: the key to the colours of the curves."""

import base64
from html import escape

import streamlit as st

from demo.appearance import Look
from demo.training_runs import Run

HEADINGS = {  # and what they mean, where the word alone does not tell
    "Run": "",
    "Prior": "Where z comes from in prediction",
    "KL weight β": "How it rises, and to what",
    "Epochs": "Of the runs before, whose weights it began with, + its own",
    "KL, nats a frame": "What z tells of a frame beyond what the prior foresees",
    "Active": "Dimensions of z that tell more than 0.01 nats",
    "PSNR": "Of one sample on the validation split, after the last epoch",
    "State": "",
}


def runs_table(runs: list[Run], look: dict[str, Look]) -> str:
    """A row a run: its line in the curves, how it was trained, and where it stands."""
    head = "".join(
        f'<th scope="col" title="{about}">{heading}</th>' for heading, about in HEADINGS.items()
    )
    body = "".join(_row(run, look[run.name]) for run in runs)
    return as_table("Runs at a glance", head, body)


def as_table(label: str, head: str, body: str) -> str:
    """The cells of a `head` and the rows of a `body`, in HTML, as a table that scrolls by itself.

    label: what a screen reader calls it.
    """
    return (
        f'<div class="runs-table" tabindex="0" role="region" aria-label="{label}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def swatch(look: Look) -> str:
    """The run's line, as a picture: Streamlit lets no SVG into its HTML."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 34 10" width="34" height="10">'
        f'<line x1="2" x2="32" y1="5" y2="5" stroke="{look.colour}" stroke-width="3" '
        f'stroke-dasharray="{look.svg_dash}"/></svg>'
    )
    encoded = base64.b64encode(svg.encode()).decode("ascii")
    return f'<img alt="" src="data:image/svg+xml;base64,{encoded}">'


def explain_headings() -> None:
    """What stands in the table's titles, for those who have no pointer to rest on them."""
    with st.expander("What the columns say", icon=":material/info:"):
        told = [f"- **{heading}**: {about}." for heading, about in HEADINGS.items() if about]
        st.markdown("\n".join(told))


def _row(run: Run, look: Look) -> str:
    cells = (_prior(run), _schedule(run), *_standing(run), _state(run))
    others = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{swatch(look)}{escape(look.label)}</th>{others}</tr>'


def _prior(run: Run) -> str:
    return run.model.prior + ("" if run.config.model.conditioned else ", no actions")


def _schedule(run: Run) -> str:
    training = run.config.training
    kind = f"{training.kl_cycles} cycles" if run.cyclical else "monotonic"
    return f"{kind}, to {training.beta_max / max(1, training.kl_anneal_ratio):.2g}"


def _standing(run: Run) -> tuple[str, str, str, str]:
    """Epochs, KL, active dimensions and PSNR, as of the last epoch."""
    planned = run.config.training.epochs
    if run.history.empty:
        return f"0 of {planned}", "–", "–", "–"
    last = run.history.iloc[-1]
    before = f"{run.epochs_before} + " if run.epochs_before else ""
    return (
        f"{before}{last['epoch']:.0f}" + ("" if run.state == "complete" else f" of {planned}"),
        f"{last['kl']:.3g}",
        f"{last['active_dims']:.0f} of {run.config.model.z_dim}",
        f"{last['validation_psnr']:.2f} dB",
    )


def _state(run: Run) -> str:
    if run.state == "complete":
        return "complete"
    if run.state == "stopped":
        return "failed" if run.failure else "stopped; the same command goes on"
    left = run.minutes_left
    return "being trained" if left is None else f"being trained, {_duration(left)} left"


def _duration(minutes: float) -> str:
    if not minutes >= 1:
        return "less than a minute"
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
