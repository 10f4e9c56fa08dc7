"""Whose predictions are made next: one visitor's at a time, first come first served.

PyTorch shares the cores out among its own threads: visitors who predict at once only get into
each other's way, and all of them wait for the last. In a line the first is served at once.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

LOOK_UP = 0.25  # seconds between two looks at whether the visitor still wants it
NUMBERS = ("One other is", "Two others are", "Three others are", "Four others are")


class Line:
    """Those who want to compute; the first in it does."""

    def __init__(self) -> None:
        self._places: list[object] = []
        self._moved = threading.Condition()

    @contextmanager
    def place(self) -> Iterator[object]:
        """A place at the end of the line, given up whatever ends the block."""
        place = object()
        with self._moved:
            self._places.append(place)
        try:
            yield place
        finally:
            with self._moved:
                self._places.remove(place)
                self._moved.notify_all()

    def ahead(self, place: object) -> int:
        """How many others come before `place`."""
        with self._moved:
            return self._places.index(place)

    def wait(self, place: object, seconds: float) -> int:
        """How many come before `place`, as soon as one less does, or after `seconds`."""
        with self._moved:
            before = self._places.index(place)
            self._moved.wait_for(lambda: self._places.index(place) < before, seconds)
            return self._places.index(place)


@st.cache_resource(show_spinner=False)
def prediction_line() -> Line:
    """The one of this server."""
    return Line()


@contextmanager
def in_turn(note: DeltaGenerator) -> Iterator[None]:
    """Wait until it is this visitor's turn, say in `note` how many come first, then work.

    Who leaves or chooses something else while waiting gives up the place: Streamlit ends the
    script then, by an exception out of the next call to it.
    """
    line = prediction_line()
    with line.place() as place:
        ahead = line.ahead(place)
        said = 0
        while ahead:
            if ahead != said:
                note.info(how_many_first(ahead), icon=":material/hourglass_top:")
                said = ahead
            ahead = line.wait(place, LOOK_UP)
            "seed" in st.session_state  # noqa: B015 - here Streamlit may end the script
        if said:
            note.empty()
        with st.spinner("Imagining …", show_time=True):
            yield


def how_many_first(ahead: int) -> str:
    """The message to who waits for `ahead` others."""
    others = NUMBERS[ahead - 1] if ahead <= len(NUMBERS) else f"{ahead} others are"
    return f"{others} being imagined first; yours comes by itself."
