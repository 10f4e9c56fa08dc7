"""The latent walk: one dimension under the hand, what it does drawn in the browser alone."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from demo.components.sheet import sheet_url

HERE = Path(__file__).parent

_mount = st.components.v2.component(
    "latent_walk",
    html=(HERE / "walk.html").read_text(encoding="utf-8"),
    css=(HERE / "walk.css").read_text(encoding="utf-8"),
    js=(HERE / "walk.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Walk:
    """One dimension of z at K values, `sigmas` of the prior's deviations from its mean.

    frames: uint8 (K, T, H, W, 3), predicted. truth: uint8 (T, H, W, 3), what happened.
    first: number of the first predicted frame. name: of the sequence, model and dimension.
    """

    frames: np.ndarray
    truth: np.ndarray
    sigmas: list[float]
    first: int
    dimension: int
    name: str


def latent_walk(walk: Walk, colour: str) -> None:
    """Show `walk`; what is moved has a border in the model's colour."""
    data = {
        "sheet": sheet_url(np.concatenate([walk.frames, walk.truth[None]])),
        "values": walk.sigmas,
        "frames": walk.frames.shape[1],
        "size": walk.frames.shape[2],
        "first": walk.first,
        "latent": f"z{walk.dimension}",
        "colour": colour,
        "name": walk.name,
    }
    _mount(key="latent_walk", data=data)
