"""The steering wheel: the arm under the hand, and what models imagine that its camera sees.

A command is a wish that the page grants by what it shows next; the rest is drawn in the browser.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st

from demo.arm import MAX_STEP
from demo.commands import write
from demo.components.frame_player.actions import arrows, traces
from demo.components.frame_player.parts import SCRIPTS, STYLE, joined, with_parts
from demo.components.sheet import sheet_url
from demo.driven import Driven

HERE = Path(__file__).parent

_mount = st.components.v2.component(
    "steering_wheel",
    html=with_parts(HERE / "wheel.html"),
    css=joined(STYLE, HERE / "wheel.css"),
    js=joined(*SCRIPTS, HERE / "wheel.js"),
)


def steering_wheel(driven: Driven, key: str, *, answered: int, on_wish: Callable[[], None]) -> None:
    """Show `driven`, what was recorded left of it.

    answered: how many wishes were granted; the browser waits for each before the next one.
    on_wish: called when the user tells the arm something or takes it back; the wish, which the
    browser has made and nobody checked, is `st.session_state[key].wish`.
    """
    _mount(key=key, data=payload(driven, answered), on_wish_change=on_wish)


def payload(driven: Driven, answered: int) -> dict:
    """What the browser needs.

    sheet: rows of frames, see `sheet_url`: what stands beside the models, then a model each.
    recorded: how many frames of the recording there are; null where there is a simulation.
    told: each command of the user's in letters; the first one is given at frame `first`.
    scene: another one where other pictures than the new ones change.
    largest: metres, |dx| and |dy| of a command.
    psnr, of a model: dB of each frame after the given ones; empty where that says nothing.
    arrows: of each row, actions: what the arm is told; see `demo.components.frame_player.actions`.
    """
    start, rows = driven.start, [driven.beside, *driven.ridden]
    models = [
        {
            "name": look.label,
            "colour": look.colour,
            "dash": look.svg_dash,
            "given": start.given,
            "rows": [row],
            "psnr": driven.psnr[row - 1].tolist(),
        }
        for row, (_, look, _) in enumerate(driven.rides, 1)
    ]
    names = [model.name for model, _, _ in driven.rides]
    beside = "simulated" if driven.simulated else "recorded"
    shown = {
        "sheet": sheet_url(np.stack([one.frames for one in rows])),
        "frames": driven.frames,
        "size": driven.beside.frames.shape[1],
        "sequence": driven.name,
        "given": start.given,
        "first": start.first,
        "recorded": None if driven.simulated else len(start.sequence),
        "truth": beside.capitalize(),
        "models": models,
        "told": [write([command]) for command in driven.told],
        "scene": f"{driven.name} {start.seed} {start.device} {names} {beside}",
        "arrows": [arrows(one) for one in rows],
        "actions": traces(driven.ridden[0]),
        "largest": MAX_STEP,
        "answered": answered,
    }
    return shown | {"version": hashlib.sha256(json.dumps(shown).encode()).hexdigest()}
