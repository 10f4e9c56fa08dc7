"""How near a model came on each sequence: what the orders by PSNR go by."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from cvae.errors import InputError
from cvae.evaluation.rows import ONE_SAMPLE
from demo.loading import Model, Stamp
from demo.score_origin import read_stored, stored_stamp
from demo.scores import Quantity, means


@dataclass(frozen=True)
class Ranking:
    """psnr: mean in dB of the sequences that the model named `model` was measured on."""

    model: str
    psnr: dict[str, float]


def stored_ranking(models: list[Model], sequences: list[str]) -> Ranking | None:
    """Of those of `sequences` that the first evaluated one of `models` has.

    None where there is no evaluation that can be read, or only one of older weights or of other
    sequences: the orders by PSNR are left out then.
    """
    for model in models:
        stored = _psnr(model.path, stored_stamp(model))
        if psnr := {name: stored[name] for name in sequences if name in stored}:
            return Ranking(model.name, psnr)
    return None


@st.cache_data(max_entries=32, show_spinner=False)
def _psnr(path: Path, stamp: Stamp) -> dict[str, float]:
    """As Compare predicts at first: the lab's protocol, one sample."""
    from cvae.evaluation.protocol import GIVEN_STATES

    try:
        scores, _ = read_stored(path, stamp)
    except InputError:
        return {}
    return means(scores, Quantity("psnr", GIVEN_STATES.name, ONE_SAMPLE), ONE_SAMPLE).to_dict()
