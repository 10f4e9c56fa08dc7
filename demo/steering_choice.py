"""Who is steered, from where, and beside what: the controls of the page Steer."""

from dataclasses import dataclass

import streamlit as st

from cvae.data.bundle import SequenceSource
from cvae.data.sequence import Sequence
from cvae.errors import InputError
from demo.commands import MOST, read
from demo.gallery import first_sequence
from demo.links import BOUND, Asked, among, check_link, whole_number
from demo.loading import Model, devices, that_predict
from demo.simulator import can_rerun
from demo.state import MAX_SEED, SHOWN_AT_ONCE, choose_device, choose_models, choose_seed

RECORDED, SIMULATED = "recorded", "simulated"


@dataclass(frozen=True)
class Choice:
    """simulate: whether to show what would have happened, in place of what was recorded."""

    models: list[Model]
    sequence: Sequence
    seed: int
    device: str
    simulate: bool


def that_listen(models: list[Model]) -> list[Model]:
    """Those that are told actions. Raises InputError if there is none."""
    listening = [model for model in that_predict(models) if model.conditioned]
    if models and not listening:
        raise InputError("No model here is told actions, so that none can be steered: train one.")
    return listening


def check_choices(sequences: SequenceSource, models: list[Model]) -> None:
    names = [model.name for model in models]
    check_link(
        [
            among("sequence", sequences.names, "test sequence", first_sequence(sequences)),
            among("steered", names, "model", ", ".join(names[:SHOWN_AT_ONCE]), none=True),
            whole_number("seed", 0, MAX_SEED, 0),
            among("beside", beside_them(sequences), "view beside the models", RECORDED),
            among("device", devices(), "device", devices()[0]),
            Asked("told", can_be_read, f"give up to {MOST} commands, as the page does", "none"),
        ]
    )


def can_be_read(text: str) -> bool:
    """Whether a link's `told` holds commands."""
    try:
        read(text)
    except ValueError:
        return False
    return True


def choose(models: list[Model], sequences: SequenceSource) -> Choice:
    """Draw the controls."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        told_actions = "Those that are told actions; the others can't be steered."
        steered = choose_models(models, "steered", told_actions)
        sequence = st.selectbox(
            "Begin with",
            sequences.names,
            index=sequences.names.index(first_sequence(sequences)),
            key="sequence",
            bind=BOUND,
            width=260,
            help="The test sequence whose first frames are given.",
        )
        simulate = _choose_beside(beside_them(sequences)) == SIMULATED
        seed, device = choose_seed(), choose_device()
    return Choice(steered, sequences.by_name(sequence), seed, device, simulate)


def _choose_beside(there: list[str]) -> str:
    """Asked for only where there is a choice."""
    if len(there) == 1:
        return there[0]
    return st.segmented_control(
        "Beside them",
        there,
        default=RECORDED,
        required=True,
        key="beside",
        bind=BOUND,
        help="What was recorded, mostly of an arm that was told otherwise; or what would have "
        "happened, which the simulator of these sequences knows.",
    )


def beside_them(sequences: SequenceSource) -> list[str]:
    """What can stand beside the models."""
    return [RECORDED, SIMULATED] if can_rerun(sequences) else [RECORDED]
