"""What the user chose. The URL holds every choice, so that a link shows the same.

Most choices are widgets bound to it; what is chosen in the player is put there by itself.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from cvae.data.bundle import SequenceSource
from demo.components.frame_player.link import asked_of_player
from demo.frame_metrics import OF_ALL, OF_MASKED
from demo.gallery import ORDERS, first_sequence
from demo.horizons import asked_horizon, choose_horizon
from demo.links import BOUND, among, check_link, put_into_link, whole_number
from demo.loading import DRAWN, PRIOR_MEAN, TOLD, LatentSource, Model, Setup, devices

if TYPE_CHECKING:
    from cvae.inference.predictor import States

SHOWN_AT_ONCE = 2  # models, until others are chosen
NARROW = 232  # pixels, so that all controls stand in one row on a screen of 1440
MAX_SEED = 999_999
MAX_SAMPLES = 20  # as many as the bundled models were measured with
ROLLED_OUT: "States" = "rolled out"
STATES: "list[States]" = ["given", ROLLED_OUT]
LATENTS = [DRAWN, PRIOR_MEAN, TOLD]
ABOUT_LATENTS = (
    "**drawn** from the prior, by the seed; on *Test set*: *one sample*, *best of N*. **prior's "
    "mean**, there *prior mean*: the middle of what the prior expects, no draw. **told the "
    "truth**, there *posterior reference*: from the posterior, which sees each true frame. That "
    "is a reference, not a prediction: what it has ahead of the others, the prior does not know."
)
KINDS = (
    "**fixed**: z is drawn from N(0, I). **learned**: from a Gaussian that the model foresees from "
    "the past frames and commands. **cyclical**: trained with a KL weight that falls to zero again "
    "and again. **without actions**: told frames only. More on *How it works*."
)
# What a page keeps of the address that it was opened at.
OF_THE_LINK = ("link_complaints", "start_frame", "ride_is_here")


@dataclass(frozen=True)
class Choice:
    """models: in the order in which they were found, whatever the order of choosing."""

    models: list[Model]
    setup: Setup


def enter_page(page: str) -> None:
    """To be called before the page at the path `page` runs: the address wins over the last visit.

    Streamlit keeps the values of bound widgets from page to page, and prefers them to an address
    that asks for a default.
    """
    if st.session_state.get("page") == page:
        return
    for key in set(st.session_state) & {*st.query_params, *OF_THE_LINK}:
        del st.session_state[key]
    st.session_state["page"] = page


def check_choices(sequences: SequenceSource, models: list[Model]) -> None:
    """Say what the link asks for in vain; to be called before any control is drawn."""
    first, names = first_sequence(sequences), [model.name for model in models]
    check_link(
        [
            among("sequence", sequences.names, "test sequence", first),
            among("models", names, "model", ", ".join(names[:SHOWN_AT_ONCE]), none=True),
            whole_number("seed", 0, MAX_SEED, 0),
            whole_number("samples", 1, MAX_SAMPLES, 1),
            whole_number("frame", 0, sequences.length - 1, 0),
            whole_number("picked", 1, MAX_SAMPLES, 1),
            asked_horizon(sequences, models),
            among("states", STATES, "kind of states", STATES[0]),
            among("device", devices(), "device", devices()[0]),
            among("order", ORDERS, "order", ORDERS[0]),
            among("metric", OF_MASKED if sequences.has_masks else OF_ALL, "metric", OF_ALL[0]),
            among("latent", LATENTS, "source of z", DRAWN),
            *asked_of_player(names),
        ]
    )


def choose(sequences: SequenceSource, models: list[Model]) -> Choice:
    """Draw the controls of what predicts, and how; returns what is chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        chosen = choose_models(models, "models", width=NARROW)
        return Choice(chosen, _choose_setup(sequences, models))


def choose_models(
    models: list[Model], key: str, explain: str = "", width: int = 480
) -> list[Model]:
    """The field that chooses some of `models`, named `key` in the URL.

    explain: what its help says beside what the kinds of models are.
    """
    names = [model.name for model in models]
    chosen = st.multiselect(
        "Models",
        names,
        default=names[:SHOWN_AT_ONCE],
        key=key,
        bind=BOUND,
        width=width,
        placeholder="Choose one or more",
        help=f"{explain} {KINDS}".strip(),
    )
    return [model for model in models if model.name in chosen]


def start_frame() -> int | None:
    """The frame that the link opens on, or None to play; the same until the page is left."""
    if "start_frame" not in st.session_state:
        asked = st.query_params.get("frame")
        st.session_state["start_frame"] = None if asked is None else int(asked)
    return st.session_state["start_frame"]


def start_samples() -> list[int]:
    """Numbers (from 0) of the samples that the link asks for, a model each, also after Back."""
    return [int(number) - 1 for number in st.query_params.get_all("picked")]


def chosen_metric() -> str:
    return st.query_params.get("metric", OF_ALL[0])


def follow_player(asked: dict) -> None:
    """Put into the URL what was chosen in the player: its samples and metric."""
    picked, metric = asked.get("picked"), asked.get("metric")
    if isinstance(picked, list) and all(type(n) is int and 0 <= n < MAX_SAMPLES for n in picked):
        put_into_link("picked", [str(number + 1) for number in picked] if any(picked) else [])
    if metric in OF_MASKED:
        put_into_link("metric", [] if metric == OF_ALL[0] else [metric])


def _choose_setup(sequences: SequenceSource, models: list[Model]) -> Setup:
    latent = _choose_latent()
    return Setup(
        latent=latent,
        seed=choose_seed(drawn=latent == DRAWN),
        samples=_choose_samples(drawn=latent == DRAWN),
        horizon=choose_horizon(sequences, models),
        states=st.segmented_control(
            "Arm positions",
            STATES,
            default=STATES[0],
            required=True,
            key="states",
            bind=BOUND,
            help="Beyond the given frames the model is told the recorded positions (given), or "
            "those that follow from the actions (rolled out), as a robot would know them.",
        ),
        device=choose_device(),
    )


def _choose_latent() -> LatentSource:
    return st.segmented_control(
        "Where z comes from",
        LATENTS,
        default=DRAWN,
        required=True,
        key="latent",
        bind=BOUND,
        help=ABOUT_LATENTS,
    )


def _choose_samples(drawn: bool) -> int:
    """The field of the number of samples; one where z is not drawn, whatever stands there."""
    samples = st.number_input(
        "Samples",
        min_value=1,
        max_value=MAX_SAMPLES,
        value=1,
        key="samples",
        bind=BOUND,
        width=92,
        disabled=not drawn,
        help="Different futures a model. With several, the chart shows their range and mean, and "
        "all of them play below. Only z that is drawn makes them differ: else there is one.",
    )
    return samples if drawn else 1


def choose_seed(drawn: bool = True) -> int:
    """The field of the seed, and the button that draws another; of use where z is drawn."""
    seed = st.number_input(
        "Seed",
        min_value=0,
        max_value=MAX_SEED,
        value=0,
        step=1,
        key="seed",
        bind=BOUND,
        width=130,
        disabled=not drawn,
        help="Draws the latents. The same seed draws the same noise on every machine; frames then "
        "agree up to rounding.",
    )
    st.button(
        "New sample",
        icon=":material/casino:",
        on_click=next_seed,
        key="sample",
        disabled=not drawn,
    )
    return seed


def choose_device() -> str:
    """The GPU where there is one, else the CPU; asked for only where there is a choice."""
    there = devices()
    if len(there) == 1:
        return there[0]
    return st.segmented_control(
        "Device", there, default=there[0], required=True, key="device", bind=BOUND
    )


def next_seed() -> None:
    """Another draw of the latents."""
    st.session_state["seed"] = (st.session_state["seed"] + 1) % (MAX_SEED + 1)
