"""A model finds the commands itself: those that lead to a picture, on the page Steer."""

from collections.abc import Callable

import streamlit as st

from demo.appearance import Look
from demo.commands import MOST, Told, as_command
from demo.formatting import plain
from demo.loading import Model, load_predictor
from demo.rides import Start
from demo.showing import errors_in_place
from demo.turns import in_turn

TITLE = "Have a model find the way"
AT_FIRST = 11  # the last frame of what models were trained on
ENLARGED = 4  # pixels of the screen to one of a frame


def offer_plan(
    models: list[tuple[Model, Look]], start: Start, on_found: Callable[[Told], None]
) -> None:
    """The button that opens the search for a way; nothing where no frame is left to be a goal.

    on_found: called with the commands, before the page is drawn again.
    """
    earliest, latest = start.first + 1, min(len(start.sequence) - 1, start.first + MOST)
    if earliest > latest:
        return
    if st.button(TITLE, icon=":material/flag:", key="foresight"):
        _search(models, start, range(earliest, latest + 1), on_found)


@st.dialog(TITLE)
def _search(
    models: list[tuple[Model, Look]], start: Start, goals: range, on_found: Callable[[Told], None]
) -> None:
    st.markdown(
        "A model is shown a **goal** and looks for commands that lead to it: it imagines where "
        "some hundred ways of moving the arm end, draws others like the best, and is told nothing "
        "of what was recorded in between."
    )
    frame = st.slider("Goal: recorded frame", goals[0], goals[-1], min(AT_FIRST, goals[-1]))
    # Enlarged here, as the browser would blur it.
    st.image(start.sequence.frames[frame].repeat(ENLARGED, 0).repeat(ENLARGED, 1))
    looks = {model.name: look for model, look in models}
    by = st.segmented_control(
        "Found by",
        list(looks),
        default=models[0][0].name,
        required=True,
        format_func=lambda name: plain(looks[name].label),
    )
    if not st.button("Find the commands", type="primary"):
        return
    [chosen] = [model for model, _ in models if model.name == by]
    with errors_in_place():
        with in_turn(st.empty()):
            told = _find(chosen, start, frame)
        on_found(told)
        st.rerun()


def _find(model: Model, start: Start, frame: int) -> Told:
    from cvae.planning.planner import SearchConfig, find_plan

    config, bar = SearchConfig(), st.progress(0.0)
    plans = find_plan(
        load_predictor(model, start.device),
        start.sequence,
        start.sequence.frames[frame],
        frame,
        given=start.given,
        seed=start.seed,
        config=config,
    )
    for plan in plans:
        bar.progress(plan.tried / (config.rounds * config.candidates))
    return tuple(as_command(action) for action in plan.actions[plan.first : frame])
