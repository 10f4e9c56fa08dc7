"""What a link may ask for, and what is said of a link that asks in vain."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

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
    """Take out of the URL what it asks for in vain, and say so, for RUNS runs.

    In every run, as Back may bring a bad link again. It goes before any widget reads the URL:
    Streamlit drops what it does not know without a word, and stumbles over an infinite number.
    """
    complaints = [complaint for choice in choices for complaint in _take_out(choice)]
    if complaints:
        st.session_state["link_complaints"], st.session_state["link_runs"] = complaints, 0
    if st.session_state.get("link_runs", RUNS) < RUNS:
        st.session_state["link_runs"] += 1
        for complaint in st.session_state.get("link_complaints", []):
            st.warning(complaint, icon=":material/link_off:")


def _take_out(choice: Asked) -> list[str]:
    """Leave in the URL what is good of `choice`; returns a sentence on each of the first others."""
    values = st.query_params.get_all(choice.key)
    # What was chosen here, from options that are gone since, no link asked for.
    known = _chosen_here(choice.key)
    bad = [value for value in values if not choice.good(value) and value not in known]
    if not bad:
        return []
    kept = [value for value in values if value not in bad]
    _replace(choice.key, kept)
    shown = "the others" if kept else choice.instead
    return [
        f"The link asks for {choice.key} “{plain(value)}”: {choice.expected}. "
        f"Shown: {plain(shown)}."
        for value in bad[:3]
    ]


def _chosen_here(key: str) -> set[str]:
    """What the widget `key` had chosen at the end of the last run, as the URL has it."""
    chosen = st.session_state.get(key)
    return {str(value) for value in (chosen if isinstance(chosen, list) else [chosen])}


def _replace(key: str, values: list[str]) -> None:
    """Have the URL ask for `values` of `key`, also where a widget is bound to it already.

    `st.query_params` refuses that, and a run that is begun anew does not know any more that it
    was Back that asked for it, so that widgets would not follow the URL.
    """
    context = get_script_run_ctx()
    if context is None:
        return
    with context.session_state.query_params() as query:
        if values:
            query.set_corrected_value(key, values, "string_array_value")
        else:
            query.remove_param(key)
        query.set_initial_query_params_from_current()
