"""Make a whole simulated data set: three splits, in parallel, interruptible."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tqdm import tqdm

from cvae.data.png_tree import write_sequence
from cvae.data.sequence import Sequence
from cvae.data.store import Store, StoreWriter
from cvae.data.store_layout import MANIFEST
from cvae.disk import told_when_the_disk_refuses
from cvae.errors import InputError
from cvae.simulation.origin import DESCRIPTION, SOURCE
from cvae.worker import end_with_parent, usable_cores

# First seed of each split; far enough apart that splits of any useful size share none.
FIRST_SEEDS = {"train": 0, "validate": 100_000_000, "test": 200_000_000}
LABELLED = frozenset({"validate", "test"})
# Sequences of a PNG tree that share a folder `traj_A_to_B`, as in the original files.
FOLDER_SIZE = 256


@dataclass(frozen=True)
class Job:
    """One sequence to be made; `masks` cost time and are made where they are kept."""

    split: str
    index: int
    masks: bool

    @property
    def name(self) -> str:
        return sequence_name(self.split, self.index)

    @property
    def seed(self) -> int:
        return FIRST_SEEDS[self.split] + self.index


def sequence_name(split: str, index: int) -> str:
    return f"sim-{split}-{index:05d}"


def generate_store(path: Path, counts: dict[str, int], workers: int) -> bool:
    """Write a packed store; goes on where it was interrupted.

    counts: sequences of each split. Returns False where the store was already complete.
    Raises InputError as `StoreWriter` does.
    """
    names = {split: [sequence_name(split, i) for i in range(n)] for split, n in counts.items()}
    plan: dict[str, Any] = {
        "source": SOURCE,
        "labelled": LABELLED & set(counts),
        "description": DESCRIPTION,
    }
    if (path / MANIFEST).is_file() and Store.open(path).matches(names, **plan):
        return False
    with StoreWriter(path, names, **plan) as writer:
        jobs = [
            Job(split, index, split in LABELLED)
            for split in counts
            for index in writer.pending(split)
        ]
        for job, sequence in _run(jobs, workers, total=sum(counts.values())):
            writer.write(job.split, job.index, sequence)
        writer.finish()
    return True


def generate_png_tree(root: Path, counts: dict[str, int], workers: int) -> bool:
    """Write `<root>/<split>/traj_A_to_B/K/{0..29}.png` with both CSV files, K from 1.

    Goes on where it was interrupted. Returns False where nothing was left to do.
    Raises InputError if another process makes the same tree, or the disk refuses.
    """
    with told_when_the_disk_refuses(root):
        jobs = [
            Job(split, index, masks=False)
            for split, count in counts.items()
            for index in range(count)
            if not png_folder(root, split, index).exists()
        ]
    for job, sequence in _run(jobs, workers, total=sum(counts.values())):
        write_sequence(png_folder(root, job.split, job.index), sequence)
    return bool(jobs)


def png_folder(root: Path, split: str, index: int) -> Path:
    first = index - index % FOLDER_SIZE
    return root / split / f"traj_{first}_to_{first + FOLDER_SIZE - 1}" / str(index - first + 1)


def process_count(workers: int | None) -> int:
    """How many processes make sequences: one a core that may be used, unless told otherwise."""
    if workers is None:
        return usable_cores()
    if workers < 1:
        raise InputError(f"--workers is {workers}: give 1 or more.")
    return workers


def simulate(split: str, count: int, workers: int) -> Iterator[Sequence]:
    """The first `count` sequences of `split`, in any order, without masks."""
    jobs = [Job(split, index, masks=False) for index in range(count)]
    return (sequence for _, sequence in _run(jobs, workers, total=count))


def _run(jobs: list[Job], workers: int, *, total: int) -> Iterator[tuple[Job, Sequence]]:
    """Simulate `jobs` in processes of their own; yields them as they are done."""
    # Each process draws alone: threads inside the software OpenGL would compete for the cores.
    os.environ.setdefault("LP_NUM_THREADS", "0")
    with (
        tqdm(total=total, initial=total - len(jobs), unit="seq", desc="simulate") as progress,
        # Unlike multiprocessing.Pool, this one notices when a worker is killed.
        ProcessPoolExecutor(workers, get_context("spawn"), _start_worker) as pool,
    ):
        try:
            for future in as_completed([pool.submit(_simulate, job) for job in jobs]):
                yield future.result()
                progress.update()
        except BrokenProcessPool as error:
            raise InputError(
                "A simulating process ended, most likely for lack of memory: lower --workers "
                f"{workers}; the same command goes on with what is missing."
            ) from error
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    end_with_parent()


def _simulate(job: Job) -> tuple[Job, Sequence]:
    # Here, so that only worker processes load MuJoCo and open an OpenGL context.
    from cvae.simulation.recording import record

    return job, record(job.seed, job.name, masks=job.masks)
