"""Which scores are compared: widgets bound to the URL, so that a link shows the same."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from cvae.evaluation import rows
from cvae.evaluation.columns import MEASURED
from demo.formatting import plain
from demo.frame_metrics import OF_ALL, OF_MASKED
from demo.links import BOUND, among, check_link
from demo.loading import DRAWN, PRIOR_MEAN, TOLD, Model
from demo.score_origin import Origin
from demo.score_tasks import measured_alike
from demo.scores import Quantity, offered
from demo.state import MAX_SAMPLES, ROLLED_OUT, STATES

if TYPE_CHECKING:
    from cvae.evaluation.protocol import Protocol

STORED, HERE = "stored", "measured here"
ORIGIN = "numbers"  # the key of the choice between the two
# What a variant is called on Compare, where the choice is where z comes from.
LATENTS = {
    rows.ONE_SAMPLE: DRAWN,
    rows.BEST: DRAWN,
    rows.PRIOR_MEAN: PRIOR_MEAN,
    rows.POSTERIOR: TOLD,
}

ABOUT_VARIANTS = (
    "**one sample**: z drawn from the prior; the mean over the N samples that were measured, which "
    "is what one draw is expected to have. **best of N**: of these the nearest to the truth, which "
    "nobody could pick beforehand; the larger N, the better it is. On Compare, z of both is called "
    f"*{DRAWN}*. **prior mean**, there *{PRIOR_MEAN}*: z in the middle of what the prior expects, "
    f"no draw. **posterior reference**, there *{TOLD}*: z from the posterior, which sees the true "
    "frames, so no prediction."
)


@dataclass(frozen=True)
class ScoreChoice:
    """one, other: the columns that are compared, names of models or COPY_LAST."""

    quantity: Quantity
    one: str
    other: str

    @property
    def first(self) -> str:
        """The first of the two that is a model; COPY_LAST where neither is."""
        return self.other if self.one == rows.COPY_LAST else self.one


def choose_origin(stored: Origin, here: Origin | None) -> Origin | None:
    """A choice only where there are both; None where there is neither."""
    if stored.scores and here:
        st.session_state.setdefault(ORIGIN, STORED)
        chosen = st.segmented_control("Numbers", [STORED, HERE], required=True, key=ORIGIN)
        return here if chosen == HERE else stored
    return stored if stored.scores else here


def choose_scores(origin: Origin) -> ScoreChoice:
    """Draw the controls for scores, of which there are some; returns what is chosen."""
    protocols, variants, metrics = offered(origin.scores)
    columns = [*origin.scores, rows.COPY_LAST]
    second = _first_partner(origin, Quantity(metrics[0], protocols[0], variants[0]))
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
    if variant == rows.POSTERIOR:
        st.caption("A reference, not a prediction: z is told of the true frames.")
    return ScoreChoice(Quantity(metric, protocol, variant), one, other)


def _choose(label: str, key: str, options: list[str], index: int, help: str | None = None) -> str:
    return st.selectbox(label, options, index=index, key=key, bind=BOUND, help=help, width=190)


def _first_partner(origin: Origin, quantity: Quantity) -> str:
    """The first of the other models that was measured as the first one was, else COPY_LAST."""
    first = next(iter(origin.scores))
    alike = measured_alike(origin, quantity, first).models
    measured = [n for n in alike if n != first and (n, quantity.protocol) in origin.measured]
    return next(iter(measured), rows.COPY_LAST)


def compare_query(
    choice: ScoreChoice, samples: int, able: list[Model]
) -> dict[str, str | list[str]] | None:
    """What the URL of Compare says to show what was measured, or what comes nearest to it.

    It names all that matters: what it left out would stay as it was at the last visit there.
    samples: that were measured. able: models that predict; None where neither of the two does.
    """
    from cvae.evaluation.protocol import PROTOCOLS

    quantity, protocol = choice.quantity, PROTOCOLS[choice.quantity.protocol]
    shown = _shown(choice, able)
    if not shown:
        return None
    return {
        "models": [model.name for model in shown],
        "seed": "0",
        "samples": str(min(samples, MAX_SAMPLES)) if quantity.variant == rows.BEST else "1",
        "horizon": str(_horizon(protocol, shown)),
        "states": protocol.states if protocol.states in STATES else ROLLED_OUT,
        "latent": LATENTS[quantity.variant],
        "metric": quantity.metric if quantity.metric in OF_MASKED else OF_ALL[0],
    }


def otherwise_in_compare(choice: ScoreChoice, samples: int, able: list[Model]) -> str:
    """What Compare shows otherwise than it was measured, in sentences; "" where nothing is.

    As `compare_query`; "" where neither of the two predicts.
    """
    from cvae.evaluation.protocol import PROTOCOLS

    quantity, protocol = choice.quantity, PROTOCOLS[choice.quantity.protocol]
    shown = _shown(choice, able)
    if not shown:
        return ""
    given = sorted({model.n_past for model in shown})
    said = _otherwise_drawn(quantity.variant, samples)
    if given != [protocol.context]:
        said.append(
            f"Compare predicts {_horizon(protocol, shown)} frames from "
            f"{' or '.join(map(str, given))}; {protocol.name} is {protocol.horizon} from "
            f"{protocol.context}."
        )
    if protocol.states not in STATES:
        said.append(f"There the states are {ROLLED_OUT}, here {protocol.states}.")
    if quantity.metric not in OF_MASKED:
        said.append(f"There it is {OF_ALL[0]} that is shown: {quantity.metric} is not measured.")
    known = {model.name for model in shown} | {rows.COPY_LAST}
    if without := [name for name in (choice.one, choice.other) if name not in known]:
        said.append(f"{without[0]} has no weights here, and is left out there.")
    return " ".join(said)


def _shown(choice: ScoreChoice, able: list[Model]) -> list[Model]:
    """The two models, as far as Compare can show them, in the order of the choice."""
    models = {model.name: model for model in able}
    return [models[name] for name in (choice.one, choice.other) if name in models]


def _horizon(protocol: "Protocol", shown: list[Model]) -> int:
    """How far the models look ahead to end at the protocol's last frame."""
    return max(1, protocol.length - max(model.n_past for model in shown))


def _otherwise_drawn(variant: str, samples: int) -> list[str]:
    """Of which samples the number is, and which one is on view in Compare."""
    if samples == 1:
        return []
    if variant == rows.ONE_SAMPLE:
        return [
            f"A score here is the mean over {samples} samples; Compare draws the first of them."
        ]
    if variant != rows.BEST:
        return []
    if samples > MAX_SAMPLES:
        return [
            f"A score here is that of the best of {samples} samples; Compare draws the first "
            f"{MAX_SAMPLES}, which need not have it among them, and opens on sample 1."
        ]
    return [
        f"A score here is that of the best of {samples} samples; Compare draws all of them and "
        "opens on sample 1. The best is marked in the grid below the player."
    ]
