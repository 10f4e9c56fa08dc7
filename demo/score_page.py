"""The scores as people see them: who wins and how surely, charts, and a table to open rows from."""

import pandas as pd
import streamlit as st

from demo.chart_config import chart_config
from demo.formatting import plain
from demo.score_charts import difference_figure, spread_figure, versus_figure
from demo.score_links import open_clicked, show_extremes, show_rows, what_a_click_does
from demo.score_steps import show_steps
from demo.score_view import ScoreView
from demo.scores import PairedDifference, difference_sentence, mean_in_words, paired_difference

METRIC_WIDTH = 210


def show_scores(view: ScoreView) -> None:
    """Everything about `view`, from one sentence to a row a sequence."""
    difference = paired_difference(view.table[view.one], view.table[view.other], view.quantity)
    if difference is None:
        st.info("The two were measured on different sequences: there is nothing to compare.")
    else:
        show_summary(view, difference)
        show_charts(view, difference)
        show_extremes(view)
        show_steps(view)
    show_rows(view)


def show_summary(view: ScoreView, difference: PairedDifference) -> None:
    """Who is better in one sentence, and the mean of each model."""
    (_, look), (_, other_look) = view.pair
    sentence = difference_sentence(difference, look.label, other_look.label, view.quantity)
    st.subheader(plain(sentence), anchor=False)
    with st.container(horizontal=True, key="score_means"):
        for column in view.table:
            st.metric(
                plain(view.looks[column].short),
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


def spread_in_words(view: ScoreView) -> str:
    """Median and range of each model, for people who can't see the chart."""
    parts = [
        f"{view.looks[column].label}: median {view.quantity.words(scores.median())}, from "
        f"{view.quantity.words(scores.min())} to {view.quantity.words(scores.max())}"
        for column, scores in view.table.items()
    ]
    return f"{view.quantity.metric} over sequences. " + "; ".join(parts) + "."
