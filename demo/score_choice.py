"""Which scores are compared: widgets bound to the URL, so that a link shows the same."""

from dataclasses import dataclass

import streamlit as st

from cvae.evaluation.columns import MEASURED
from cvae.evaluation.rows import BEST, COPY_LAST, POSTERIOR, PRIOR_MEAN
from demo.formatting import plain
from demo.frame_metrics import OF_ALL, OF_MASKED
from demo.links import BOUND, among, check_link
from demo.loading import DRAWN, TOLD, Model
from demo.loading import PRIOR_MEAN as MEAN
from demo.score_origin import Origin
from demo.scores import Quantity, ScoresByModel, offered
from demo.state import HORIZONS, MAX_SAMPLES, ROLLED_OUT, STATES

STORED, HERE = "stored", "measured here"
ORIGIN = "numbers"  # the key of the choice between the two
LATENTS = {PRIOR_MEAN: MEAN, POSTERIOR: TOLD}  # where z comes from there, if not drawn

ABOUT_VARIANTS = (
    "**one sample**: z drawn once. **prior mean**: z at the prior's mean, no draw. **best of N**: "
    "of N samples the nearest to the truth, which nobody could pick beforehand. **posterior "
    "reference**: z told the truth, so no prediction."
)


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
        variant = _choose("Prediction", "variant", variants, 0, help=ABOUT_VARIANTS)
        protocol = _choose(
            "Protocol",
            "protocol",
            protocols,
            0,
            help="How many frames are given and predicted, and where the arm's positions come "
            "from. Numbers of two protocols can't be compared.",
        )
    if variant == POSTERIOR:
        st.caption("A reference, not a prediction: z is told of the true frames.")
    return ScoreChoice(Quantity(metric, protocol, variant), one, other)


def _choose(label: str, key: str, options: list[str], index: int, help: str | None = None) -> str:
    return st.selectbox(label, options, index=index, key=key, bind=BOUND, help=help, width=190)


def _first_partner(scores: ScoresByModel) -> str:
    """The first model measured on sequences of the first model, else COPY_LAST."""
    first, *others = scores
    known = set(scores[first]["sequence"])
    for name in others:
        if not known.isdisjoint(scores[name]["sequence"]):
            return name
    return COPY_LAST


def compare_query(
    choice: ScoreChoice, samples: int, able: list[str]
) -> dict[str, str | list[str]] | None:
    """What the URL of Compare says to show what was measured, or what comes nearest to it.

    It names all that matters: what it left out would stay as it was at the last visit there.
    able: names of the models that predict; None where neither of the two does.
    """
    from cvae.evaluation.protocol import PROTOCOLS

    quantity, protocol = choice.quantity, PROTOCOLS[choice.quantity.protocol]
    models = [name for name in (choice.one, choice.other) if name in able]
    if not models:
        return None
    return {
        "models": models,
        "seed": "0",
        "samples": str(min(samples, MAX_SAMPLES)) if quantity.variant == BEST else "1",
        "horizon": str(protocol.horizon if protocol.horizon in HORIZONS else HORIZONS[0]),
        "states": protocol.states if protocol.states in STATES else ROLLED_OUT,
        "latent": LATENTS.get(quantity.variant, DRAWN),
        "metric": quantity.metric if quantity.metric in OF_MASKED else OF_ALL[0],
    }


def otherwise_in_compare(choice: ScoreChoice, models: list[Model]) -> str:
    """What Compare shows otherwise than it was measured, in sentences; "" where nothing is.

    models: those that predict; "" where neither of the two does.
    """
    from cvae.evaluation.protocol import PROTOCOLS

    protocol = PROTOCOLS[choice.quantity.protocol]
    shown = {model.name: model for model in models if model.name in (choice.one, choice.other)}
    if not shown:
        return ""
    given = sorted({model.n_past for model in shown.values()})
    said = []
    if protocol.horizon not in HORIZONS or given != [protocol.context]:
        horizon = protocol.horizon if protocol.horizon in HORIZONS else HORIZONS[0]
        said.append(
            f"Compare predicts {horizon} frames from {' or '.join(map(str, given))}; "
            f"{protocol.name} is {protocol.horizon} from {protocol.context}."
        )
    if protocol.states not in STATES:
        said.append(f"There the states are {ROLLED_OUT}, here {protocol.states}.")
    without = [name for name in (choice.one, choice.other) if name not in (*shown, COPY_LAST)]
    if without:
        said.append(f"{without[0]} has no weights here, and is left out there.")
    return " ".join(said)
