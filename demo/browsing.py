"""Going through the test sequences: by name, by thumbnail, one after the other, at random."""

from collections.abc import Callable
from contextlib import suppress

import numpy as np
import streamlit as st

from cvae.errors import InputError
from demo.appearance import Look
from demo.components.filmstrip import Tile, filmstrip
from demo.formatting import plain
from demo.gallery import (
    BY_ONE,
    BY_TWO,
    COLUMNS,
    first_sequence,
    look_through,
    offered_orders,
    ordered,
)
from demo.links import BOUND
from demo.loading import Data, open_sequences
from demo.ranking import Ranking


def choose_sequence(data: Data, rankings: list[Ranking], look: dict[str, Look]) -> str:
    """Draw the list of sequences and what steps through it; returns the chosen one's name.

    rankings: by PSNR; without any there are no orders by it. look: by the name of a model.
    """
    names = open_sequences(data).names
    sequence = st.selectbox(
        "Test sequence",
        names,
        index=names.index(first_sequence(open_sequences(data))),
        key="sequence",
        bind=BOUND,
        label_visibility="collapsed",
    )
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="bottom"):
        order = st.selectbox(
            "Order of the sequences",
            offered_orders(rankings),
            key="order",
            bind=BOUND,
            on_change=_begin,
            args=(data, rankings),
            label_visibility="collapsed",
            width="stretch",
        )
        there = ordered(data, order, rankings)
        # The style sheet hides the words of these buttons from the eye, not from a screen reader.
        st.button(
            "Previous", icon=":material/chevron_left:", on_click=_move, args=(there, -1), key="back"
        )
        st.button(
            "Next", icon=":material/chevron_right:", on_click=_move, args=(there, 1), key="forward"
        )
        st.button("Random", icon=":material/shuffle:", on_click=_jump, args=(names,), key="random")
    labels = [plain(look[one.model].label) for one in rankings]
    if order in BY_ONE and labels:
        st.caption(f"PSNR as stored with {labels[0]}")
    if order in BY_TWO and len(labels) > 1:
        st.caption(f"A: {labels[0]}, B: {labels[1]}; by PSNR as stored")
    return sequence


def show_filmstrip(data: Data, sequence: str, rankings: list[Ranking]) -> None:
    """Thumbnails in the chosen order; a click on one shows its sequence."""
    gallery, titles = look_through(data), open_sequences(data).titles
    if gallery.damaged:
        others = f" (and {len(gallery.damaged) - 1} more)" if len(gallery.damaged) > 1 else ""
        st.warning(
            f"Left out here{others}: {plain(gallery.damaged[0])}", icon=":material/broken_image:"
        )
    places = {name: divmod(number, COLUMNS) for number, name in enumerate(gallery.names)}
    tiles = [
        Tile(name, titles.get(name, ""), *places[name])
        for name in ordered(data, st.session_state["order"], rankings)
        if name in places
    ]
    filmstrip(gallery.sheet, COLUMNS, tiles, sequence, key="filmstrip", on_pick=_show_picked)


def _show_picked() -> None:
    picked = st.session_state["filmstrip"].picked
    if picked:
        st.session_state["sequence"] = picked


def step_through(data: Data, rankings: list[Ranking]) -> Callable[[int], None]:
    """What shows the next sequence (1) or the previous one (-1) in the order that is chosen."""
    return lambda step: _move(ordered(data, st.session_state["order"], rankings), step)


def _begin(data: Data, rankings: list[Ranking]) -> None:
    """Show the first sequence of the order that was just chosen; a link to one keeps its own."""
    with suppress(InputError):  # the page itself says what is wrong with the data
        st.session_state["sequence"] = ordered(data, st.session_state["order"], rankings)[0]


def _move(names: list[str], step: int) -> None:
    current = st.session_state["sequence"]
    if current not in names:  # left out of this order: begin at its beginning
        st.session_state["sequence"] = names[0]
        return
    st.session_state["sequence"] = names[(names.index(current) + step) % len(names)]


def _jump(names: list[str]) -> None:
    others = [name for name in names if name != st.session_state["sequence"]] or names
    st.session_state["sequence"] = others[np.random.default_rng().integers(len(others))]
