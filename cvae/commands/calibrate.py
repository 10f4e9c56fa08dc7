"""`python -m cvae calibrate`: simulated frames beside real ones, in numbers."""

from pathlib import Path
from typing import Annotated

import tyro

from cvae.data.store import Store
from cvae.errors import InputError
from cvae.simulation.availability import require_simulator
from cvae.simulation.calibration import measure, read_real, table
from cvae.simulation.generation import process_count, simulate


def main(
    real: Annotated[tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="REAL.npz")],
    store: Path | None = None,
    split: str = "test",
    sequences: int = 64,
    workers: int | None = None,
) -> None:
    """Print a table of what real and simulated frames have in common.

    Compared are mean and deviation of each colour channel, how much neighbouring frames
    differ, how well a copy of frame 1 predicts frames 2 to 11, and how often the arm moves a
    toy (by the simulator's state; unknown for real data and for splits without masks).

    REAL.npz holds real sequences as uint8 (T, 64, 64, 3) or (N, T, 64, 64, 3), in an array
    `frames` or, where there is none of that name, in every array.

    Example: python -m cvae calibrate real_frames.npz --store data/sim

    Args:
        real: Files of real frames.
        store: A packed store of simulated sequences; without one, some are simulated.
        split: The split of the store to measure.
        sequences: How many sequences to simulate where no store is given.
        workers: Number of processes; as many as there are cores if not given.
    """
    if not real:
        raise InputError("No file of real frames is given: name at least one NPZ file.")
    truth = measure(sequence for file in real for sequence in read_real(file))
    if store is not None:
        found = Store.open(store).split(split)
        simulated = measure(found[index] for index in range(len(found)))
    else:
        if sequences < 1:
            raise InputError(f"--sequences is {sequences}: give 1 or more.")
        processes = process_count(workers)
        require_simulator()
        simulated = measure(simulate("test", sequences, processes))
    print(table(truth, simulated))
