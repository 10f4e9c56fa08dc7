"""How it works: the model, what is maximised, how it is trained, and what the latent does."""

import sys
from collections.abc import Sequence as Items
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import streamlit as st

from cvae.errors import InputError
from demo.chart_config import chart_config
from demo.components.model_picture import model_picture
from demo.latent_walk import show_latent
from demo.links import BOUND, among, check_link, number, whole_number
from demo.schedule_figure import (
    EPOCHS,
    REPORT,
    Knobs,
    forcing,
    noise_of,
    schedule_figure,
    weights,
)
from demo.settings import BUNDLED_SEQUENCES, read_settings

Number = TypeVar("Number", int, float)

TEXTS = Path(__file__).resolve().parent.parent / "explanation"
BETAS = [float(f"{digit}e-{power}") for power in range(7, 0, -1) for digit in (1, 2, 5)] + [1.0]
AT_FIRST = 5e-5  # of BETAS
TOLD_NOTHING = ("fixed-without-actions", "learned-without-actions")  # of the bundled models
MOST_APART = "sim-test-00027"  # of the sequences at hand, in the PSNR of their best samples
# Of each knob of the schedules: the lowest value, the highest, the one at first, and a step.
CYCLES = (1, 8, 1, 1)
RATIO = (0.025, 2.0, 0.125, 0.025)
START = (0.0, 1.0, 0.25, 0.05)
LOWER_BOUND = (0.0, 1.0, 0.0, 0.05)


def show_page() -> None:
    st.html(TEXTS / "page.css")
    st.title("How it works", anchor=False)
    check_knobs()
    st.markdown(
        "A video of a robot can go on in more than one way. The model draws a random **latent** "
        "*z* for every frame, and what it can't know goes there: which way a toy rolls, what was "
        "behind the arm. Everything else is prediction from the last frame and the command."
    )
    st.markdown(
        ":small[[The model](#model) · [The bound](#bound) · [Reparameterization]"
        "(#reparameterization) · [Teacher forcing](#teacher-forcing) · [The schedules](#schedules)"
        " · [What the latent does](#latent)]"
    )
    st.header("The model in one picture", anchor="model")
    model_picture()
    st.caption(
        "One step. The next one starts from the frame that was just predicted, or in training "
        "from the true one. Dashed: wherever the true frame is at hand, which is in training, and "
        "for the given frames."
    )
    show_derivation()
    show_reparameterization_and_forcing()
    show_schedules()
    st.header("What the latent does", anchor="latent")
    st.markdown(
        "Take one dimension of *z* and move it away from the prior's mean, at every predicted "
        "frame, with all else held. What moves is what the model keeps there."
    )
    st.fragment(show_latent)()


def check_knobs() -> None:
    """Say what the link asks for in vain; the latent that is walked has choices of its own."""
    check_link(
        [
            whole_number("cycles", *CYCLES[:3]),
            number("ratio", *RATIO[:3]),
            number("start", *START[:3]),
            number("bound", *LOWER_BOUND[:3]),
            among("beta", [_short(beta) for beta in BETAS], "β", _short(AT_FIRST)),
        ]
    )


def text(name: str) -> str:
    return (TEXTS / f"{name}.md").read_text(encoding="utf-8")


def show_derivation() -> None:
    st.header("What is maximised: the bound", anchor="bound")
    one, sequence = st.columns(2, gap="large")
    with one:
        st.subheader("One frame", anchor=False)
        st.markdown(text("bound"))
        st.info(text("slips"), icon=":material/edit_note:")
    with sequence:
        st.subheader("A sequence, and a learned prior", anchor=False)
        st.markdown(text("sequence"))
        with suppress(InputError):  # told of below
            link_to_told_nothing(read_settings(sys.argv[1:]).data)


def link_to_told_nothing(data: Path) -> None:
    """To the two models between which the prior makes the largest difference.

    An ordinary link, since this page has a sequence of its own that one of Streamlit's would keep.
    """
    query: dict[str, str | Items[str]] = {"models": TOLD_NOTHING, "samples": "6"}
    if data == BUNDLED_SEQUENCES:
        query["sequence"] = MOST_APART
    st.markdown(
        ":material/compare: [Both priors where no actions are told]"
        f"(./?{urlencode(query, doseq=True)})"
    )


def show_reparameterization_and_forcing() -> None:
    trick, forced = st.columns(2, gap="large")
    with trick:
        st.header("The reparameterization trick", anchor="reparameterization")
        st.markdown(text("reparameterization"))
    with forced:
        st.header("Teacher forcing", anchor="teacher-forcing")
        st.markdown(text("forcing"))


@st.fragment
def show_schedules() -> None:
    """Both schedules, with knobs that redraw them."""
    st.header("The schedules", anchor="schedules")
    kl, forced = st.columns(2, gap="large")
    with kl:
        st.markdown(text("kl_weight"))
        with st.container(horizontal=True, gap="medium"):
            cycles = _knob("Cycles", "cycles", *CYCLES)
            ratio = _knob("Ratio R", "ratio", *RATIO)
    with forced:
        st.markdown(text("forcing_ratio"))
        with st.container(horizontal=True, gap="medium"):
            start = _knob("Decay starts at", "start", *START)
            bound = _knob("Lower bound", "bound", *LOWER_BOUND)
    chosen = Knobs(cycles, ratio, start, bound)
    for place, drawn, label, key in (
        (kl, weights, "β, share of the largest", "beta_schedule"),
        (forced, forcing, "Teacher forcing ratio", "forcing_schedule"),
    ):
        values = drawn(chosen)
        said = f"{label} over {EPOCHS} epochs: from {values[0]:.2f} to {values[-1]:.2f}"
        figure = schedule_figure(values, drawn(REPORT), label)
        place.plotly_chart(figure, key=key, alt=said, config=chart_config(key))
    show_scale()


def _knob(label: str, key: str, low: Number, high: Number, value: Number, step: Number) -> Number:
    return st.slider(label, low, high, value, step, key=key, bind=BOUND, width=220)


def show_scale() -> None:
    """What a weight on a mean squared error means, and when the posterior dies."""
    knob, meaning = st.columns(2, gap="large")
    beta = knob.select_slider(
        "The largest β", BETAS, value=AT_FIRST, format_func=_short, key="beta", bind=BOUND
    )
    with meaning:
        st.markdown(
            f"β = {_short(beta)} stands for an observation noise of **σ = √(6144 β) = "
            f"{noise_of(beta):.2g} brightness ranges**. {text('scale')}"
        )
        st.page_link(
            "views/training.py",
            label="Runs and ablations that show it",
            icon=":material/show_chart:",
        )


def _short(beta: float) -> str:
    """5e-5, and not 5e-05."""
    return f"{beta:.0e}".replace("e-0", "e-").replace("e+00", ".0")


show_page()
