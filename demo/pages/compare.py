"""Compare: one test sequence, what happened and what each prior imagines, on one clock."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from cvae.errors import InputError
from demo.appearance import COPY_LAST, PRIOR_LOOKS
from demo.comparison import Comparison, compare, psnr_table
from demo.components.frame_player import frame_player
from demo.curves import describe, kl_figure, psnr_figure
from demo.formatting import (
    decibels,
    making_sentence,
    plain,
    predict_command,
    source_sentence,
)
from demo.loading import (
    Data,
    Model,
    find_data,
    find_models,
    load_history,
    load_predictor,
    open_sequences,
)
from demo.settings import read_settings
from demo.state import Choice, choose

METRIC_WIDTH = 150


@contextmanager
def errors_in_place() -> Iterator[None]:
    """What the user can put right is said where it happens; the rest of the page goes on."""
    try:
        yield
    except InputError as error:
        st.error(plain(error), icon=":material/error:")


def show_page() -> None:
    st.title("What will the robot see next?", anchor=False)
    st.markdown(
        "A conditional VAE is given two frames and the arm's commands, and imagines the next ten "
        "frames. Beside it stands what really happened."
    )
    with errors_in_place():
        settings = read_settings(sys.argv[1:])
        with st.spinner("Starting PyTorch and looking for models …"):
            models, problems = find_models(settings.runs)
        for problem in problems:
            st.error(plain(problem), icon=":material/error:")
        if models:
            show_models(models, find_data(settings.data))


def show_models(models: list[Model], data: Data) -> None:
    """What `models` imagine, how they were trained, and the numbers to take away."""
    choice = comparison = None
    with errors_in_place():
        choice = choose(open_sequences(data), models)
        comparison = imagine(choice, data)
    if comparison:
        show_comparison(comparison, data)
    show_training(choice.models if choice else models)
    if comparison:
        show_details(comparison, data)


def imagine(choice: Choice, data: Data) -> Comparison | None:
    """The predictions of the chosen models that work, or None if none of them does."""
    sequence = open_sequences(data).by_name(choice.sequence)
    with st.spinner("Imagining …", show_time=True):
        working = [model for model in choice.models if can_load(model)]
        return compare(working, data, sequence, choice.seed) if working else None


def show_comparison(comparison: Comparison, data: Data) -> None:
    """The player with its numbers, and what made them."""
    player, numbers = st.columns([3, 1], gap="large")
    with player:
        frame_player(comparison, key="player")
    with numbers:
        show_means(comparison)
        for said in (
            source_sentence(open_sequences(data).source, comparison.truth.simulated, data.path),
            making_sentence(comparison),
        ):
            st.markdown(f":small[{said}]")


def can_load(model: Model) -> bool:
    """Whether `model` can predict; why not is said in place."""
    with errors_in_place():
        load_predictor(model)
        return True
    return False


def show_means(comparison: Comparison) -> None:
    """Mean PSNR of each model over the predicted frames, beside the simplest reference."""
    reference = comparison.copy_last.mean()
    st.markdown("**Mean PSNR** over the predicted frames")
    with st.container(horizontal=True, key="means"):
        for one in comparison.imagined:
            mean = one.psnr.mean()
            st.metric(
                one.look.label,
                decibels(mean),
                delta=f"{mean - reference:+.1f} dB",
                delta_description="vs copying",
                width=METRIC_WIDTH,
            )
        st.metric(
            COPY_LAST.label,
            decibels(reference),
            width=METRIC_WIDTH,
            help="Showing the last given frame again and again: what a prediction has to beat.",
        )


def show_training(models: list[Model]) -> None:
    """The stored training curves of `models`, KL and PSNR side by side."""
    st.subheader("How they were trained", anchor=False)
    histories = []
    for model in models:
        with errors_in_place():
            histories.append((PRIOR_LOOKS[model.prior], load_history(model)))
    if not histories:
        return
    left, right = st.columns(2, gap="large")
    for place, title, figure, key in (
        (left, "KL, nats per frame", kl_figure(histories), "kl_curves"),
        (right, "Validation PSNR, dB", psnr_figure(histories), "psnr_curves"),
    ):
        place.markdown(f"**{title}**")
        place.plotly_chart(
            figure, key=key, alt=describe(histories), config={"displayModeBar": False}
        )


def show_details(comparison: Comparison, data: Data) -> None:
    """PSNR of every frame as numbers, and how to make the prediction again."""
    with st.expander("PSNR of every frame, and the command that makes this again"):
        st.dataframe(psnr_table(comparison).style.format("{:.2f}"), key="psnr_table")
        command = predict_command(comparison, data.path)
        st.code(command, language="bash", wrap_lines=True)


show_page()
