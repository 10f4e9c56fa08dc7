"""Own data: one sequence of the user's, and what the models imagine for it."""

import streamlit as st

from cvae.errors import InputError
from demo.appearance import looks
from demo.comparison import Comparison
from demo.exports import show_exports
from demo.formatting import NO_COMMAND, making_sentence, plain, predict_commands
from demo.links import BOUND, check_link, switch
from demo.loading import Model, that_predict
from demo.settings import PROJECT
from demo.showing import (
    errors_in_place,
    imagine,
    look_around,
    show_means,
    show_numbers,
    show_player,
)
from demo.state import check_choices, choose
from demo.uploads import EXAMPLE, MOST_MEGABYTES, READERS, Upload, example, read_upload

PLAYER = "own_player"
EXAMPLE_SHOWN = "example"  # in the URL
SHAPES = """
- **NPZ**: arrays `frames` (or `image`), uint8 (T, 64, 64, 3), RGB; `actions` (or `action`), (T, 4);
  and, if there are any, `positions`, (T, 3).
- **ZIP** of a PNG folder: `0.png`, `1.png` and so on, 64 x 64 pixels; `actions.csv`, T rows of 4
  numbers without a header; and, if there are any, `endeffector_positions.csv`, T rows of 3.

An action is *dx, dy* in metres (about ±0.07; +x towards the camera, +y to the right), for how many
steps the gripper stays closed (0 to 4), and for how many the arm stays lifted (0 to 4). It is given
at frame t and moves the arm towards frame t+1. A position is the gripper's x, y, z in metres.
The models know views of an arm over a bin, as in BAIR robot pushing: other scenes will look odd.
"""
WRITE = """import numpy as np
np.savez_compressed("mine.npz", frames=frames, actions=actions, positions=positions)"""


def show_page() -> None:
    st.title("What do they imagine for your sequence?", anchor=False)
    st.markdown(
        "Upload one sequence: at least three frames of an arm, and what it was told. It stays in "
        "memory, where no one else can see it, until you remove it or close the page; predictions "
        "made from it go as soon as newer ones take their place."
    )
    own = choose_sequence()
    with errors_in_place():
        _, models = look_around("Starting PyTorch and looking for models …")
        if own and models:
            show_own(own, models)


def choose_sequence() -> Upload | None:
    """The example where it is asked for, else the upload; what is wrong is said in place."""
    check_link([switch(EXAMPLE_SHOWN, "no example")])
    upload, try_it = st.columns([3, 2], gap="large")
    with upload:
        file = st.file_uploader(
            f"Your sequence: NPZ or ZIP, up to {MOST_MEGABYTES} MB",
            type=[suffix[1:] for suffix in READERS],
            max_upload_size=MOST_MEGABYTES,
            key="own_file",
            on_change=_take_upload,
        )
    if file is not None and st.session_state.get("own_read") != file.file_id:
        _take_upload()  # the run that began to was ended by another choice
    with try_it:
        shown = offer_example()
    if not shown:
        with upload:
            say_what_is_there(in_field=file is not None)
    with st.expander("What the file must hold"):
        st.markdown(SHAPES)
        st.code(WRITE, language="python")
    if not shown:
        return st.session_state.get("own")
    with errors_in_place():
        return read_upload(EXAMPLE, example())
    return None


def say_what_is_there(in_field: bool) -> None:
    """What is wrong with the file in the field; or, as the field is empty whenever the page is
    come back to, that an earlier file is still there.
    """
    state = st.session_state
    if in_field:
        if "own_complaint" in state:
            st.error(plain(state["own_complaint"]), icon=":material/error:")
    elif "own" in state:
        with st.container(horizontal=True, vertical_alignment="center"):
            name = plain(state["own"].sequence.name)
            st.markdown(f"**{name}**, uploaded before, is still there.", width="content")
            st.button("Remove it", icon=":material/delete:", key="own_gone", on_click=_remove)


def offer_example() -> bool:
    """Whether the example is to be shown."""
    st.markdown("**No file at hand?** Take a simulated sequence that comes with the app.")
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = st.toggle("Show the example", key=EXAMPLE_SHOWN, bind=BOUND, on_change=_start_anew)
        st.download_button(
            "Download it (NPZ)",
            example,
            EXAMPLE,
            key="example_file",
            icon=":material/download:",
            on_click="ignore",
        )
    return shown


def _take_upload() -> None:
    """Show what was uploaded, or say what is wrong with it; the example makes room."""
    state = st.session_state
    file = state["own_file"]
    state.pop("own_complaint", None)
    if state.pop("own", None) or state[EXAMPLE_SHOWN]:
        _start_anew()
    if file is None:
        return
    state[EXAMPLE_SHOWN] = False
    try:
        state["own"] = read_upload(file.name, file.getvalue())
    except InputError as error:
        state["own_complaint"] = str(error)
    state["own_read"] = file.file_id


def _remove() -> None:
    """Forget the upload."""
    del st.session_state["own"]
    _start_anew()


def _start_anew() -> None:
    """The frame that the page opened on was another sequence's; this one may be shorter."""
    st.query_params.pop("frame", None)
    st.session_state.pop("start_frame", None)


def show_own(own: Upload, models: list[Model]) -> None:
    """The predictions for `own`, with the same player as on Compare."""
    able = that_predict(models)
    check_choices(own, able)
    choice = choose(own, able)
    comparison = imagine(choice, own.sequence, looks(models))
    if comparison is None:
        return
    player, numbers = st.columns([3, 1], gap="large")
    with player:
        shown = show_player(comparison, PLAYER)
    with numbers:
        st.markdown(f":small[{whose(own)}]")
        st.markdown(f":small[{where_the_arm_is(comparison)}]")
        show_means(comparison)
    show_exports(comparison, shown, None)
    show_commands(comparison, own)
    show_numbers(comparison)
    st.markdown(f":small[{making_sentence(comparison)}]")


def show_commands(comparison: Comparison, own: Upload) -> None:
    """What makes the same again, if any command does, and where the file is that it takes."""
    file = f"{own.sequence.name}.npz"
    commands = predict_commands(comparison, PROJECT / file)
    if not commands:
        st.markdown(f":small[{NO_COMMAND}]")
        return
    st.code("\n".join(commands), language="bash", wrap_lines=True)
    offered = own.example and file == EXAMPLE
    where = "is offered above" if offered else "lies in the ZIP"
    st.caption(f"The same again, in the project's folder; put {plain(file)} there, which {where}.")


def whose(own: Upload) -> str:
    name, frames = plain(own.sequence.name), len(own.sequence)
    if own.example:
        return f"The example: **simulated**, no robot moved ({name}, {frames} frames)."
    return f"**Your data**: {name}, {frames} frames."


def where_the_arm_is(comparison: Comparison) -> str:
    """Where the positions come from that the models are told."""
    if comparison.truth.positions is None:
        return (
            "The file has **no positions**: each model's state model read the first one from the "
            "first frame, and rolled the others out from the actions."
        )
    if comparison.setup.states == "given":
        return "The models are told the positions of the file."
    return "Beyond the given frames the positions are rolled out from the actions."


show_page()
