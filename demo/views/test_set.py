"""Test set: every sequence as a point and a row, and where one model beats another."""

import streamlit as st

from cvae.evaluation import rows
from demo.appearance import COPY_LAST, Look, looks
from demo.evaluation_job import Desk, desk
from demo.formatting import count, plain
from demo.loading import Data, Model, find_data, open_sequences, that_predict
from demo.measuring import show_measuring
from demo.score_choice import (
    HERE,
    ORIGIN,
    ScoreChoice,
    choose_origin,
    choose_scores,
    compare_query,
    otherwise_in_compare,
)
from demo.score_origin import Origin, evaluate_command, load_stored, measured_here
from demo.score_page import show_scores
from demo.score_steps import curves_of
from demo.score_tasks import Alike, at_hand, measured_alike
from demo.score_view import ScoreView
from demo.scores import Quantity, score_table
from demo.showing import errors_in_place, look_around

OTHER_DATA = (
    "The app has sequences of these names, but they are others than those that were measured; so "
    "none of them is shown in their place."
)


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
        show_chosen(origin, {**look, rows.COPY_LAST: COPY_LAST}, data, titles, able)
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
    origin: Origin, look: dict[str, Look], data: Data, titles: dict[str, str], able: list[Model]
) -> None:
    """The part of the scores that the user wants to see, and where it comes from.

    titles: of the sequences of `data`. able: the models that Compare can show.
    """
    choice = choose_scores(origin)
    quantity, chosen = choice.quantity, [choice.one, choice.other]
    alike = measured_alike(origin, quantity, choice.first)
    say_origin(origin, choice)
    if choice.one == choice.other:
        st.info("Models A and B are the same: choose another for one of them.")
        return
    if choice.other in alike.others:
        say_apart(choice, alike.others[choice.other], look, able)
        return
    # Of these alone: a copy of the last frame, too, is that of the data that it was measured on.
    table = score_table({name: origin.scores[name] for name in alike.models}, quantity)
    if lacking := [name for name in chosen if name not in table]:
        say_lacking(look[lacking[0]], quantity)
        return
    say_left_out(alike, look)
    samples = alike.measured.task.samples if alike.measured else 1
    otherwise = otherwise_in_compare(choice, samples, able)
    if any(name in titles for name in table.index) and not is_at_hand(data, origin, choice):
        titles, otherwise = {}, OTHER_DATA
    query = compare_query(choice, samples, able)
    curves = curves_of(origin, quantity, list(table))
    table = table.dropna(subset=chosen, how="all")
    one, other = chosen
    show_scores(ScoreView(table, quantity, one, other, look, titles, query, otherwise, curves))


def is_at_hand(data: Data, origin: Origin, choice: ScoreChoice) -> bool:
    """Whether what Compare shows by the names of these sequences is what was measured."""
    with errors_in_place():
        return at_hand(data, origin, choice.quantity.protocol, choice.first)
    return False


def say_origin(origin: Origin, choice: ScoreChoice) -> None:
    """What the numbers are; those of this visit can't be taken for stored ones."""
    from cvae.evaluation.protocol import PROTOCOLS

    protocol = choice.quantity.protocol
    keys = [(name, protocol) for name in (choice.one, choice.other)]
    measured = {key[0]: origin.measured[key] for key in keys if key in origin.measured}
    told = [str(one) for one in measured.values()]
    if origin.here and measured:
        sequences = next(iter(measured.values())).task.sequences
        st.badge(
            f"measured here on {count(sequences, 'sequence')}, for this visit only",
            icon=":material/science:",
            color="orange",
        )
    if len(set(told)) > 1:
        told = [f"{name}: {one}" for name, one in measured.items()]
    words = [str(PROTOCOLS[protocol])]
    if told:
        how = "; ".join(dict.fromkeys(told))
        words.append(f"{'Measured here' if origin.here else 'Stored'}: {how}.")
    st.caption(plain(" ".join(words)))


def say_apart(
    choice: ScoreChoice, otherwise: str, look: dict[str, Look], able: list[Model]
) -> None:
    """Why two models have no verdict, and what gives them one."""
    one, other = look[choice.one].label, look[choice.other].label
    st.warning(
        f"{plain(one)} and {plain(other)} were not measured alike: {plain(otherwise)}. So these "
        "numbers do not tell which of them is better. Choose another model beside "
        f"{plain(one)}, or *{rows.COPY_LAST}* beside one of the two.",
        icon=":material/balance:",
    )
    models = [model for model in able if model.name in (choice.one, choice.other)]
    if len(models) > 1:
        st.caption("This command measures both alike:")
        st.code(evaluate_command(models), language="bash", wrap_lines=True)


def say_lacking(look: Look, quantity: Quantity) -> None:
    """Which numbers there are not."""
    st.info(
        f"{plain(look.label)} has no {plain(quantity.metric)} for protocol "
        f"{plain(quantity.protocol)}, {plain(quantity.variant)}: choose another metric, "
        "prediction or protocol above.",
        icon=":material/info:",
    )


def say_left_out(alike: Alike, look: dict[str, Look]) -> None:
    """Which other models are not beside the two, and why."""
    if alike.others:
        others = "; ".join(f"{look[name].label} ({how})" for name, how in alike.others.items())
        st.caption(f"Left out, as they were not measured alike: {plain(others)}.")


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
