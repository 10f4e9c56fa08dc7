"""Steer: the arm under the user's hand, and what the models imagine that its camera would see."""

from functools import partial

import streamlit as st

from cvae.data.bundle import SequenceSource
from cvae.errors import InputError
from demo.appearance import looks
from demo.commands import MOST, Told, read, write
from demo.components.steering_wheel import steering_wheel
from demo.driven import Driven
from demo.formatting import count
from demo.gallery import first_sequence
from demo.links import BOUND, Asked, among, check_link, whole_number
from demo.loading import Data, Model, devices, find_data, open_sequences, that_predict
from demo.rides import Start, ride
from demo.showing import can_load, errors_in_place, look_around
from demo.state import MAX_SEED, SHOWN_AT_ONCE, choose_device, choose_seed
from demo.turns import in_turn
from demo.wishes import granted

WHEEL = "wheel"


def show_page() -> None:
    st.title("Where will you send the arm?", anchor=False)
    st.markdown(
        "The first frames are real. From there on **you** command the arm, and the models imagine "
        "what its camera would see: no recording has it. What really happened stands beside it."
    )
    st.fragment(show_steering)()


def show_steering() -> None:
    """The controls, and the wheel."""
    with errors_in_place():
        settings, models = look_around("Starting PyTorch and looking for models …")
        if models:
            drive(models, find_data(settings.data))


def drive(models: list[Model], data: Data) -> None:
    able, sequences = that_listen(models), open_sequences(data)
    check_choices(sequences, able)
    chosen, start = choose(able, sequences)
    if not chosen:
        st.info("Choose a model above to see what it imagines.", icon=":material/arrow_upward:")
        return
    told, look = read(keep(st.query_params.get("told"))), looks(models)
    note = st.empty()
    working = [model for model in chosen if can_load(model, start.device)]
    if not working:
        return
    rides = [
        (one, look[one.name], ride(one, start, told, partial(in_turn, note))) for one in working
    ]
    driven = Driven(start, told, rides)
    steering_wheel(
        driven,
        WHEEL,
        answered=st.session_state.get("answered", 0),
        on_wish=partial(grant, driven),
    )
    st.caption(say_what_is_told(told))
    if told:
        offer(driven, data)


def offer(driven: Driven, data: Data) -> None:
    """The ride as files, and as code."""
    name = driven.start.sequence.name
    with st.container(horizontal=True, gap="small", key="exports"):
        for label, make, file, mime, icon in (
            ("GIF", driven.gif, f"{name}_steered.gif", "image/gif", "movie"),
            ("Commands as CSV", driven.table, f"{name}_steered.csv", "text/csv", "table"),
        ):
            st.download_button(
                label, make, file, mime, key=label, icon=f":material/{icon}:", on_click="ignore"
            )
    with st.expander("The same in Python"):
        st.code(driven.python(data), language="python")


def that_listen(models: list[Model]) -> list[Model]:
    """Those that are told actions. Raises InputError if there is none."""
    listening = [model for model in that_predict(models) if model.conditioned]
    if models and not listening:
        raise InputError("No model here is told actions, so that none can be steered: train one.")
    return listening


def check_choices(sequences: SequenceSource, models: list[Model]) -> None:
    names = [model.name for model in models]
    check_link(
        [
            among("sequence", sequences.names, "test sequence", first_sequence(sequences)),
            among("steered", names, "model", ", ".join(names[:SHOWN_AT_ONCE]), none=True),
            whole_number("seed", 0, MAX_SEED, 0),
            among("device", devices(), "device", devices()[0]),
            Asked("told", _can_be_read, f"give up to {MOST} commands, as the page does", "none"),
        ]
    )


def _can_be_read(text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def choose(models: list[Model], sequences: SequenceSource) -> tuple[list[Model], Start]:
    """The controls: which models are steered, from where, and with which latents."""
    names = [model.name for model in models]
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        chosen = st.multiselect(
            "Models",
            names,
            default=names[:SHOWN_AT_ONCE],
            key="steered",
            bind=BOUND,
            width=480,
            placeholder="Choose one or more",
            help="Those that are told actions; the others can't be steered.",
        )
        sequence = st.selectbox(
            "Begin with",
            sequences.names,
            index=sequences.names.index(first_sequence(sequences)),
            key="sequence",
            bind=BOUND,
            width=260,
        )
        seed, device = choose_seed(), choose_device()
    steered = [model for model in models if model.name in chosen]
    given = max((model.n_past for model in steered), default=1)
    return steered, Start(sequences.by_name(sequence), given, seed, device)


def grant(driven: Driven) -> None:
    """Put into the URL what the arm is told now."""
    wish, places = st.session_state[WHEEL].wish, driven.rides[0][-1].places
    told = granted(wish, driven.told, driven.start, places)
    st.session_state["answered"] = st.session_state.get("answered", 0) + 1
    st.session_state["told"] = write(told)
    st.query_params.pop("told", None)  # put there again as it is now


def keep(asked: str | None) -> str:
    """The ride that the address asks for, or else the last one of this visit, which it then holds.

    So a ride is still there when its page is come back to.
    """
    if asked is None and (asked := st.session_state.get("told")):
        st.query_params["told"] = asked
    st.session_state["told"] = asked or ""
    return st.session_state["told"]


def say_what_is_told(told: Told) -> str:
    if len(told) >= MOST:
        return f"{MOST} frames are imagined, which is as far as a ride goes: take some back."
    return (
        f"{count(len(told), 'frame')} imagined, up to {MOST}; a command is held for two, as in "
        "the recordings. The models were trained on ten frames at a time: what comes later is "
        "ever less sure. Nobody tells them where the arm is: its place follows from the commands. "
        "The link in the address bar holds the ride."
    )


show_page()
