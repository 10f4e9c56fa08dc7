"""Test set: every sequence as a point and a row, and where one model beats another."""

import streamlit as st

from cvae.evaluation.rows import COPY_LAST
from demo.appearance import COPY_LAST as COPY_LOOK
from demo.appearance import Look, looks
from demo.evaluation_job import Desk, desk
from demo.formatting import count, plain
from demo.loading import Data, Model, find_data, open_sequences, that_predict
from demo.measuring import show_measuring
from demo.score_choice import (
    HERE,
    ORIGIN,
    choose_origin,
    choose_scores,
    compare_query,
    otherwise_in_compare,
)
from demo.score_origin import Measured, Origin, evaluate_command, load_stored, measured_here
from demo.score_view import ScoreView, show_scores
from demo.scores import score_table
from demo.showing import errors_in_place, look_around


def show_page() -> None:
    st.title("Which model is better, and where?", anchor=False)
    st.markdown(
        "Every test sequence is a point and a row: how near each model came, as the mean over "
        "the predicted frames. Click a point to see what was imagined there."
    )
    with errors_in_place():
        settings, models = look_around("Looking for models and their evaluations …")
        if models:
            show_models(models, find_data(settings.data))


def show_models(models: list[Model], data: Data) -> None:
    """Scores of `models`, and the way to measure some more."""
    titles = find_titles(data)
    stored, absent, problems = load_stored(models)
    for problem in problems:
        st.error(plain(problem), icon=":material/error:")
    # Asked once: it may end while the page is being drawn.
    measuring = desk().active
    origin = choose_origin(stored, None if measuring else take_results(desk()))
    if origin:
        able = [model for model in models if model.predicts]
        look = looks([*models, *removed_since(desk(), models)])
        show_chosen(origin, {**look, COPY_LAST: COPY_LOOK}, titles, able)
    if unmeasured := [model for model in absent if model.predicts]:
        say_absent(unmeasured, alone=not origin)
    if titles:
        with errors_in_place():
            show_measuring(that_predict(models), data, len(titles), measuring)


def find_titles(data: Data) -> dict[str, str]:
    """The sequences that Compare can show, each with its title or ""; none if there are no data."""
    with errors_in_place():
        sequences = open_sequences(data)
        return {name: sequences.titles.get(name, "") for name in sequences.names}
    return {}


def take_results(mine: Desk) -> Origin | None:
    """What was measured here; the page turns to it as soon as it is there."""
    if mine.job is None or not mine.job.done:
        return None
    if not mine.seen:
        mine.seen = True
        st.session_state[ORIGIN] = HERE
    return measured_here(mine.job)


def removed_since(mine: Desk, models: list[Model]) -> list[Model]:
    """What was measured here, and is not among `models` any more."""
    there = {model.name for model in models}
    measured = mine.job.wanted.models if mine.job else ()
    return [model for model in measured if model.name not in there]


def show_chosen(
    origin: Origin, look: dict[str, Look], titles: dict[str, str], able: list[Model]
) -> None:
    """The part of the scores that the user wants to see, and where it comes from.

    able: the models that Compare can show.
    """
    choice = choose_scores(origin.scores)
    table = score_table(origin.scores, choice.quantity)
    measured = origin.of(choice.quantity.protocol, choice.one, choice.other)
    say_origin(origin, measured, choice.quantity.protocol)
    for column in dict.fromkeys((choice.one, choice.other)):
        if column not in table:
            st.info(
                f"{plain(look[column].label)} has no {plain(choice.quantity.metric)} for protocol "
                f"{plain(choice.quantity.protocol)}, {plain(choice.quantity.variant)}: choose "
                "another metric, prediction or protocol above.",
                icon=":material/info:",
            )
            return
    # Other models may have been measured on other data: their sequences are not compared here.
    table = table.dropna(subset=[choice.one, choice.other], how="all")
    if choice.one == choice.other:
        st.info("Models A and B are the same: choose another for one of them.")
        return
    names = [model.name for model in able]
    query = compare_query(choice, measured.samples if measured else 1, names)
    otherwise = otherwise_in_compare(choice, able)
    one, other = choice.one, choice.other
    show_scores(ScoreView(table, choice.quantity, one, other, look, titles, query, otherwise))


def say_origin(origin: Origin, measured: Measured | None, protocol: str) -> None:
    """What the numbers are; those of this visit can't be taken for stored ones."""
    from cvae.evaluation.protocol import PROTOCOLS

    if origin.here and measured:
        st.badge(
            f"measured here on {count(measured.sequences, 'sequence')}, for this visit only",
            icon=":material/science:",
            color="orange",
        )
    words = [str(PROTOCOLS[protocol])]
    if measured:
        words.append(f"{'Measured here' if origin.here else 'Stored'}: {measured}.")
    st.caption(plain(" ".join(words)))


def say_absent(models: list[Model], alone: bool) -> None:
    """Which models have no stored evaluation, and the command that makes one."""
    names = plain(", ".join(model.name for model in models))
    if alone:
        st.info(
            f"No evaluation is stored yet (of {names}). This command measures a whole test split "
            "and stores the numbers with the model, or measure a few sequences below:",
            icon=":material/analytics:",
        )
    else:
        st.caption(f"No evaluation is stored for {names}; this command makes it:")
    st.code(evaluate_command(models), language="bash", wrap_lines=True)


show_page()
