"""What the pages that show predictions have in common."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from cvae.errors import InputError
from demo.appearance import COPY_LAST
from demo.comparison import Comparison
from demo.formatting import decibels, plain
from demo.loading import Model, load_predictor

METRIC_WIDTH = 155


@contextmanager
def errors_in_place() -> Iterator[None]:
    """What the user can put right is said where it happens; the rest of the page goes on."""
    try:
        yield
    except InputError as error:
        st.error(plain(error), icon=":material/error:")


def can_load(model: Model, device: str) -> bool:
    """Whether `model` can predict; why not is said in place."""
    with errors_in_place():
        load_predictor(model, device)
        return True
    return False


def show_means(comparison: Comparison) -> None:
    """Mean PSNR of each model over the predicted frames, beside the simplest reference."""
    reference = comparison.copy_last.mean()
    several = comparison.setup.samples > 1
    st.markdown("**Mean PSNR** over predicted frames" + (" and samples" if several else ""))
    with st.container(horizontal=True, key="means", gap="small"):
        for one in comparison.imagined:
            mean = one.psnr.mean()
            st.metric(
                plain(one.look.label),
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
