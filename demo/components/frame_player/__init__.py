"""The frame player: truth and predictions on one clock, drawn in the browser alone.

Everything goes over once, as one picture of all frames and a few numbers; stepping, playing,
scrubbing and changing what the panes show make no trip to the server.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from math import isnan
from pathlib import Path

import numpy as np
import streamlit as st

from demo.appearance import COPY_LAST, TRUTH_LABEL, Look
from demo.comparison import Comparison, Imagined
from demo.components.frame_player.actions import arrows, traces
from demo.components.frame_player.parts import SCRIPTS, STYLE, joined, with_parts
from demo.frame_metrics import SHOWN, Measured, column
from demo.loading import DRAWN, PRIOR_MEAN, TOLD, LatentSource

HERE = Path(__file__).parent
OWN = tuple(
    HERE / name
    for name in (
        "samples.js",
        "asking.js",
        "picks.js",
        "legend.js",
        "zoom.js",
        "link.js",
        "page_keys.js",
        "player.js",
    )
)
WISHES = NEXT, PREVIOUS, SAMPLE = ("next", "previous", "sample")
MADE: dict[LatentSource, str] = {
    DRAWN: "predicted",
    PRIOR_MEAN: "prior's mean",
    TOLD: "reference",
}

_mount = st.components.v2.component(
    "frame_player",
    html=with_parts(HERE / "player.html"),
    css=joined(STYLE),
    js=joined(*SCRIPTS, *OWN),
)


def frame_player(
    comparison: Comparison,
    key: str,
    *,
    start: int | None,
    picked: list[int],
    metric: str,
    browsing: bool,
    on_asked: Callable[[dict], None],
    on_wish: Callable[[], None],
) -> list[int]:
    """Show `comparison`: ground truth left, the models in their order right of it.

    start: the frame to open on, standing still; None plays. picked: numbers of the samples that the
    link asks for, a model each; the first ones where that does not fit. metric: one of the
    comparison's, for the chart; all but "psnr" are measured only then. on_asked: called when other
    samples are on view or another metric is wanted, which belong into the link: with "picked", a
    sample's number of each model, or "metric", or both, as a browser has sent it, which may send
    anything.
    on_wish: called when a key asks for another sample or, while `browsing`, for another sequence;
    `st.session_state[key].wish` is one of WISHES.
    The page also runs anew as soon as the first picture is drawn. The frame that stands still, and
    how the player is set, are put into the link by the browser.
    Returns for each model the number of the sample on view.
    """
    last_heard = f"{key}_heard"

    def hear() -> None:
        asked = st.session_state[key].asked
        if isinstance(asked, dict):
            on_asked(asked)
            st.session_state[last_heard] = asked.get("id")  # last: a run may be ended in between

    heard = st.session_state.get(last_heard)
    _mount(
        key=key,
        data=payload(comparison, start, picked, metric, browsing, heard=heard),
        on_asked_change=hear,
        on_drawn_change=lambda: None,
        on_wish_change=on_wish,
    )
    return _that_fit(picked, comparison)


def _that_fit(picked: list[int], comparison: Comparison) -> list[int]:
    """The samples that the link asks for, or the first ones where these are not there."""
    known = [range(one.samples) for one in comparison.imagined]
    fit = len(picked) == len(known) and all(map(range.__contains__, known, picked))
    return picked if fit else [0] * len(known)


def payload(
    comparison: Comparison,
    start: int | None,
    picked: list[int],
    metric: str,
    browsing: bool,
    *,
    alone: bool = False,
    heard: object = None,
) -> dict:
    """What the browser needs.

    sheet: a PNG as a data URL; row 0 holds the frames of the truth, one beside the other, and
        each row after it those of a sample of a model.
    made: what the frames that were not given are, in a word.
    metrics: how each that can be chosen is shown, by its name in the URL.
    models: for each its id in the URL, name, label, colour, dash, number of given frames, the rows
        of its samples, and by the name of each metric its values per predicted frame: null where
        the frame has none. In place of all but PSNR and the chosen `metric` stands null, unless it
        is `alone`.
    reference: copying the last given frame, measured in the same way.
    arrows, actions: what the arm is told; see `demo.components.frame_player.actions`.
    browsing: whether there are other sequences to go to.
    alone: whether no server answers, so that all has to be there.
    picked: numbers of the samples that belong on view. linked: those that the link asks for,
        whether they fit or not; none where it asks for none.
    heard: the id of what was last chosen in the player and is known here; see asking.js.
    version: another one whenever anything here but these three is.
    """
    measured = comparison.metrics if alone else ["psnr", metric]
    first_rows = np.cumsum([1, *(one.samples for one in comparison.imagined)])[:-1]
    shown = {
        "sheet": comparison.sheet,
        "frames": len(comparison.truth),
        "size": comparison.truth.frames.shape[1],
        "sequence": comparison.truth.name,
        "given": comparison.given,
        "truth": TRUTH_LABEL,
        "made": MADE[comparison.setup.latent],
        "metrics": {name: _shown(name) for name in comparison.metrics},
        "models": [
            _describe(one, int(row)) | _values(one.measured, measured, comparison.metrics)
            for one, row in zip(comparison.imagined, first_rows, strict=True)
        ],
        "reference": _style(COPY_LAST.label, COPY_LAST)
        | _values(comparison.copy_last, measured, comparison.metrics),
        "arrows": arrows(comparison.truth),
        "actions": traces(comparison.truth),
        "start": start,
        "metric": metric,
        "browsing": browsing,
        "alone": alone,
    }
    version = hashlib.sha256(json.dumps(shown).encode()).hexdigest()
    return shown | {
        "picked": _that_fit(picked, comparison),
        "linked": picked,
        "heard": heard,
        "version": version,
    }


def _describe(one: Imagined, row: int) -> dict:
    return _style(one.label, one.look) | {
        "id": one.model.name,
        "given": one.given,
        "rows": list(range(row, row + one.samples)),
    }


def _shown(metric: str) -> dict:
    about, shown = column(metric), SHOWN[metric]
    return asdict(shown) | {
        "about": about.about,
        "unit": about.unit and f" {about.unit}",
        "digits": about.digits,
        "lower": about.lower_is_better,
    }


def _values(measured: Measured, sent: list[str], metrics: list[str]) -> dict:
    # Not rounded here: the player and the table each round once, to the same digits.
    return {name: _without_nan(measured[name]) if name in sent else None for name in metrics}


def _without_nan(values: np.ndarray) -> list[list[float | None]]:
    """(S, T) as JSON takes it, which knows no NaN."""
    return [[None if isnan(value) else value for value in row] for row in values.tolist()]


def _style(label: str, look: Look) -> dict:
    """name: the model's, whatever it shows; label: what stands at its numbers."""
    return {"name": look.label, "label": label, "colour": look.colour, "dash": look.svg_dash}
