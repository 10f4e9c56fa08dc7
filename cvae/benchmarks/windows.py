"""How fast random windows of a data set are read: what training waits for."""

import csv
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from cvae.benchmarks.measurement import Measurement
from cvae.data.dataset import Normalisation, SequenceDataset
from cvae.data.png_tree import ACTIONS, POSITIONS
from cvae.data.sampler import Window
from cvae.data.sequence import SEQUENCE_LENGTH, Sequence
from cvae.data.store import Store

LENGTH = 12  # frames: two given and ten to be predicted


@dataclass(frozen=True)
class Reading:
    """Windows a second: `cold` first read since they left memory, `warm` read once more."""

    cold: Measurement
    warm: Measurement


def read_store(path: Path, windows: int, repeats: int) -> Reading:
    """Random windows of the training split of a store, read as training reads them."""

    def opened() -> tuple[int, Callable[[Window], Sequence]]:
        split = Store.open(path).split("train")
        return len(split), SequenceDataset(split, Normalisation.identity(), LENGTH).__getitem__

    return _measure(opened, lambda _: path.rglob("*.npy"), windows, repeats)


def read_png_tree(folders: list[Path], windows: int, repeats: int) -> Reading:
    """Random windows of a PNG tree: the twelve pictures that are needed, and both CSV files."""

    def opened() -> tuple[int, Callable[[Window], Sequence]]:
        return len(folders), lambda window: _read_window(folders[window.sequence], window.start)

    def files(drawn: list[Window]) -> Iterable[Path]:
        return (file for window in drawn for file in folders[window.sequence].iterdir())

    return _measure(opened, files, windows, repeats)


def _measure(
    opened: Callable[[], tuple[int, Callable[[Window], Sequence]]],
    files: Callable[[list[Window]], Iterable[Path]],
    windows: int,
    repeats: int,
) -> Reading:
    """Read windows of sequences drawn without repetition, each draw first cold, then warm.

    opened: the number of sequences, and what reads a window of them.
    files: in which files windows lie.
    """
    rates: dict[str, list[float]] = {"cold": [], "warm": []}
    for repeat in range(repeats):
        count, _ = opened()
        drawn = _draw(count, windows, np.random.default_rng(repeat))
        for file in files(drawn):
            _forget(file)
        # Opened after that: what is mapped by a process stays in memory.
        _, read = opened()
        for state in rates:
            began = time.perf_counter()
            for window in drawn:
                read(window)
            rates[state].append(len(drawn) / (time.perf_counter() - began))
    return Reading(**{state: Measurement(tuple(values)) for state, values in rates.items()})


def _draw(sequences: int, windows: int, rng: np.random.Generator) -> list[Window]:
    indices = rng.choice(sequences, min(windows, sequences), replace=False)
    starts = rng.integers(SEQUENCE_LENGTH - LENGTH + 1, size=len(indices))
    return [Window(int(index), int(start)) for index, start in zip(indices, starts, strict=True)]


def _forget(file: Path) -> None:
    """Let the system drop the file from its memory; the next read asks the disk."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def _read_window(folder: Path, start: int) -> Sequence:
    """The least that has to be done for a window of a PNG tree; nothing is checked."""
    frames = []
    for t in range(start, start + LENGTH):
        with Image.open(folder / f"{t}.png") as image:
            frames.append(np.asarray(image))
    actions, positions = (_read_rows(folder / name, start) for name in (ACTIONS, POSITIONS))
    return Sequence(folder.name, np.stack(frames), actions, positions)


def _read_rows(file: Path, start: int) -> np.ndarray:
    with file.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))[start : start + LENGTH]
    return np.array([[float(cell) for cell in row] for row in rows], np.float32)
