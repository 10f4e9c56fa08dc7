"""What the latent of a model does: a dimension to walk, and what is held of it."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cvae.errors import InputError
from demo.appearance import Look, looks
from demo.belief_figures import belief_figure, describe_beliefs, describe_kl, kl_by_step
from demo.chart_config import chart_config
from demo.components.latent_walk import Walk, latent_walk
from demo.formatting import plain
from demo.gallery import first_sequence
from demo.kept import Kept
from demo.links import BOUND, among, check_link, put_into_link
from demo.loading import (
    Data,
    Model,
    devices,
    find_data,
    load_predictor,
    open_sequences,
    that_predict,
)
from demo.showing import errors_in_place, look_around
from demo.turns import in_turn

if TYPE_CHECKING:
    from cvae.inference.latent import Beliefs

SIGMAS = [step / 2 for step in range(-6, 7)]  # a normal prior draws beyond 3 once in 370 times
MOST_BELIEFS, MOST_WALKS = 128, 32  # that are kept; a walk takes some 5 MB
MOST_COMPARED = 4  # models in the chart of the KL; each takes a pass over the sequence


@st.cache_resource(show_spinner=False)
def kept_beliefs() -> "Kept[Beliefs]":
    """Those of this server."""
    return Kept(MOST_BELIEFS)


@st.cache_resource(show_spinner=False)
def kept_walks() -> Kept[np.ndarray]:
    """Those of this server."""
    return Kept(MOST_WALKS)


def find_beliefs(model: Model, data: Data, sequence: str) -> "Beliefs":
    """Posterior and prior of `model` at every step of the sequence; InputError if too short."""
    from cvae.inference.latent import beliefs

    def compute() -> "Beliefs":
        return beliefs(load_predictor(model, devices()[0]), open_sequences(data).by_name(sequence))

    return kept_beliefs().get_or_compute((model, data, sequence), compute, _in_turn)


def find_walk(model: Model, data: Data, sequence: str, dimension: int) -> np.ndarray:
    """Predictions uint8 (len(SIGMAS), T, H, W, 3) with the dimension at each of SIGMAS."""
    from cvae.inference.latent import walk

    def compute() -> np.ndarray:
        recorded = open_sequences(data).by_name(sequence)
        return walk(load_predictor(model, devices()[0]), recorded, dimension, SIGMAS)

    return kept_walks().get_or_compute((model, data, sequence, dimension), compute, _in_turn)


def _in_turn() -> AbstractContextManager[None]:
    return in_turn(st.empty())


def show_latent() -> None:
    """The controls, the walk, and the charts of posterior against prior."""
    with errors_in_place():
        settings, models = look_around("Starting PyTorch and looking for models …")
        if models:
            data = find_data(settings.data)
            model, sequence, dimension = choose(that_predict(models), data)
            show_walk(models, model, data, sequence, dimension)


def choose(models: list[Model], data: Data) -> tuple[Model, str, int]:
    """The controls: a model, the name of a sequence, and a dimension of z."""
    names = open_sequences(data).names
    first = first_sequence(open_sequences(data))
    check_link(
        [
            among("model", [model.name for model in models], "model", models[0].name),
            among("sequence", names, "sequence", first),
        ]
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = _choose_model(models)
        sequence = st.selectbox(
            "Sequence",
            names,
            index=names.index(first),
            key="sequence",
            bind=BOUND,
            width=260,
        )
        held = find_beliefs(model, data, sequence)
        return model, sequence, _choose_dimension(held)


def show_walk(models: list[Model], model: Model, data: Data, sequence: str, dimension: int) -> None:
    """The walk along `dimension` of `model`, and the beliefs of all `models` below."""
    frames = find_walk(model, data, sequence, dimension)
    from cvae.training.progress import ACTIVE_NATS

    look = looks(models)
    recorded = open_sequences(data).by_name(sequence).frames[model.n_past :][: frames.shape[1]]
    name = f"{sequence} {model.name} {dimension}"
    walked = Walk(frames, recorded, SIGMAS, model.n_past, dimension, name)
    latent_walk(walked, look[model.name].colour)
    held = find_beliefs(model, data, sequence)
    if held.kl.mean(0)[dimension] < ACTIVE_NATS:
        st.info(
            f"This dimension is not active (less than {ACTIVE_NATS} nats a frame): the posterior "
            "leaves it where the prior has it, and the decoder has learned nothing from it."
        )
    others = [other for other in models if other != model][: MOST_COMPARED - 1]
    compared = [other for other in models if other == model or other in others]
    show_beliefs(held, dimension, look[model.name], _all_beliefs(compared, look, data, sequence))


def show_beliefs(
    held: "Beliefs", dimension: int, look: Look, compared: list[tuple[Look, "Beliefs"]]
) -> None:
    """KL of each step for all models, and both Gaussians of the dimension that is walked."""
    paid, gaussians = st.columns(2, gap="large")
    with paid:
        st.subheader("KL of every step, nats", anchor=False)
        st.plotly_chart(
            kl_by_step(compared),
            key="kl_by_step",
            alt=describe_kl(compared),
            config=chart_config("kl_of_every_step"),
        )
        st.caption(
            "KL(posterior ‖ prior): what the true frame told that the prior had not foreseen. A "
            "learned prior that foresees well makes it small where a fixed one can't."
        )
    with gaussians:
        st.subheader(f"z{dimension} of {plain(look.label)}: prior and posterior", anchor=False)
        st.plotly_chart(
            belief_figure(held, dimension, look),
            key="beliefs",
            alt=describe_beliefs(held, dimension),
            config=chart_config(f"prior_and_posterior_z{dimension}_{look.label}"),
        )
        st.caption(
            "Means, and two standard deviations around them. The given frames come first; a "
            "prediction of the later ones draws from the prior, for there is no true frame to look "
            "at."
        )


def _all_beliefs(
    models: list[Model], look: dict[str, Look], data: Data, sequence: str
) -> list[tuple[Look, "Beliefs"]]:
    """Those of the models that can be loaded; the other pages say why one can't."""
    found = []
    for model in models:
        try:
            found.append((look[model.name], find_beliefs(model, data, sequence)))
        except InputError:
            continue
    return found


def _choose_model(models: list[Model]) -> Model:
    found = {model.name: model for model in models}
    name = st.selectbox("Model", list(found), key="model", bind=BOUND, width=220)
    return found[name]


def _choose_dimension(held: "Beliefs") -> int:
    """A dimension of z, by its rank: another model's most active one is another."""
    order, nats = held.by_activity(), held.kl.mean(0)
    asked = st.query_params.get("rank", "1")
    known = asked.isascii() and asked.isdecimal() and len(asked) < 6
    # A bound widget would put the whole label into the URL. What is chosen goes there first, so
    # that it is the URL which says what is shown, also when Back changes it.
    st.session_state["rank"] = min(max(int(asked), 1), len(order)) if known else 1
    _link_rank()
    rank = st.selectbox(
        "Dimension, most active first",
        range(1, len(order) + 1),
        format_func=lambda rank: f"z{order[rank - 1]} · {nats[order[rank - 1]]:.3f} nats a frame",
        key="rank",
        on_change=_link_rank,
        width=260,
    )
    return order[rank - 1]


def _link_rank() -> None:
    """Put the chosen rank into the URL, which needs not say that it is the first."""
    rank = st.session_state["rank"]
    put_into_link("rank", [str(rank)] if rank > 1 else [])
