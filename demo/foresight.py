"""A model finds the commands itself: those that lead to a picture, on the page Steer."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import streamlit as st

from demo.appearance import Look
from demo.commands import MOST, Told, as_command
from demo.formatting import plain
from demo.loading import Model, load_predictor
from demo.rides import Start

PICTURE = 220  # pixels of the screen


def offer_plan(
    models: list[tuple[Model, Look]],
    start: Start,
    in_turn: Callable[[], AbstractContextManager[None]],
) -> Told | None:
    """The field that sets a goal; the commands that were found for it, where it was just asked.

    in_turn: entered before anything is computed. Raises InputError if no plan can be made.
    """
    earliest, latest = start.first + 1, min(len(start.sequence) - 1, start.first + MOST)
    if earliest > latest:
        return None
    with st.popover("Have a model find the way", icon=":material/flag:", key="foresight"):
        st.markdown(
            "A model is shown a **goal** and looks for commands that lead to it: it imagines "
            "where 256 ways of moving the arm end, and is told nothing of what was recorded in "
            "between."
        )
        frame = st.number_input(
            "Goal: recorded frame",
            earliest,
            latest,
            value=min(11, latest),
            key=f"goal_{earliest}_{latest}",
        )
        st.image(start.sequence.frames[frame], f"Frame {frame} as recorded", width=PICTURE)
        looks = {model.name: look for model, look in models}
        by = st.selectbox(
            "Found by",
            list(looks),
            format_func=lambda name: looks[name].label,
            key="planner",
            disabled=len(looks) == 1,
        )
        asked = st.button("Find the commands", type="primary", key="find_plan")
    if not asked:
        return None
    [chosen] = [model for model, _ in models if model.name == by]
    with in_turn():
        return _find(chosen, start, frame, plain(looks[by].label))


def _find(model: Model, start: Start, frame: int, label: str) -> Told:
    from cvae.planning.planner import SearchConfig, find_plan

    config, bar = SearchConfig(), st.empty()
    total = config.rounds * config.candidates
    bar.progress(0.0, f"{label} imagines where {total} ways lead …")
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
        bar.progress(plan.tried / total, f"{label} imagined {plan.tried} of {total} ways …")
    bar.empty()
    return tuple(as_command(action) for action in plan.actions[plan.first : frame])
