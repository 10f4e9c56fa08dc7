"""From the files of a source to a packed store: reading in threads, writing in order."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tqdm import tqdm

from cvae.data.damage import DamagedSequence
from cvae.data.forms import Address, Form
from cvae.data.sequence import Sequence, can_be_shown
from cvae.data.store import Store, StoreWriter
from cvae.data.store_writer import PackedSequence
from cvae.errors import InputError
from cvae.worker import usable_cores

READ_AHEAD = 64  # sequences read before they are written: some 25 MB


class Source:
    """The sequences at one place: what form they have, which there are, and reading them.

    splits: per split, the address of every sequence by its name, in order.
    """

    def __init__(self, form: Form[Address], root: Path, length: int) -> None:
        self.form = form
        self.root = root
        self.length = length
        self.splits = form.list_sequences(root)

    @property
    def names(self) -> dict[str, list[str]]:
        return {split: list(listed) for split, listed in self.splits.items()}

    def drop_unshown(self) -> list[str]:
        """Do without sequences whose names can't be shown; returns these, so that they can."""
        unshown = [
            (split, name)
            for split, listed in self.splits.items()
            for name in listed
            if not can_be_shown(name)
        ]
        for split, name in unshown:
            del self.splits[split][name]
        return [repr(f"{split}/{name}") for split, name in unshown]

    def read(self, split: str, name: str) -> Sequence:
        """Raises DamagedSequence, or InputError where rights are missing."""
        return self.form.read_sequence(self.splits[split][name], name, self.length)

    def is_that_of(self, store: Store) -> bool:
        """Whether the first sequence of each split is the one in `store`, which has its names."""
        splits = map(store.split, store.splits)
        try:
            return all(_same(self.read(split.name, split.names[0]), split[0]) for split in splits)
        except DamagedSequence:
            return False

    def below_root(self, file: Path) -> str:
        """How a store names a file that it was made from: without where that machine has it."""
        return file.relative_to(self.root).as_posix() if file != self.root else file.name


def pack(source: Source, writer: StoreWriter, *, skip_bad: bool) -> None:
    """Write what `writer` still lacks of `source`, with a progress bar on stderr.

    skip_bad: leave damaged sequences out; without it, the first one raises its DamagedSequence.
    Raises InputError if the store was begun from other data, or the disk is full.
    """
    _check_origin(source, writer)
    # Decoding, checksums and files leave the interpreter lock, so threads keep all cores busy.
    with ThreadPoolExecutor(usable_cores()) as pool:
        for split, names in source.names.items():
            _pack_split(source, split, names, writer, skip_bad, pool)


def _pack_split(
    source: Source,
    split: str,
    names: list[str],
    writer: StoreWriter,
    skip_bad: bool,
    pool: ThreadPoolExecutor,
) -> None:
    pending = writer.pending(split)
    done = len(names) - len(pending)
    with tqdm(total=len(names), initial=done, desc=split, unit="seq") as progress:

        def read(index: int) -> PackedSequence:
            return writer.packed(split, source.read(split, names[index]))

        for index, reading in _read_ahead(pool, read, pending):
            try:
                packed = reading.result()
            except DamagedSequence as damage:
                if not skip_bad:
                    raise
                writer.leave_out(split, index, source.below_root(damage.file), damage.wrong)
            else:
                writer.write_packed(split, index, packed)
            progress.update()


def _read_ahead(
    pool: ThreadPoolExecutor, read: Callable[[int], PackedSequence], indices: list[int]
) -> Iterator[tuple[int, Future[PackedSequence]]]:
    """Each index with its reading, in order, while the next ones are read already."""
    readings: deque[tuple[int, Future[PackedSequence]]] = deque()
    try:
        for index in indices:
            readings.append((index, pool.submit(read, index)))
            if len(readings) >= READ_AHEAD:
                yield readings.popleft()
        yield from readings
    finally:
        for _, reading in readings:
            reading.cancel()


def _check_origin(source: Source, writer: StoreWriter) -> None:
    """What was written before an interruption has to come from the same data."""
    for split, names in source.names.items():
        for index in reversed(writer.written(split)):
            try:
                sequence = source.read(split, names[index])
            except DamagedSequence:
                continue  # whole when it was written; another one will tell
            if writer.holds(split, index, sequence):
                break
            raise InputError(
                f"{writer.folder} was begun from other data ({names[index]} of {split} differs): "
                "delete the folder, or prepare those data."
            )


def _same(one: Sequence, other: Sequence) -> bool:
    arrays = ("frames", "actions", "positions")
    return all(np.array_equal(getattr(one, array), getattr(other, array)) for array in arrays)
