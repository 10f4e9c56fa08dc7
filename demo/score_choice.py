"""Which scores are compared: widgets bound to the URL, so that a link shows the same."""

from dataclasses import dataclass

import streamlit as st

from cvae.evaluation.columns import MEASURED
from demo.formatting import plain
from demo.links import among, check_link
from demo.score_origin import Origin
from demo.scores import BEST, COPY_LAST, Quantity, ScoresByModel, offered
from demo.state import HORIZONS, MAX_SAMPLES, METRICS, STATES

STORED, HERE = "stored", "measured here"
ORIGIN = "numbers"  # the key of the choice between the two


@dataclass(frozen=True)
class ScoreChoice:
    """one, other: the columns that are compared, names of models or COPY_LAST."""

    quantity: Quantity
    one: str
    other: str


def choose_origin(stored: Origin, here: Origin | None) -> Origin | None:
    """A choice only where there are both; None where there is neither."""
    if stored.scores and here:
        st.session_state.setdefault(ORIGIN, STORED)
        chosen = st.segmented_control("Numbers", [STORED, HERE], required=True, key=ORIGIN)
        return here if chosen == HERE else stored
    return stored if stored.scores else here


def choose_scores(scores: ScoresByModel) -> ScoreChoice:
    """Draw the controls for `scores` (not empty); returns what is chosen."""
    protocols, variants, metrics = offered(scores)
    columns, second = [*scores, COPY_LAST], _first_partner(scores)
    check_link(
        [
            among("a", columns, "evaluated model", columns[0]),
            among("b", columns, "evaluated model", second),
            among("score", metrics, "metric", metrics[0]),
            among("variant", variants, "kind of prediction", variants[0]),
            among("protocol", protocols, "protocol", protocols[0]),
        ]
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="score_controls"):
        one = _choose("Model A", "a", columns, 0)
        other = _choose("Model B", "b", columns, columns.index(second))
        metric = _choose(
            "Metric",
            "score",
            metrics,
            0,
            help="\n\n".join(f"**{plain(name)}**: {MEASURED[name].about}" for name in metrics),
        )
        variant = _choose(
            "Prediction",
            "variant",
            variants,
            0,
            help="**one sample**: z drawn once. **prior mean**: z at the prior's mean, no draw. "
            "**best of N**: of N samples the nearest to the truth, which nobody could pick "
            "beforehand.",
        )
        protocol = _choose(
            "Protocol",
            "protocol",
            protocols,
            0,
            help="How many frames are given and predicted, and where the arm's positions come "
            "from. Numbers of two protocols can't be compared.",
        )
    return ScoreChoice(Quantity(metric, protocol, variant), one, other)


def _choose(label: str, key: str, options: list[str], index: int, help: str | None = None) -> str:
    return st.selectbox(
        label, options, index=index, key=key, bind="query-params", help=help, width=190
    )


def _first_partner(scores: ScoresByModel) -> str:
    """The first model measured on sequences of the first model, else COPY_LAST."""
    first, *others = scores
    known = set(scores[first]["sequence"])
    for name in others:
        if not known.isdisjoint(scores[name]["sequence"]):
            return name
    return COPY_LAST


def compare_query(choice: ScoreChoice, samples: int, able: list[str]) -> dict[str, str | list[str]]:
    """What the URL of Compare says to show what was measured; what it can't show is left out.

    able: names of the models that predict.
    """
    from cvae.evaluation.protocol import PROTOCOLS

    quantity, protocol = choice.quantity, PROTOCOLS[choice.quantity.protocol]
    query: dict[str, str | list[str]] = {
        "models": [name for name in (choice.one, choice.other) if name in able]
    }
    if protocol.states in STATES:
        query["states"] = protocol.states
    if protocol.horizon in HORIZONS:
        query["horizon"] = str(protocol.horizon)
    if quantity.variant == BEST:
        query["samples"] = str(min(samples, MAX_SAMPLES))
    if quantity.metric in METRICS:
        query["metric"] = quantity.metric
    return query
