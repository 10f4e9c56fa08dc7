"""What the user chose. Every choice is a widget bound to the URL, so that a link shows the same."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cvae.data.bundle import SequenceSource
from demo.appearance import PRIOR_LOOKS
from demo.formatting import plain
from demo.loading import Model

SHOWN_FIRST = "push"  # title of the sequence that the app opens on, where there is one
MAX_SEED = 999_999
BOTH = "both"


@dataclass(frozen=True)
class Choice:
    """models: one a chosen prior, in the order in which they are shown."""

    sequence: str
    models: list[Model]
    seed: int


def choose(sequences: SequenceSource, models: list[Model]) -> Choice:
    """Draw the controls for `sequences` and `models`; returns what is chosen."""
    priors = [prior for prior in PRIOR_LOOKS if any(model.prior == prior for model in models)]
    options = [*priors, BOTH] if len(priors) > 1 else priors
    _check_url(sequences, options)
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        sequence = _choose_sequence(sequences)
        prior = st.segmented_control(
            "Prior",
            options,
            default=options[-1],
            required=True,
            key="prior",
            bind="query-params",
            help="Where the model's random latent comes from: always N(0, I), or a Gaussian "
            "learned from the past frames.",
        )
        seed = _choose_seed()
    _offer_titled(sequences)
    for missing in PRIOR_LOOKS.keys() - priors:
        st.info(f"No model with a {missing} prior was found; train one to compare the two.")
    chosen = priors if prior == BOTH else [prior]
    return Choice(sequence, [_choose_model(models, one) for one in chosen], seed)


def _first(sequences: SequenceSource) -> str:
    titled = [name for name, title in sequences.titles.items() if title == SHOWN_FIRST]
    return (titled or sequences.names)[0]


def _choose_sequence(sequences: SequenceSource) -> str:
    names = sequences.names
    sequence = st.selectbox(
        "Test sequence",
        names,
        index=names.index(_first(sequences)),
        key="sequence",
        bind="query-params",
        width=260,
    )
    with st.container(horizontal=True, width="content", gap="xsmall"):
        st.button(
            "Previous", icon=":material/chevron_left:", on_click=_move, args=(names, -1), key="back"
        )
        st.button(
            "Next", icon=":material/chevron_right:", on_click=_move, args=(names, 1), key="forward"
        )
        st.button("Random", icon=":material/shuffle:", on_click=_jump, args=(names,), key="random")
    return sequence


def _offer_titled(sequences: SequenceSource) -> None:
    """A button for each sequence with a title; the one that is shown has its button filled."""
    if not sequences.titles:
        return
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", key="titled", width="content"
    ):
        st.markdown(":small[Worth a look:]", width="content")
        for name, title in sequences.titles.items():
            shown = st.session_state["sequence"] == name
            st.button(
                title,
                key=f"title_{title}",
                type="primary" if shown else "tertiary",
                on_click=_show,
                args=(name,),
                help=name,
            )


def _choose_seed() -> int:
    seed = st.number_input(
        "Seed",
        min_value=0,
        max_value=MAX_SEED,
        value=0,
        step=1,
        key="seed",
        bind="query-params",
        width=140,
        help="Draws the latents. The same seed gives the same prediction on every machine.",
    )
    st.button("New sample", icon=":material/casino:", on_click=_next_seed, key="sample")
    return seed


def _choose_model(models: list[Model], prior: str) -> Model:
    """The one model with `prior`; a choice is offered only where there are several."""
    found = {model.name: model for model in models if model.prior == prior}
    if len(found) == 1:
        return next(iter(found.values()))
    label = f"{PRIOR_LOOKS[prior].label}: model"
    name = st.selectbox(label, list(found), key=f"{prior}_model", bind="query-params", width=360)
    return found[name]


def _check_url(sequences: SequenceSource, priors: list[str]) -> None:
    """Say what the URL asks for in vain, once, and take it out of the URL.

    It goes before any widget reads it: Streamlit stumbles over an infinite seed.
    """
    if "url_complaints" in st.session_state:
        for complaint in st.session_state["url_complaints"]:
            st.warning(complaint, icon=":material/link_off:")
        st.session_state["url_complaints"] = []
        return
    asked = st.query_params.to_dict()
    complaints = {}
    if asked.get("sequence", _first(sequences)) not in sequences.names:
        complaints["sequence"] = (
            f"There is no test sequence “{plain(asked['sequence'])}” here; "
            f"this is {plain(_first(sequences))}. Choose one from the list."
        )
    if asked.get("prior", priors[0]) not in priors:
        complaints["prior"] = (
            f"The prior “{plain(asked['prior'])}” can't be shown here; "
            f"there is: {', '.join(priors)}."
        )
    if not _is_seed(asked.get("seed", "0")):
        complaints["seed"] = (
            f"“{plain(asked['seed'])}” is no seed; give a whole number from 0 to {MAX_SEED}. "
            "This is seed 0."
        )
    st.session_state["url_complaints"] = list(complaints.values())
    for key in complaints:
        del st.query_params[key]
    if complaints:
        st.rerun()


def _is_seed(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 12 and int(text) <= MAX_SEED


def _move(names: list[str], step: int) -> None:
    current = st.session_state["sequence"]
    index = names.index(current) if current in names else 0
    st.session_state["sequence"] = names[(index + step) % len(names)]


def _show(name: str) -> None:
    st.session_state["sequence"] = name


def _jump(names: list[str]) -> None:
    others = [name for name in names if name != st.session_state["sequence"]] or names
    st.session_state["sequence"] = others[np.random.default_rng().integers(len(others))]


def _next_seed() -> None:
    st.session_state["seed"] = (st.session_state["seed"] + 1) % (MAX_SEED + 1)
