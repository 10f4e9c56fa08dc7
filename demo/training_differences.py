"""What the chosen runs were made otherwise in: a row a setting, a column a run."""

from html import escape
from typing import Any

import streamlit as st

from demo.appearance import Look
from demo.training_runs import Run
from demo.training_table import as_table, swatch


def show_differences(runs: list[Run], look: dict[str, Look]) -> None:
    """A part that opens; one run alone differs from none."""
    if len(runs) < 2:
        return
    with st.expander("What differs between them", icon=":material/difference:"):
        found = differences(runs)
        if not found:
            st.markdown(
                "Nothing that is known: they have the same settings, data, precision and first "
                "weights."
            )
            return
        st.html(_table(found, [look[run.name] for run in runs]))
        st.caption("All other settings, as in `config.json`, are the same in all of them.")


def differences(runs: list[Run]) -> dict[str, list[str]]:
    """What at least two of `runs` (not none) differ in, by its name: what it is in each of them."""
    from cvae.evaluation.comparison import BESIDES

    first, *others = runs
    changed = {name for run in others for name in run.config.changes(first.config)}
    found = {}
    for part, values in first.config.to_dict().items():
        for name in values:
            if f"{part}.{name}" in changed:
                found[f"{part}.{name}"] = [_words(run.config.to_dict()[part][name]) for run in runs]
    for what, tell in BESIDES.items():
        told = [tell(run.data) for run in runs]
        if len(set(told)) > 1:
            found[what] = told
    return found


def _words(value: Any) -> str:
    """A setting, as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def _table(found: dict[str, list[str]], looks: list[Look]) -> str:
    runs = (f'<th scope="col">{swatch(look)}{escape(look.label)}</th>' for look in looks)
    body = (
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f'<td class="long">{escape(value)}</td>' for value in values)
        + "</tr>"
        for name, values in found.items()
    )
    head = '<th scope="col">Setting</th>' + "".join(runs)
    return as_table("What differs between the runs", head, "".join(body))
