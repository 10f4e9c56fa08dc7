"""What a link may ask for, and what is said of a link that asks in vain."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st

from demo.formatting import plain

BOUND: Final = "query-params"  # of widgets whose value stands in the URL
RUNS = 2  # pages run a second time by themselves, as soon as the player is drawn


@dataclass(frozen=True)
class Asked:
    """One choice that a link can hold.

    key: its name in the URL. good: whether a value of it can be shown.
    expected: what it should be, and `instead` what is shown in place of a bad one, in words.
    """

    key: str
    good: Callable[[str], bool]
    expected: str
    instead: str


def among(key: str, options: list, what: str, instead: str, *, none: bool = False) -> Asked:
    """A choice among `options`, of which the first few are named where one is not found.

    none: whether none of them may be chosen, which stands in the URL as an empty value.
    """
    words = [str(option) for option in options]
    named = ", ".join(plain(word) for word in words[:8]) + (", …" if len(words) > 8 else "")
    good = [*words, ""] if none else words
    return Asked(key, good.__contains__, f"there is no such {what} here, but: {named}", instead)


def whole_number(key: str, low: int, high: int, instead: int) -> Asked:
    def good(text: str) -> bool:
        short = text.isascii() and text.isdecimal() and len(text) <= 12
        return short and low <= int(text) <= high

    return Asked(key, good, f"give a whole number from {low} to {high}", str(instead))


def check_link(choices: list[Asked]) -> None:
    """Say what the URL asks for in vain, for RUNS runs, and take it out of the URL.

    It goes before any widget reads it: Streamlit drops what it does not know without a word, and
    stumbles over an infinite number.
    """
    if "link_complaints" in st.session_state:
        if st.session_state["link_runs"] < RUNS:
            st.session_state["link_runs"] += 1
            for complaint in st.session_state["link_complaints"]:
                st.warning(complaint, icon=":material/link_off:")
        return
    complaints = []
    for choice in choices:
        values = st.query_params.get_all(choice.key)
        bad = [value for value in values if not choice.good(value)]
        if not bad:
            continue
        kept = [value for value in values if value not in bad]
        shown = "the others" if kept else choice.instead
        complaints += [
            f"The link asks for {choice.key} “{plain(value)}”: {choice.expected}. "
            f"Shown: {plain(shown)}."
            for value in bad[:3]
        ]
        if kept:
            st.query_params[choice.key] = kept
        else:
            del st.query_params[choice.key]
    st.session_state["link_complaints"] = complaints
    st.session_state["link_runs"] = 0
    if complaints:
        st.rerun()
