"""Compare: one test sequence, what happened and what each model imagines, on one clock."""

import streamlit as st

from cvae.data.bundle import SequenceSource
from demo.appearance import Look, looks
from demo.browsing import choose_sequence, show_filmstrip, step_through
from demo.chart_config import chart_config
from demo.comparison import Comparison
from demo.curves import ABOUT_GREY, ABOUT_RUNS, describe, kl_figure, psnr_figure
from demo.exports import show_exports
from demo.formatting import NO_COMMAND, making_sentence, predict_commands, source_sentence
from demo.loading import Data, Model, find_data, load_history, open_sequences, that_predict
from demo.ranking import Ranking, stored_rankings
from demo.showing import (
    errors_in_place,
    imagine,
    look_around,
    show_means,
    show_numbers,
    show_player,
)
from demo.state import Choice, check_choices, choose

PLAYER = "player"
DRAWN = "compare_drawn"  # whether this visit has seen the player


def show_page() -> None:
    st.title("What will the robot see next?", anchor=False)
    st.markdown(
        "A conditional VAE is given the first frames and the arm's commands, and imagines the "
        "frames that follow. Beside it stands what really happened."
    )
    with errors_in_place():
        settings, models = look_around("Starting PyTorch and looking for models …")
        if models:
            show_models(models, find_data(settings.data))


def show_models(models: list[Model], data: Data) -> None:
    """What `models` imagine, how they were trained, and the numbers to take away."""
    look = looks(models)
    with errors_in_place():
        sequences, able = open_sequences(data), that_predict(models)
        check_choices(sequences, able)
        choice = choose(sequences, able)
        rankings = stored_rankings(chosen_first(able), sequences.names)
        show_chosen(choice, sequences, data, rankings, look)
        return
    show_training(models, look)  # needs no data


def chosen_first(models: list[Model]) -> list[Model]:
    """`models`, those that are chosen first, in the order of choosing: whose scores put the
    sequences in order.
    """
    chosen = st.session_state["models"]
    place = {name: number for number, name in enumerate(chosen)}
    return sorted(models, key=lambda model: place.get(model.name, len(chosen)))


def show_chosen(
    choice: Choice,
    sequences: SequenceSource,
    data: Data,
    rankings: list[Ranking],
    look: dict[str, Look],
) -> None:
    browsing = st.columns([2, 5], gap="medium", vertical_alignment="top")
    with browsing[0]:
        name = choose_sequence(data, rankings, look)
    player, numbers = st.columns([3, 1], gap="large")
    details = st.container()
    comparison, complete = None, True
    with player, errors_in_place():
        comparison = imagine(choice, sequences.by_name(name), look)
        if comparison:
            # A browser draws nothing while it loads the seven megabytes of scripts that charts,
            # tables and code want: they come with the second run, which the player asks for once
            # it is drawn. It may ask before this run has ended, and ends it then.
            complete = DRAWN in st.session_state
            st.session_state[DRAWN] = True
            shown = show_player(comparison, PLAYER, step_through(data, rankings))
            # After a new start of the server the browser has drawn already, and says so only once.
            complete = complete or bool(st.session_state[PLAYER].get("drawn"))
    with numbers:
        if comparison:
            show_means(comparison)
        if complete:
            show_training(choice.models, look)
    if comparison and complete:
        with details:
            show_details(comparison, sequences, data)
            show_exports(comparison, shown, data)
    # Last, so that the first picture does not wait for the thumbnails of all sequences.
    with browsing[1], errors_in_place():
        show_filmstrip(data, name, rankings)


def show_training(models: list[Model], look: dict[str, Look]) -> None:
    """The stored training curves of `models`."""
    histories = []
    for model in models:
        with errors_in_place():
            histories.append((look[model.name], load_history(model)))
    if not histories:
        return
    for title, figure, key in (
        ("Training: KL, nats per frame", kl_figure(histories), "kl_curves"),
        ("Training: validation PSNR, dB", psnr_figure(histories), "psnr_curves"),
    ):
        st.markdown(f"**{title}**")
        figure.update_layout(height=210, showlegend=False)
        st.plotly_chart(figure, key=key, alt=describe(histories), config=chart_config(key))
    several = any(history["run"].nunique() > 1 for _, history in histories)
    st.caption(f"{ABOUT_GREY} {ABOUT_RUNS}" if several else ABOUT_GREY)


def show_details(comparison: Comparison, sequences: SequenceSource, data: Data) -> None:
    """What made the predictions, how to make them again, and every frame's metric as numbers."""
    source = source_sentence(sequences.source, comparison.truth.simulated, data.path)
    st.markdown(f":small[{source} {making_sentence(comparison)}]")
    if commands := predict_commands(comparison, data.path):
        st.code("\n".join(commands), language="bash", wrap_lines=True)
    else:
        st.markdown(f":small[{NO_COMMAND}]")
    st.page_link(
        "views/steer.py",
        label="Tell the arm something else",
        icon=":material/sports_esports:",
        query_params={
            "sequence": comparison.truth.name,
            "seed": str(comparison.setup.seed),
            "steered": [one.model.name for one in comparison.imagined if one.model.conditioned],
            "told": "",  # not the last ride, which was another scene's
        },
    )
    show_numbers(comparison)


show_page()
