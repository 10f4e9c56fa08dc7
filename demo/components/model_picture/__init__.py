"""The model in one picture, in the colours of the theme; in two forms, by the width there is."""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent
FORMS = ("wide", "tall")

_mount = st.components.v2.component(
    "model_picture",
    html="".join((HERE / f"{form}.svg").read_text(encoding="utf-8") for form in FORMS),
    css=(HERE / "picture.css").read_text(encoding="utf-8"),
)


def model_picture() -> None:
    """Show one step of the model: what gives what, and what is only there in training."""
    _mount(key="model_picture")
