"""The frame player: truth and predictions on one clock, drawn in the browser alone.

Everything goes over once, as one picture of all frames and a few numbers; stepping, playing
and scrubbing make no trip to the server.
"""

import base64
import io
from pathlib import Path

import numpy as np
import streamlit as st
from einops import rearrange
from PIL import Image

from demo.appearance import COPY_LAST, TRUTH_LABEL, Look
from demo.comparison import Comparison

HERE = Path(__file__).parent

_mount = st.components.v2.component(
    "frame_player",
    html=(HERE / "player.html").read_text(encoding="utf-8"),
    css=(HERE / "player.css").read_text(encoding="utf-8"),
    # One module of two files: the chart's class stands before the player that uses it.
    js="\n".join((HERE / name).read_text(encoding="utf-8") for name in ("chart.js", "player.js")),
)


def frame_player(comparison: Comparison, key: str) -> None:
    """Show `comparison`: ground truth left, the models in their order right of it."""
    _mount(key=key, data=payload(comparison))


def payload(comparison: Comparison) -> dict:
    """What the browser needs.

    sheet: a PNG as a data URL; row k holds the frames of pane k, one beside the other.
    panes: per row, name, number of given frames, colour and dash (none for the truth).
    curves: per line of the chart, name, colour, dash, first frame (from 0) and dB per frame.
    """
    truth = {"name": TRUTH_LABEL, "given": comparison.given, "colour": None, "dash": ""}
    panes = [_style(one.look) | {"given": one.given} for one in comparison.imagined]
    curves = [_curve(one.look, one.given, one.psnr, bold=True) for one in comparison.imagined] + [
        _curve(COPY_LAST, comparison.given, comparison.copy_last, bold=False)
    ]
    rows = [comparison.truth.frames, *(one.frames for one in comparison.imagined)]
    return {
        "sheet": _data_url(np.stack(rows)),
        "frames": len(comparison.truth),
        "size": comparison.truth.frames.shape[1],
        "sequence": comparison.truth.name,
        "panes": [truth, *panes],
        "curves": curves,
    }


def _style(look: Look) -> dict:
    return {"name": look.label, "colour": look.colour, "dash": look.svg_dash}


def _curve(look: Look, first: int, psnr: np.ndarray, bold: bool) -> dict:
    # Not rounded here: the player and the table each round once, to the same two digits.
    values = [float(value) for value in psnr]
    return _style(look) | {"first": first, "values": values, "bold": bold}


def _data_url(panes: np.ndarray) -> str:
    """uint8 (K, T, H, W, 3) as one PNG."""
    stream = io.BytesIO()
    sheet = rearrange(panes, "k t h w c -> (k h) (t w) c")
    Image.fromarray(sheet).save(stream, "PNG", compress_level=3)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
