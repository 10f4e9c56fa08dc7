"""`python -m cvae simulate`: a simulated BAIR data set, or one scene with other commands."""

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import tyro
from PIL import Image

from cvae.bundled import SEQUENCES
from cvae.data.png_tree import write_files
from cvae.data.sequence import Sequence
from cvae.disk import whole_folder
from cvae.errors import InputError
from cvae.simulation.availability import require_simulator
from cvae.simulation.generation import generate_png_tree, generate_store, process_count
from cvae.simulation.rerun import find_recorded, read_actions, rerun

MOVIE = "sequence.gif"
COUNTS = (5120, 256, 256)  # sequences of train, validate and test
FRAME_MS = 200  # time that the GIF shows a frame


def main(
    out: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="OUT")],
    train: int = COUNTS[0],
    validate: int = COUNTS[1],
    test: int = COUNTS[2],
    workers: int | None = None,
    form: Literal["store", "png"] = "store",
    like: str | None = None,
    actions: Path | None = None,
    data: Path = SEQUENCES,
) -> None:
    """Make a simulated data set in the look, ranges and forms of BAIR robot pushing.

    Sequence number i of a split is always the same one, however many are made and in whatever
    order: its seed belongs to split and number. About 0.4 s a sequence and core; a store takes
    0.4 MB a sequence. Interrupted, the same command goes on where it was. Validate and test
    sequences of a store have masks of arm and toys.

    Needs MuJoCo (pip install -r requirements-simulation.txt) and, on a machine without a
    screen, a software OpenGL (Debian: libosmesa6).

    With --like and --actions, one sequence is made instead: the scene of a simulated sequence is
    rebuilt from its seed and the arm is given other commands. OUT becomes a folder of frames
    (0.png, 1.png, ...) with actions.csv, endeffector_positions.csv and a GIF.

    Examples: python -m cvae simulate data/sim --train 512

    python -m cvae simulate other --like sim-test-00003 --actions commands.csv

    Args:
        out: Where the data set is made.
        train: Number of training sequences.
        validate: Number of validation sequences.
        test: Number of test sequences.
        workers: Number of processes; as many as there are cores if not given.
        form: "store" trains fast; "png" is the lab's folder tree of pictures and CSV files.
        like: Name of the simulated sequence whose scene is run again.
        actions: Its new commands, a row a frame: dx, dy (metres, up to 0.066), close_nstep and
            goup_nstep (0 to 4); each command in two rows. CSV without header, NPY, or NPZ with
            an array `actions`.
        data: Bundle or store that has the sequence.
    """
    if like is not None or actions is not None:
        if like is None or actions is None:
            raise InputError("--like NAME and --actions FILE belong together: give both.")
        if (train, validate, test, workers, form) != (*COUNTS, None, "store"):
            raise InputError(
                "--like makes one sequence as pictures: leave out --train, --validate, --test, "
                "--workers and --form."
            )
        _simulate_like(out, find_recorded(data, like), actions)
        return
    counts = {"train": train, "validate": validate, "test": test}
    for split, count in counts.items():
        if count < 0:
            raise InputError(f"--{split} is {count}: give the number of sequences, 0 for none.")
    counts = {split: count for split, count in counts.items() if count}
    if not counts:
        raise InputError("All splits have 0 sequences: give at least one of them some.")
    processes = process_count(workers)
    require_simulator()
    generate = generate_store if form == "store" else generate_png_tree
    made = ", ".join(f"{split} {count}" for split, count in counts.items())
    if generate(out, counts, processes):
        print(f"Made {made} sequences in {out}.")
    else:
        print(f"{out} is already complete ({made}).")


def _simulate_like(out: Path, recorded: Sequence, file: Path) -> None:
    """Run the scene of `recorded` with the commands in `file` and write what is seen."""
    if out.exists():
        raise InputError(f"{out} is already there: choose another place or delete it.")
    actions = read_actions(file)
    require_simulator()
    sequence = rerun(recorded, actions)
    changed = first_change(recorded.actions, sequence.actions)
    pictures = [Image.fromarray(frame) for frame in sequence.frames]
    with whole_folder(out) as partial:
        write_files(partial, sequence)
        pictures[0].save(
            partial / MOVIE, save_all=True, append_images=pictures[1:], duration=FRAME_MS, loop=0
        )
    until = f"as recorded up to frame {changed}" if changed else "other ones from the start"
    print(
        f"{out}: {len(sequence)} frames of the scene of {recorded.name}; its commands are {until}."
    )


def first_change(recorded: np.ndarray, actions: np.ndarray) -> int:
    """The first frame t whose command differs from the recorded one: frames 0..t stay the same."""
    length = min(len(recorded), len(actions))
    differs = (recorded[:length] != actions[:length]).any(axis=1)
    return int(differs.argmax()) if differs.any() else length - 1
