"""`python -m cvae shrink`: the weights of trained models in a seventh less, to be passed on."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import tyro

from cvae.ablations.results import MEASURED
from cvae.disk import sole_owner
from cvae.errors import InputError
from cvae.evaluation.storage import PARTIAL, restamp_evaluations, sole_evaluation
from cvae.model.checkpoint import load_checkpoint
from cvae.model.weights import PACKED, WEIGHTS, pack_weights, weights_checksum, weights_file
from cvae.training.progress import RESUME


def main(
    checkpoints: Annotated[list[Path], tyro.conf.Positional, tyro.conf.arg(metavar="CHECKPOINT")],
) -> None:
    """Pack the weights of trained models; not a bit of them changes, and evaluations stay valid.

    `model.safetensors` becomes `model.safetensors.npz`; all commands and the app read either.

    Example: python -m cvae shrink runs/mine

    Args:
        checkpoints: Folders of trained models.
    """
    if not checkpoints:
        raise InputError("Name the folder of a trained model, such as runs/mine.")
    for path in checkpoints:
        load_checkpoint(path)
        if (path / RESUME).exists():
            raise InputError(f"{path} is not trained to its end: train it first, then shrink it.")
    for path in checkpoints:
        if weights_file(path).name == PACKED:
            print(f"{path}: packed already.")
            continue
        before = (path / WEIGHTS).stat().st_size
        _shrink(path)
        print(f"{path}: {before / 1e6:.2f} MB, now {(path / PACKED).stat().st_size / 1e6:.2f} MB.")


def _shrink(path: Path) -> None:
    """Killed at any place this leaves the plain file, and the same command goes on."""
    with sole_owner(path), sole_evaluation(path):
        before = weights_checksum(path)
        packed = pack_weights(path)
        for folder in (path, path / MEASURED):
            restamp_evaluations(folder, packed, before)
        (path / WEIGHTS).unlink()
        with suppress(OSError):  # there, and not empty, where an evaluation is not complete
            (path / PARTIAL).rmdir()
