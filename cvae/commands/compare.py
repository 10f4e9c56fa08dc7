"""`python -m cvae compare`: one model less another, from what is stored with them."""

from pathlib import Path
from typing import Annotated

import tyro

from cvae.errors import InputError
from cvae.evaluation.comparison import load_model
from cvae.evaluation.contrast import contrast


def main(
    one: Annotated[Path, tyro.conf.Positional],
    other: Annotated[Path, tyro.conf.Positional],
    /,
) -> None:
    """Print how one model differs from another, sequence by sequence, with intervals.

    For each protocol under which both were measured on the same sequences: every metric with one
    sample, the best of N, the prior's mean and the posterior reference; which sequences gained
    and lost most; and all settings in which the two differ. Nothing is measured: the numbers are
    those that `python -m cvae evaluate` stored.

    Example: python -m cvae compare checkpoints/learned checkpoints/fixed

    Args:
        one: Folder of the model that is looked at.
        other: Folder of the model that it is compared with.
    """
    models = load_model(one), load_model(other)
    for model in models:
        if not model.evaluations:
            raise InputError(
                f"{model.path} has no evaluation; make one with "
                f"python -m cvae evaluate {model.path} --data STORE."
            )
    print(contrast(*models))
