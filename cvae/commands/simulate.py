"""`python -m cvae simulate`: a simulated BAIR data set."""

import os
from pathlib import Path
from typing import Annotated, Literal

import tyro

from cvae.errors import InputError
from cvae.simulation.availability import require_simulator
from cvae.simulation.generation import generate_png_tree, generate_store


def main(
    out: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="OUT")],
    train: int = 5120,
    validate: int = 256,
    test: int = 256,
    workers: int | None = None,
    form: Literal["store", "png"] = "store",
) -> None:
    """Make a simulated data set in the look, ranges and forms of BAIR robot pushing.

    Sequence number i of a split is always the same one, however many are made and in whatever
    order: its seed belongs to split and number. About 0.4 s a sequence and core; a store takes
    0.4 MB a sequence. Interrupted, the same command goes on where it was. Validate and test
    sequences of a store have masks of arm and toys.

    Needs MuJoCo (pip install -r requirements-simulation.txt) and, on a machine without a
    screen, a software OpenGL (Debian: libosmesa6).

    Example: python -m cvae simulate data/sim --train 512

    Args:
        out: Where the data set is made.
        train: Number of training sequences.
        validate: Number of validation sequences.
        test: Number of test sequences.
        workers: Number of processes; as many as there are cores if not given.
        form: "store" trains fast; "png" is the lab's folder tree of pictures and CSV files.
    """
    counts = {"train": train, "validate": validate, "test": test}
    for split, count in counts.items():
        if count < 0:
            raise InputError(f"--{split} is {count}: give the number of sequences, 0 for none.")
    counts = {split: count for split, count in counts.items() if count}
    if not counts:
        raise InputError("All splits have 0 sequences: give at least one of them some.")
    workers = workers if workers is not None else os.cpu_count() or 1
    if workers < 1:
        raise InputError(f"--workers is {workers}: give 1 or more.")
    require_simulator()
    generate = generate_store if form == "store" else generate_png_tree
    made = ", ".join(f"{split} {count}" for split, count in counts.items())
    if generate(out, counts, workers):
        print(f"Made {made} sequences in {out}.")
    else:
        print(f"{out} is already complete ({made}).")
