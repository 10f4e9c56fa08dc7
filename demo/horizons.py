"""How far models look ahead: any number of frames, and the usual ones by one press."""

import streamlit as st

from cvae.data.bundle import SequenceSource
from demo.links import BOUND, Asked, whole_number
from demo.loading import Model

HORIZONS = [10, 28]  # the usual ones: that of training, and what is left of a recording of BAIR
MOST_FRAMES = 30  # that are shown, given ones included: as many as a recording of BAIR has
NARROW = 122  # pixels: no wider than its words, so that all controls stand in one row
USUAL = "usual_horizon"  # key of the choice between the usual ones


def longest_horizon(sequences: SequenceSource, models: list[Model]) -> int:
    """How far all `models` can look ahead in `sequences`; 1 at least, cut where it must be."""
    shown = min(sequences.length, MOST_FRAMES)
    return max(1, shown - max(model.n_past for model in models))


def asked_horizon(sequences: SequenceSource, models: list[Model]) -> Asked:
    """What a link can ask for."""
    longest = longest_horizon(sequences, models)
    return whole_number("horizon", 1, longest, min(HORIZONS[0], longest))


def choose_horizon(sequences: SequenceSource, models: list[Model]) -> int:
    """The field of the number of predicted frames, and beside it the usual ones by one press."""
    longest = longest_horizon(sequences, models)
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="xsmall", width="content", key="ahead"
    ):
        horizon = st.number_input(
            "Predicted frames",
            min_value=1,
            max_value=longest,
            value=min(HORIZONS[0], longest),
            key="horizon",
            bind=BOUND,
            width=NARROW,
            help=f"How far the models look ahead, up to {longest}. Those that come along were "
            "trained on ten frames.",
        )
        usual = [one for one in HORIZONS if one <= longest]
        if usual:
            st.session_state[USUAL] = horizon if horizon in usual else None
            st.segmented_control(
                "A usual number of predicted frames",
                usual,
                key=USUAL,
                on_change=_take_usual,
                label_visibility="collapsed",
            )
    return horizon


def _take_usual() -> None:
    """What is pressed again stays as it is."""
    chosen = st.session_state[USUAL]
    if chosen is not None:
        st.session_state["horizon"] = chosen
