"""A model finds the commands itself: those that lead to a picture, on the page Steer."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from cvae.data.sequence import Sequence
from cvae.planning.commands import earliest_goal
from demo.appearance import Look
from demo.arm import HOLD
from demo.commands import MOST, Told, as_command
from demo.components.sheet import sheet_url
from demo.driven import Driven
from demo.formatting import plain
from demo.loading import Model, load_predictor
from demo.rides import Start
from demo.showing import errors_in_place
from demo.simulator import would_have_happened
from demo.turns import in_turn

TITLE = "Have a model find the way"
AT_FIRST = 11  # the last frame of what models were trained on
ENLARGED = 4  # pixels of the screen to one of a frame
AIM = "aim"  # of this visit
LOOK_AGAIN = "Look again after each command"
ABOUT_LOOKING = (
    "The simulator carries out one command of the plan, the model is shown the scene as it is "
    "then, and a new plan is made for what is left: what it was wrong about is put right on the "
    "way. That takes a search for each command."
)


@dataclass(frozen=True)
class Aim:
    """What was searched for, and found: frame number `frame` of the sequence of that name.

    first: the frame of the first command; models that are given other frames begin elsewhere.
    """

    sequence: str
    first: int
    frame: int
    told: Told


def offer_plan(
    models: list[tuple[Model, Look]],
    start: Start,
    on_found: Callable[[Told], None],
    simulated: bool,
) -> None:
    """The button that opens the search for a way; nothing where no frame is left to be a goal.

    on_found: called with the commands, before the page is drawn again.
    simulated: whether the simulator can carry them out here.
    """
    last = min(len(start.sequence) - 1, start.first + MOST)
    goals = range(earliest_goal(start.given), last + 1)
    if goals and st.button(TITLE, icon=":material/flag:", key="foresight"):
        _search(models, start, goals, on_found, simulated)


# Who closes it wants no other ride: the page runs anew, which ends a search.
@st.dialog(TITLE, on_dismiss="rerun")
def _search(
    models: list[tuple[Model, Look]],
    start: Start,
    goals: range,
    on_found: Callable[[Told], None],
    simulated: bool,
) -> None:
    st.markdown(_what_is_done())
    frame = goals[0]
    if len(goals) > 1:
        at_first = max(goals[0], min(AT_FIRST, goals[-1]))
        frame = st.slider("Goal: recorded frame", goals[0], goals[-1], at_first)
    goal = f"The goal: frame {frame}"
    st.image(_enlarged(start.sequence.frames[frame]), caption=goal, alt=f"{goal}, as recorded")
    looks = {model.name: look for model, look in models}
    by = st.segmented_control(
        "Found by",
        list(looks),
        default=models[0][0].name,
        required=True,
        format_func=lambda name: plain(looks[name].label),
    )
    look_again = simulated and st.toggle(LOOK_AGAIN)
    if simulated:
        st.caption(ABOUT_LOOKING)
    if not st.button("Find the commands", type="primary"):
        return
    [chosen] = [model for model, _ in models if model.name == by]
    with errors_in_place():
        with in_turn(st.empty()):
            told = _find(chosen, start, frame, look_again)
        st.session_state[AIM] = Aim(start.sequence.name, start.first, frame, told)
        on_found(told)
        st.rerun()


def _what_is_done() -> str:
    from cvae.planning.planner import SearchConfig

    config = SearchConfig()
    return (
        "A model is shown a **goal** and looks for commands that lead to it: it imagines where "
        f"{config.candidates} ways of moving the arm end, draws others like the best of them, "
        f"{config.rounds} times in all ({config.rounds * config.candidates} ways), and is told "
        "nothing of what was recorded in between."
    )


def show_aim(driven: Driven, simulated: bool) -> None:
    """How near the way comes that was searched for last; nothing on any other way.

    simulated: whether the simulator can carry it out here.
    """
    aim = st.session_state.get(AIM)
    ridden = (driven.name, driven.start.first, driven.told)
    if not aim or (aim.sequence, aim.first, aim.told) != ridden:
        return
    recorded = driven.start.sequence
    pictures = {f"The goal: frame {aim.frame}": recorded.frames[aim.frame]}
    pictures |= {f"{look.label} imagines": ride.frames[aim.frame] for _, look, ride in driven.rides}
    with errors_in_place():
        if simulated:
            carried = would_have_happened(recorded, driven.actions)
            pictures["The simulator"] = carried.frames[aim.frame]
            st.markdown(
                "Carried out by the simulator, these commands bring the arm to "
                f"**{_centimetres(carried, recorded, aim.frame):.1f} cm** from where it is in the "
                "goal."
            )
    with st.container(horizontal=True, gap="small", key="aim"):
        for caption, frame in pictures.items():
            st.image(_enlarged(frame), caption=plain(caption), alt=caption, width=160)


def _centimetres(carried: Sequence, recorded: Sequence, frame: int) -> float:
    """From arm to arm, of two simulated sequences, which both have positions."""
    assert carried.positions is not None and recorded.positions is not None
    return 100 * float(np.linalg.norm(carried.positions[frame] - recorded.positions[frame]))


def _enlarged(frame: np.ndarray) -> str:
    """By whole pixels, as the browser would blur it; a data URL, as Streamlit forgets the files of
    a run as soon as the next one begins, and a browser may come for them later.
    """
    return sheet_url(frame.repeat(ENLARGED, 0).repeat(ENLARGED, 1)[None, None])


def _find(model: Model, start: Start, frame: int, look_again: bool) -> Told:
    """The commands up to that frame; the way there is shown by a bar.

    look_again: whether the simulator carries out each command before the next is looked for.
    """
    from cvae.planning.planner import SearchConfig, find_plan
    from cvae.planning.pursuit import pursue

    config, bar = SearchConfig(), st.progress(0.0)
    ways, search = config.rounds * config.candidates, find_plan
    if look_again:
        ways *= len(range(start.first, frame, HOLD))  # a search for each command
        search = partial(pursue, carry_out=partial(would_have_happened, start.sequence))
    plans = search(
        load_predictor(model, start.device),
        start.sequence,
        start.sequence.frames[frame],
        frame,
        given=start.given,
        seed=start.seed,
        config=config,
    )
    for plan in plans:
        bar.progress(plan.tried / ways)
    return tuple(as_command(action) for action in plan.actions[plan.first : frame])
