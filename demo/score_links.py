"""From a score to its frames: the points, links and rows that open a sequence in Compare."""

import pandas as pd
import streamlit as st

from demo.appearance import shortened
from demo.formatting import plain
from demo.score_view import ScoreView

COMPARE = "views/compare.py"  # as the app's entry names it
ON_A_LINK = 20  # letters of a model's name, so that a phone shows the sequence's after it
TO_SEE_ALL = (
    "Start the app with `-- --data STORE` on the store that was evaluated to see all of its test "
    "sequences."
)


def what_a_click_does(view: ScoreView) -> str:
    """On a point; and what it takes to see those that can't be shown now."""
    if view.query is None:
        return "Compare can show none of them: the weights of neither model are here."
    if view.all_at_hand:
        return "Click a point to see it in Compare."
    if not any(view.can_show(sequence) for sequence in view.table.index):
        return f"Compare can show none of them: the sequences are not at hand. {TO_SEE_ALL}"
    told = "Click a filled point to see it in Compare; the sequences of hollow ones are not at hand"
    return f"{told}. {TO_SEE_ALL}"


def open_clicked(view: ScoreView, points: list[dict]) -> None:
    """Goes to Compare with the sequence of the point that was clicked, or says why not."""
    if not points or "customdata" not in points[0]:
        return
    sequence = points[0]["customdata"][0]
    if view.can_show(sequence):
        st.switch_page(COMPARE, query_params=view.link_to(sequence))
    st.info(why_not(view, sequence), icon=":material/visibility_off:")


def show_extremes(view: ScoreView) -> None:
    """Links to the sequences at hand where each is furthest ahead, and to the worst and best."""
    (_, look), (_, other_look) = view.pair
    both = view.quantity.sign * view.table[[view.one, view.other]].dropna().mean(axis=1)
    lead = view.quantity.sign * view.difference
    of_these = "" if view.all_at_hand else " at hand"
    found = [
        (f"{shortened(look.label, ON_A_LINK)} ahead", lead[lead > 0]),
        (f"{shortened(other_look.label, ON_A_LINK)} ahead", -lead[lead < 0]),
        (f"Hardest{of_these}", -both),
        (f"Easiest{of_these}", both),
    ]
    with st.container(horizontal=True, vertical_alignment="center", key="extremes"):
        st.markdown(":small[Worth a look:]", width="content")
        for words, values in found:
            at_hand = values[[view.can_show(name) for name in values.index]]
            if not at_hand.empty:
                link(view, at_hand.idxmax(), f"{words}: {at_hand.idxmax()}")


def link(view: ScoreView, sequence: str, label: str) -> None:
    """Opens `sequence` in Compare, with what was measured."""
    st.page_link(
        COMPARE,
        label=plain(label),
        icon=":material/compare:",
        query_params=view.link_to(sequence),
    )


def show_rows(view: ScoreView) -> None:
    """A row a sequence, sortable; the selected one can be opened in Compare."""
    rows = row_table(view)
    st.markdown(f"**Every sequence as a row** ({len(rows)})")
    number = st.column_config.NumberColumn(format=f"%.{view.quantity.digits}f")
    numeric = [column for column in rows if rows[column].dtype.kind == "f"]
    event = st.dataframe(
        rows,
        # A selection is the number of a row, and lives as long as its key: other rows, another key.
        key=f"score_rows_{hash(tuple(rows.index))}",
        height=420,
        on_select="rerun",
        selection_mode="single-row",
        column_config={column: number for column in numeric},
        placeholder="–",
        alt=f"{view.quantity.metric} of {len(rows)} sequences, a column a model.",
    )
    if not event.selection.rows:
        st.caption("Click a column's name to sort. Select a row to open its sequence in Compare.")
        return
    sequence = rows.index[event.selection.rows[0]]
    if view.can_show(sequence):
        link(view, sequence, f"Open {sequence} in Compare")
    else:
        st.info(why_not(view, sequence), icon=":material/visibility_off:")


def row_table(view: ScoreView) -> pd.DataFrame:
    """The rows that people see: scores, the difference, and whether Compare can show them."""
    names = view.table.index
    rows = view.table.rename(columns={name: view.looks[name].label for name in view.table})
    rows.insert(0, "A − B", view.difference.reindex(names))
    rows["Title"] = [view.titles.get(name, "") for name in names]
    absent = "not at hand" if view.query else "no weights"
    rows["In Compare"] = ["yes" if view.can_show(name) else absent for name in names]
    if not any(rows["Title"]):
        del rows["Title"]
    return rows.sort_values("A − B", ascending=view.quantity.sign < 0)


def why_not(view: ScoreView, sequence: str) -> str:
    """Why Compare can't show `sequence`."""
    if view.query is None:
        return "The weights of neither model are here, so there is nothing to imagine with."
    return (
        f"{plain(sequence)} is not among the sequences that this app has at hand, so there is "
        f"nothing to look at. {TO_SEE_ALL}"
    )
