"""Steer: the arm under the user's hand, and what the models imagine that its camera would see."""

from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from demo.appearance import looks
from demo.commands import MOST, Told, read, write
from demo.components.steering_wheel import steering_wheel
from demo.driven import Driven, all_actions
from demo.formatting import count
from demo.loading import Data, Model, find_data, open_sequences
from demo.rides import Start, ride
from demo.showing import can_load, errors_in_place, look_around
from demo.simulator import would_have_happened
from demo.steering_choice import check_choices, choose, that_listen
from demo.turns import in_turn
from demo.wishes import granted

WHEEL = "wheel"


def show_page() -> None:
    st.title("Where will you send the arm?", anchor=False)
    st.markdown(
        "The first frames are real. From there on **you** command the arm, and the models imagine "
        "what its camera would see: no recording has it."
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
    choice = choose(able, sequences)
    start = choice.start
    if not choice.models:
        st.info("Choose a model above to see what it imagines.", icon=":material/arrow_upward:")
        return
    told, look = read(keep(st.query_params.get("told"))), looks(models)
    note = st.empty()
    working = [model for model in choice.models if can_load(model, start.device)]
    if not working:
        return
    rides = [
        (one, look[one.name], ride(one, start, told, partial(in_turn, note))) for one in working
    ]
    driven = Driven(start, told, rides, simulated(start, told, note) if choice.simulate else None)
    steering_wheel(
        driven,
        WHEEL,
        answered=st.session_state.get("answered", 0),
        on_wish=partial(grant, driven),
    )
    st.caption(say_what_is_told(driven))
    if told:
        offer(driven, data)


def simulated(start: Start, told: Told, note: DeltaGenerator) -> np.ndarray | None:
    """What would have happened; None, and in place why, where the simulator can't tell."""
    with errors_in_place():
        return would_have_happened(start.sequence, all_actions(start, told), partial(in_turn, note))
    return None


def offer(driven: Driven, data: Data) -> None:
    """The ride as files, and as code."""
    name = driven.name
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


def grant(driven: Driven) -> None:
    """Put into the URL what the arm is told now."""
    wish, (_, _, first) = st.session_state[WHEEL].wish, driven.rides[0]
    told = granted(wish, driven.told, driven.start, first.places)
    st.session_state["answered"] = st.session_state.get("answered", 0) + 1
    st.session_state["told"] = write(told)
    st.query_params.pop("told", None)  # put there again as it is now


def keep(asked: str | None) -> str:
    """The ride that the address asks for, or else the last one of this visit, which it then holds.

    So a ride is still there when its page is come back to.
    """
    told = st.session_state.get("told", "") if asked is None else asked
    if told and asked is None:
        st.query_params["told"] = told
    st.session_state["told"] = told
    return told


def say_what_is_told(driven: Driven) -> str:
    if len(driven.told) >= MOST:
        return f"{MOST} frames are commanded, which is as far as a ride goes: take some back."
    return (
        f"{count(driven.frames - driven.start.given, 'frame')} imagined; a command is held for "
        "two, as in the recordings. The models were trained on ten frames at a time: what comes "
        "later is ever less sure. Nobody tells them where the arm is: its place follows from the "
        "commands. The link in the address bar holds the ride."
    )


show_page()
