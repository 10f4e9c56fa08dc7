"""What pages have in common, above all those that show predictions."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
import streamlit as st

from cvae.data.sequence import Sequence
from cvae.errors import InputError
from demo.appearance import COPY_LAST, Look
from demo.comparison import Comparison, Imagined, compare, metric_table
from demo.components.frame_player import NEXT, PREVIOUS, SAMPLE, frame_player
from demo.formatting import decibels, plain
from demo.frame_metrics import OF_ALL, SHOWN, column
from demo.loading import DRAWN, Model, find_models, load_predictor
from demo.settings import Settings, read_settings
from demo.state import (
    Choice,
    chosen_metric,
    follow_player,
    next_seed,
    start_frame,
    start_samples,
)
from demo.turns import in_turn

METRIC_WIDTH = 155
ABOUT_REFERENCE = (
    "**A reference, not a prediction.** In every step z is told of the true frame. How much nearer "
    "this comes than *prior's mean* and *drawn* is what the prior fails to know."
)


@contextmanager
def errors_in_place() -> Iterator[None]:
    """What the user can put right is said where it happens; the rest of the page goes on."""
    try:
        yield
    except InputError as error:
        st.error(plain(error), icon=":material/error:")


def look_around(doing: str) -> tuple[Settings, list[Model]]:
    """What the app is pointed at, and the models there; what is amiss with some is said in place.

    doing: what a spinner says meanwhile. Raises InputError for arguments that it does not know.
    """
    settings = read_settings(sys.argv[1:])
    with st.spinner(doing):
        models, problems = find_models(settings.runs)
    for problem in problems:
        st.error(plain(problem), icon=":material/error:")
    return settings, models


def imagine(choice: Choice, sequence: Sequence, look: dict[str, Look]) -> Comparison | None:
    """The predictions of the chosen models that work, or None if none of them does."""
    if not choice.models:
        st.info("Choose a model above to see what it imagines.", icon=":material/arrow_upward:")
        return None
    with st.spinner("Loading the models …"):
        working = [model for model in choice.models if can_load(model, choice.setup.device)]
    if not working:
        return None
    return compare(working, look, sequence, choice.setup, partial(in_turn, st.empty()))


def can_load(model: Model, device: str) -> bool:
    """Whether `model` can predict; why not is said in place."""
    with errors_in_place():
        load_predictor(model, device)
        return True
    return False


def show_player(
    comparison: Comparison, key: str, step: Callable[[int], None] | None = None
) -> list[int]:
    """The player; returns for each model the number of the sample that is on view.

    step: shows the next sequence (1) or the previous one (-1), where there are others.
    """
    if comparison.setup.is_reference:
        st.info(ABOUT_REFERENCE, icon=":material/visibility:")

    def grant() -> None:
        wish = st.session_state[key].wish
        if wish == SAMPLE:
            if comparison.setup.latent == DRAWN:
                next_seed()
        elif step and wish in (NEXT, PREVIOUS):
            step(1 if wish == NEXT else -1)

    return frame_player(
        comparison,
        key=key,
        start=start_frame(),
        picked=start_samples(),
        metric=shown_metric(comparison),
        browsing=step is not None,
        on_asked=follow_player,
        on_wish=grant,
    )


def shown_metric(comparison: Comparison) -> str:
    """The chosen metric, or PSNR where the sequence does not allow that."""
    chosen = chosen_metric()
    return chosen if chosen in comparison.metrics else OF_ALL[0]


def show_numbers(comparison: Comparison) -> None:
    """The player's metric of every frame, as a table that opens."""
    metric = shown_metric(comparison)
    about = column(metric)
    with st.expander(f"{SHOWN[metric].name} of every frame", key="numbers_of_frames"):
        st.caption(about.about)
        table = metric_table(comparison, metric).style.format(f"{{:.{about.digits}f}}", na_rep="–")
        st.dataframe(table, key="frame_table")


def show_means(comparison: Comparison) -> None:
    """Mean PSNR of each model, beside the simplest reference, over frames that all predict."""
    end, first = len(comparison.truth), max(one.given for one in comparison.imagined)
    copied = comparison.copy_last["psnr"][:, first - end :].mean()
    of = "of a reference, over frames" if comparison.setup.is_reference else "over predicted frames"
    several = " and samples" if comparison.setup.samples > 1 else ""
    st.markdown(f"**Mean PSNR** {of}{several}")
    with st.container(horizontal=True, key="means", gap="small"):
        for one in comparison.imagined:
            _show_mean(one, one.psnr[:, first - end :].mean(axis=1), copied)
        st.metric(
            COPY_LAST.label,
            decibels(copied),
            width=METRIC_WIDTH,
            help="Showing the last given frame again and again: what a prediction has to beat.",
        )
    if first > comparison.given:
        st.caption(f"Over frames {first} to {end - 1} alone, which all of these models predict.")


def _show_mean(one: Imagined, by_sample: np.ndarray, copied: float) -> None:
    """by_sample: (S,), PSNR of each sample; copied: of showing the last given frame."""
    several = len(by_sample) > 1
    with st.container(width=METRIC_WIDTH, gap="xsmall"):
        st.metric(
            plain(one.look.label),
            decibels(by_sample.mean()),
            delta=f"{by_sample.mean() - copied:+.1f} dB",
            delta_description="vs copying",
            help="How well the frames agree with what happened, in dB: higher is better, and "
            "1 dB is a fifth less squared error."
            + (" Which sample is the best only the truth can tell." if several else ""),
        )
        if several:
            st.markdown(f":small[best of {len(by_sample)}: {decibels(by_sample.max())}]")
