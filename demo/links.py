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
    fit: whether those that are good can be shown together; none of them is, where they can't.
    """

    key: str
    good: Callable[[str], bool]
    expected: str
    instead: str
    fit: Callable[[list[str]], bool] = bool


def among(key: str, options: list, what: str, instead: str, *, none: bool = False) -> Asked:
    """A choice among `options`, of which the first few are named where one is not found.

    none: whether none of them may be chosen, which stands in the URL as an empty value.
    """
    words = [str(option) for option in options]
    named = ", ".join(plain(word) for word in words[:8]) + (", …" if len(words) > 8 else "")
    good = [*words, ""] if none else words
    return Asked(key, good.__contains__, f"there is no such {what} here, but: {named}", instead)


def put_into_link(key: str, values: list[str]) -> None:
    """Have the URL say so, unless it does: whatever is written makes an entry of the history, and
    takes along what was put into the URL meanwhile.
    """
    if st.query_params.get_all(key) == values:
        return
    if values:
        st.query_params[key] = values
    else:
        del st.query_params[key]


def whole_number(key: str, low: int, high: int, instead: int) -> Asked:
    told = f"give a whole number from {low} to {high}"
    return Asked(key, _between(low, high), told, str(instead))


def whole_range(key: str, low: int, high: int, instead: str) -> Asked:
    """The first and the last of some whole numbers."""

    def fit(both: list[str]) -> bool:
        return len(both) == 2 and int(both[0]) <= int(both[1])

    told = f"give the first and the last one, from {low} to {high}"
    return Asked(key, _between(low, high), told, instead, fit)


def number(key: str, low: float, high: float, instead: float) -> Asked:
    def good(text: str) -> bool:
        try:
            return low <= float(text) <= high
        except ValueError:
            return False

    return Asked(key, good, f"give a number from {low:g} to {high:g}", f"{instead:g}")


def switch(key: str, instead: str) -> Asked:
    """What is on or off; off, unless a link says otherwise."""

    def good(text: str) -> bool:
        return text.lower() in ("true", "false")

    return Asked(key, good, "give true or false", instead)


def _between(low: int, high: int) -> Callable[[str], bool]:
    def good(text: str) -> bool:
        short = text.isascii() and text.isdecimal() and len(text) <= 12
        return short and low <= int(text) <= high

    return good


def check_link(choices: list[Asked]) -> None:
    """Take out of the URL what it asks for in vain, and say so, for RUNS runs.

    In every run, as Back may bring a bad link again. It goes before any widget reads the URL:
    Streamlit drops what it does not know without a word, and stumbles over an infinite number.
    Where a page has several parts, each checks its own choices, and says what is amiss with them.
    """
    part = " ".join(choice.key for choice in choices)
    said = st.session_state.setdefault("link_complaints", {})
    complaints = [complaint for choice in choices for complaint in _take_out(choice)]
    if complaints:
        said[part] = (complaints, 0)
    complaints, runs = said.get(part, ([], RUNS))
    if runs < RUNS:
        said[part] = (complaints, runs + 1)
        for complaint in complaints:
            st.warning(complaint, icon=":material/link_off:")


def _take_out(choice: Asked) -> list[str]:
    """Leave in the URL what is good of `choice`; returns a sentence on each of the first others."""
    values = st.query_params.get_all(choice.key)
    # What was chosen here, from options that are gone since, no link asked for.
    known = _chosen_here(choice.key)
    bad = [value for value in values if not choice.good(value) and value not in known]
    kept = [value for value in values if value not in bad]
    if kept and not known.issuperset(values) and not choice.fit(kept):
        bad, kept = [", ".join(values)], []
    if not bad:
        return []
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
    return {str(value) for value in (chosen if isinstance(chosen, list | tuple) else [chosen])}


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
