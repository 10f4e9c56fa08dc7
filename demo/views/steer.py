"""Steer: the arm under the user's hand, and what the models imagine that its camera would see."""

from functools import partial

import streamlit as st

from cvae.data.sequence import Sequence
from demo.appearance import looks
from demo.commands import MOST, Told, read, write
from demo.components.steering_wheel import steering_wheel
from demo.driven import Driven, all_actions
from demo.foresight import offer_plan, show_aim
from demo.formatting import count, plain
from demo.loading import Data, Model, find_data, open_sequences
from demo.rides import Start, rides
from demo.showing import can_load, errors_in_place, look_around
from demo.simulator import can_rerun, has_mujoco, is_of_this_simulator, would_have_happened
from demo.steering_choice import can_be_read, check_choices, choose, that_listen
from demo.turns import in_turn
from demo.wishes import granted

WHEEL = "wheel"
AS_RECORDED = (
    "The arm is told what it was told in the recording, to a tenth of a millimetre: PSNR is "
    "against that. "
)


def show_page() -> None:
    st.title("Where will you send the arm?", anchor=False)
    st.markdown(
        "The models are given the first frames. From there on **you** command the arm, and they "
        "imagine what its camera would see: no recording has it."
    )
    with errors_in_place():
        settings, models = look_around("Starting PyTorch and looking for models …")
        if models:
            drive(models, find_data(settings.data))


def drive(models: list[Model], data: Data) -> None:
    """The controls, the wheel, and the ride to take away."""
    able, sequences = that_listen(models), open_sequences(data)
    check_choices(sequences, able)
    choice, look = choose(able, sequences), looks(models)
    if not choice.models:
        st.info("Choose a model above to see what it imagines.", icon=":material/arrow_upward:")
        return
    note = st.empty()
    with st.spinner("Loading the models …"):
        working = [model for model in choice.models if can_load(model, choice.device)]
    if not working:
        return
    given = max(model.n_past for model in working)
    start = Start(choice.sequence, given, choice.seed, choice.device)
    named = [(model, look[model.name]) for model in working]
    offer_plan(named, start, tell, can_rerun(sequences))
    told = told_now()
    ridden = rides(working, start, told, partial(in_turn, note))
    driving = [(*one, ride) for one, ride in zip(named, ridden, strict=True)]
    driven = Driven(start, told, driving, simulated(start, told) if choice.simulate else None)
    answered = st.session_state.setdefault("answered", 0)
    steering_wheel(driven, WHEEL, answered=answered, on_wish=partial(grant, driven))
    st.caption(say_what_is_told(driven))
    show_aim(driven, can_rerun(sequences))
    if is_of_this_simulator(sequences) and not has_mujoco():
        st.caption(
            "With MuJoCo (`pip install -r requirements-simulation.txt`) this page also shows what "
            "would have happened."
        )
    if told:
        offer(driven, data)


def simulated(start: Start, told: Told) -> Sequence | None:
    """What would have happened; None, and in place why, where the simulator can't tell."""
    actions = all_actions(start, told)
    if len(actions) < 2:
        return None  # nothing has happened yet
    with errors_in_place():
        return would_have_happened(start.sequence, actions)
    return None


def offer(driven: Driven, data: Data) -> None:
    """The ride as files, and as code."""
    with st.container(horizontal=True, gap="small", key="exports"):
        for label, make, suffix, mime, icon in (
            ("GIF", driven.gif, "gif", "image/gif", "movie"),
            ("Commands as CSV", driven.table, "csv", "text/csv", "table"),
        ):
            st.download_button(
                label,
                make,
                f"{driven.stem}_steered.{suffix}",
                mime,
                key=f"steered_{suffix}",
                icon=f":material/{icon}:",
                on_click="ignore",
            )
    first = driven.rides[0][1]
    with st.expander(f"The same in Python: {plain(first.label)}"):
        st.code(driven.python(data), language="python")


def grant(driven: Driven) -> None:
    """Put into the URL what the arm is told now; a wish of an earlier ride is let go."""
    wish, (_, _, first) = st.session_state[WHEEL].wish, driven.rides[0]
    if not isinstance(wish, dict) or wish.get("answered") != st.session_state["answered"]:
        return
    tell(granted(wish, driven.told, driven.start, first.places))


def tell(told: Told) -> None:
    """Put `told` into the URL; wishes that were made before it are let go."""
    st.session_state["answered"] = st.session_state.get("answered", 0) + 1
    st.session_state["told"] = write(told)
    if told:
        st.query_params["told"] = write(told)
    else:
        st.query_params.pop("told", None)


def told_now() -> Told:
    """The ride of the address; or the last one, where the page was just entered without any."""
    asked = st.query_params.get("told")
    if "ride_is_here" not in st.session_state and asked is None:
        asked = st.session_state.get("told")
        if asked:
            st.query_params["told"] = asked
    st.session_state["ride_is_here"] = True
    text = asked if asked and can_be_read(asked) else ""  # Back may bring what was refused before
    st.session_state["told"] = text
    return read(text)


def say_what_is_told(driven: Driven) -> str:
    if len(driven.told) >= MOST:
        return f"{MOST} frames are commanded, which is as far as a ride goes: take some back."
    told = AS_RECORDED if driven.told and driven.as_recorded and not driven.simulated else ""
    return (
        f"{told}{count(driven.frames - driven.start.given, 'frame')} imagined; a command is held "
        "for two, as in the recordings. The models were trained on ten frames at a time: what "
        "comes later is ever less sure. After the given frames they are not told where the arm "
        "is: that follows from the commands. The link in the address bar holds the ride."
    )


show_page()
