"""The scores as people see them: who wins and how surely, charts, and a table to open rows from."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from demo.appearance import Look
from demo.chart_config import chart_config
from demo.formatting import plain
from demo.score_charts import Pair, difference_figure, spread_figure, versus_figure
from demo.scores import (
    PairedDifference,
    Quantity,
    difference_sentence,
    mean_in_words,
    paired_difference,
)

COMPARE = "views/compare.py"  # as the app's entry names it
METRIC_WIDTH = 210
TO_SEE_ALL = (
    "Start the app with `-- --data STORE` on the store that was evaluated to see all of its test "
    "sequences."
)


@dataclass(frozen=True)
class ScoreView:
    """One table of scores, and the two of its columns that are compared.

    table: a row a sequence, a column a model, COPY_LAST (where it was measured) the last.
    looks: by column. titles: of the sequences that the app has at hand, "" where one has no title.
    query: what the URL of Compare has to say to show what was measured, without the sequence; None
    where it can show neither of the two. otherwise: how that differs from what was measured.
    """

    table: pd.DataFrame
    quantity: Quantity
    one: str
    other: str
    looks: Mapping[str, Look]
    titles: Mapping[str, str]
    query: Mapping[str, str | list[str]] | None
    otherwise: str = ""

    @property
    def pair(self) -> Pair:
        return (self.one, self.looks[self.one]), (self.other, self.looks[self.other])

    @property
    def difference(self) -> pd.Series:
        """`one` minus `other` on the sequences that both were measured on, best of `one` first."""
        difference = (self.table[self.one] - self.table[self.other]).dropna()
        return difference.sort_values(ascending=self.quantity.sign < 0)

    @property
    def named(self) -> str:
        """What files are called that show it."""
        return f"{self.quantity.metric}_{self.one}-{self.other}"

    @property
    def all_at_hand(self) -> bool:
        """Whether Compare can show every sequence that was measured."""
        return all(self.can_show(sequence) for sequence in self.table.index)

    def can_show(self, sequence: str) -> bool:
        return self.query is not None and sequence in self.titles

    def link_to(self, sequence: str) -> dict[str, str | list[str]]:
        """What the URL of Compare says to show `sequence`, which it can."""
        return {"sequence": sequence, **(self.query or {})}


def show_scores(view: ScoreView) -> None:
    """Everything about `view`, from one sentence to a row a sequence."""
    difference = paired_difference(view.table[view.one], view.table[view.other], view.quantity)
    if difference is None:
        st.info("The two were measured on different sequences: there is nothing to compare.")
    else:
        show_summary(view, difference)
        show_charts(view, difference)
        show_extremes(view)
    show_rows(view)


def show_summary(view: ScoreView, difference: PairedDifference) -> None:
    """Who is better in one sentence, and the mean of each model."""
    (_, look), (_, other_look) = view.pair
    sentence = difference_sentence(difference, look.label, other_look.label, view.quantity)
    st.subheader(plain(sentence), anchor=False)
    with st.container(horizontal=True, key="score_means"):
        for column in view.table:
            st.metric(
                plain(view.looks[column].label),
                mean_in_words(view.table[column], view.quantity),
                width=METRIC_WIDTH,
            )
    st.caption(
        "Means over sequences with their 95 % intervals. The difference is taken sequence by "
        "sequence, so its interval is narrower than the two means suggest."
    )


def show_charts(view: ScoreView, difference: PairedDifference) -> None:
    """The two models against each other, each by itself, and their difference."""
    left, right = st.columns([1, 1], gap="large")
    (_, look), (_, other_look) = view.pair
    with left:
        st.markdown("**Every sequence: one model against the other**")
        shown = pd.Series([view.can_show(name) for name in view.table.index], view.table.index)
        event = st.plotly_chart(
            versus_figure(view.table, view.pair, shown, view.quantity),
            key="versus",
            on_select="rerun",
            selection_mode="points",
            config=chart_config(f"{view.named}_sequences"),
            alt=f"{view.quantity.metric} of {look.label} against {other_look.label}, a point a "
            f"sequence: {look.label} is better on {difference.wins}, {other_look.label} on "
            f"{difference.losses} of {difference.sequences}. The table below has the numbers.",
        )
        st.caption(
            "A point has the colour of the model that is better there; the dotted line is a tie. "
            + what_a_click_does(view)
        )
        if view.otherwise:
            st.caption(f":material/rule: {plain(view.otherwise)}")
        open_clicked(view, event.selection.points)
    with right:
        st.markdown("**How the scores are spread**")
        st.plotly_chart(
            spread_figure(view.table, view.looks, view.quantity),
            key="spread",
            config=chart_config(f"{view.named}_spread"),
            alt=spread_in_words(view),
        )
        st.markdown("**How the difference is spread**")
        st.plotly_chart(
            difference_figure(view.table, view.pair, view.quantity),
            key="difference",
            config=chart_config(f"{view.named}_difference"),
            alt=f"Histogram of {look.label} minus {other_look.label}: from "
            f"{view.quantity.words(view.difference.min())} to "
            f"{view.quantity.words(view.difference.max())}, median "
            f"{view.quantity.words(view.difference.median())}.",
        )


def what_a_click_does(view: ScoreView) -> str:
    """On a point; and what it takes to see those that can't be shown now."""
    if view.query is None:
        return "Compare can show none of them: the weights of neither model are here."
    if view.all_at_hand:
        return "Click a point to see it in Compare."
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
    found = {
        f"{look.label} ahead": lead[lead > 0],
        f"{other_look.label} ahead": -lead[lead < 0],
        f"Hardest{of_these}": -both,
        f"Easiest{of_these}": both,
    }
    with st.container(horizontal=True, vertical_alignment="center", key="extremes"):
        st.markdown(":small[Worth a look:]", width="content")
        for words, values in found.items():
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


def spread_in_words(view: ScoreView) -> str:
    """Median and range of each model, for people who can't see the chart."""
    parts = [
        f"{view.looks[column].label}: median {view.quantity.words(scores.median())}, from "
        f"{view.quantity.words(scores.min())} to {view.quantity.words(scores.max())}"
        for column, scores in view.table.items()
    ]
    return f"{view.quantity.metric} over sequences. " + "; ".join(parts) + "."


def why_not(view: ScoreView, sequence: str) -> str:
    """Why Compare can't show `sequence`."""
    if view.query is None:
        return "The weights of neither model are here, so there is nothing to imagine with."
    return (
        f"{plain(sequence)} is not among the sequences that this app has at hand, so there is "
        f"nothing to look at. {TO_SEE_ALL}"
    )
