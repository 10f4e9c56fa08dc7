"""`python -m cvae tables`: the report's two comparisons, from what is stored with models."""

from pathlib import Path
from typing import Annotated

import tyro

from cvae import bundled
from cvae.errors import InputError
from cvae.evaluation.comparison import comparisons, load_model
from cvae.model.checkpoint import find_checkpoints, name_of


def main(
    checkpoints: Annotated[tuple[Path, ...], tyro.conf.Positional] = (),
    /,
) -> None:
    """Print the report's two tables, cyclical against monotonic and fixed against learned.

    Beside the numbers that the report gives for real BAIR stand those of the models that are
    here: one sample, the prior's mean, the best of N, how much samples differ, each with its
    interval; and where two models were measured on the same sequences, how they differ sequence
    by sequence, and in which settings besides. Nothing is measured: the numbers are those that
    `python -m cvae evaluate` stored under the protocol given-states.

    Example: python -m cvae tables checkpoints/fixed checkpoints/learned

    Args:
        checkpoints: Folders of trained models; the bundled ones unless told otherwise.
    """
    paths = list(dict.fromkeys(checkpoints)) or find_checkpoints(bundled.CHECKPOINTS)
    names = [name_of(path) for path in paths]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise InputError(f"Two models are called {twice}: rename one, or name one of them only.")
    print(comparisons([load_model(path) for path in paths]))
