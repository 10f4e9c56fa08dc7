"""The packed store: a data set as a few memory-mapped arrays (see store_layout for what is where).

Reading one sequence touches that sequence's bytes only, so 44,000 sequences need no more
memory than 64.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from cvae.data.sequence import SEQUENCE_LENGTH, Sequence
from cvae.data.split import Split
from cvae.data.store_layout import (
    DTYPES,
    MANIFEST,
    Plan,
    SplitManifest,
    array_file,
    file_sha256,
    read_manifest,
    write_manifest,
)
from cvae.errors import InputError

PLAN = "plan.json"
JOURNAL = "done.jsonl"
LOCK = "lock"


class StoreWriter:
    """Writes a packed store, sequence by sequence in any order; goes on where it was interrupted.

    Everything is made in `<path>.partial`, which `finish` renames to `path`: a folder of the
    final name is always whole. A sequence counts as written once its line is in the split's
    journal, after its data: whenever the process is killed, at most the sequence being written
    is lost. The same plan again resumes.

    Raises InputError if `path` exists, if `<path>.partial` was begun with another plan, or if
    another process is writing there.
    """

    def __init__(
        self,
        path: Path | str,
        names: dict[str, list[str]],
        *,
        length: int = SEQUENCE_LENGTH,
        source: str,
        labelled: frozenset[str] = frozenset(),
        description: dict | None = None,
    ) -> None:
        self.path = Path(path)
        self.partial = self.path.with_name(self.path.name + ".partial")
        self.plan = Plan(names, length, source, frozenset(labelled), description or {})
        for split, listed in names.items():
            if not listed or len(set(listed)) < len(listed):
                raise InputError(f"Split {split} of {path} needs sequences of different names.")
        if self.path.exists() and (self.path.is_file() or any(self.path.iterdir())):
            raise InputError(f"{path} is already there: choose another place or delete it.")
        self._begin()
        self._arrays: dict[tuple[str, str], BinaryIO] = {}
        self._journals: dict[str, BinaryIO] = {}
        self._done = {split: self._open_split(split) for split in names}

    def pending(self, split: str) -> list[int]:
        """Indices of the sequences of `split` that are still to be written, ascending."""
        return [i for i in range(len(self.plan.names[split])) if i not in self._done[split]]

    def write(self, split: str, index: int, sequence: Sequence) -> None:
        """Write `sequence` as number `index` of `split`.

        Masks and toys are kept in labelled splits only, where they are required.
        Raises InputError if name, length or shapes are not the planned ones, or the disk is full.
        """
        if sequence.name != self.plan.names[split][index]:
            raise InputError(
                f"{sequence.name} can't be number {index} of split {split}: "
                f"{self.plan.names[split][index]} was planned there."
            )
        rows = {array: self._row(split, array, sequence) for array in self.plan.arrays(split)}
        seed = None if sequence.seed is None else int(sequence.seed)
        done = {"index": index, "seed": seed, "positions": sequence.positions is not None}
        with _told_when_the_disk_refuses(self.partial):
            for array, row in rows.items():
                file = self._arrays[split, array]
                file.seek(-row.nbytes * (len(self.plan.names[split]) - index), os.SEEK_END)
                file.write(row.tobytes())
                file.flush()
            self._journals[split].write(json.dumps(done).encode() + b"\n")
            self._journals[split].flush()
        self._done[split][index] = done

    def finish(self) -> None:
        """Check that all is there, add checksums and manifest, and give the store its name."""
        missing = {split: len(self.pending(split)) for split in self.plan.names}
        if any(missing.values()):
            counts = ", ".join(f"{count} of {split}" for split, count in missing.items() if count)
            raise InputError(f"{self.partial} still lacks sequences ({counts}): write them first.")
        for file in self._arrays.values():
            os.fsync(file.fileno())
            file.close()
        splits = {split: self._split_manifest(split) for split in self.plan.names}
        write_manifest(self.partial, self.plan, splits)
        for entry in (self.partial / MANIFEST, self.partial):
            _fsync(entry)
        self.partial.rename(self.path)
        _fsync(self.path.parent)
        for split, journal in self._journals.items():
            journal.close()
            (self.path / split / JOURNAL).unlink()
        (self.path / PLAN).unlink()
        (self.path / LOCK).unlink()
        self._lock.close()

    def _begin(self) -> None:
        """Take up a store begun with the same plan, or lay out a new one."""
        with _told_when_the_disk_refuses(self.partial):
            self.partial.mkdir(parents=True, exist_ok=True)
            self._lock = (self.partial / LOCK).open("wb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(
                f"Another process is writing {self.partial}: wait for it or stop it."
            ) from error
        plan = self.partial / PLAN
        if plan.exists():
            difference = self.plan.difference(json.loads(plan.read_text(encoding="utf-8")))
            if difference:
                raise InputError(
                    f"{self.partial} was begun with another plan ({difference}): finish that one "
                    "with its own settings, or delete the folder."
                )
            return
        with _told_when_the_disk_refuses(self.partial):
            self._lay_out()

    def _lay_out(self) -> None:
        for split in self.plan.names:
            (self.partial / split).mkdir(exist_ok=True)
            for array in self.plan.arrays(split):
                shape = self.plan.shape(split, array)
                file = array_file(self.partial, split, array)
                np.lib.format.open_memmap(file, mode="w+", dtype=DTYPES[array], shape=shape)
        # Last, and at once: where there is a plan, its arrays are there in full size.
        plan = self.partial / PLAN
        new = plan.with_suffix(".new")
        new.write_text(json.dumps(self.plan.to_json()), encoding="utf-8")
        new.rename(plan)

    def _open_split(self, split: str) -> dict[int, dict]:
        """Open the files of `split`; returns the journal's entries by index."""
        # Plain writes instead of a memory map: a full disk is then an OSError, not a SIGBUS.
        for array in self.plan.arrays(split):
            file = array_file(self.partial, split, array)
            self._arrays[split, array] = file.open("r+b")
        journal = self.partial / split / JOURNAL
        journal.touch()
        whole, newline, _cut_off = journal.read_bytes().rpartition(b"\n")
        os.truncate(journal, len(whole) + len(newline))
        self._journals[split] = journal.open("ab")
        return {done["index"]: done for done in map(json.loads, whole.splitlines())}

    def _row(self, split: str, array: str, sequence: Sequence) -> np.ndarray:
        shape = self.plan.shape(split, array)[1:]
        value = getattr(sequence, array)
        if array == "positions" and value is None:
            return np.full(shape, np.nan, DTYPES[array])
        if value is None:
            raise InputError(f"{sequence.name} has no {array}, which split {split} needs.")
        if value.shape != shape or (array == "frames" and value.dtype != np.uint8):
            raise InputError(
                f"{sequence.name} has {array} {value.dtype} {value.shape}, "
                f"not {DTYPES[array]} {shape}."
            )
        return np.ascontiguousarray(value, DTYPES[array])

    def _split_manifest(self, split: str) -> SplitManifest:
        names = self.plan.names[split]
        done = [self._done[split][index] for index in range(len(names))]
        seeds = [entry["seed"] for entry in done]
        return SplitManifest(
            names=names,
            seeds=None if all(seed is None for seed in seeds) else seeds,
            without_positions=[entry["index"] for entry in done if not entry["positions"]],
            sha256={
                array: file_sha256(array_file(self.partial, split, array))
                for array in self.plan.arrays(split)
            },
        )


class Store:
    """A finished packed store, open for reading."""

    def __init__(self, path: Path, plan: Plan, manifests: dict[str, SplitManifest]) -> None:
        self.path = path
        self._plan = plan
        self._manifests = manifests
        self._splits = {
            name: Split(path, name, plan, manifest) for name, manifest in manifests.items()
        }

    @classmethod
    def open(cls, path: Path | str) -> "Store":
        """Open the store at `path`.

        Raises InputError if it is absent, empty, not a store, damaged, incomplete or too new.
        """
        path = Path(path)
        return cls(path, *read_manifest(path))

    @property
    def source(self) -> str:
        return self._plan.source

    @property
    def description(self) -> dict:
        return self._plan.description

    @property
    def splits(self) -> list[str]:
        return list(self._splits)

    def checksum(self, *splits: str) -> str:
        """One for the contents of these splits, made from the manifest's: no data is read."""
        told = [(self._manifests[split].names, self._manifests[split].sha256) for split in splits]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def split(self, name: str) -> Split:
        """The split of that name; InputError naming those that exist if there is none."""
        if name not in self._splits:
            raise InputError(
                f"{self.path} has no split {name!r}; choose one of: {', '.join(self._splits)}."
            )
        return self._splits[name]

    def matches(
        self,
        names: dict[str, list[str]],
        *,
        length: int = SEQUENCE_LENGTH,
        source: str,
        labelled: frozenset[str] = frozenset(),
        description: dict | None = None,
    ) -> bool:
        """Whether the store is what a StoreWriter with these arguments would make."""
        plan = Plan(names, length, source, frozenset(labelled), description or {})
        return plan.difference(self._plan.to_json()) is None

    def verify(self) -> None:
        """Read everything and compare checksums; InputError naming the first damaged file."""
        for split, manifest in self._manifests.items():
            for array, expected in manifest.sha256.items():
                file = array_file(self.path, split, array)
                if file_sha256(file) != expected:
                    raise InputError(
                        f"{file} is damaged (its checksum is not the manifest's): copy it again "
                        "or make the store again."
                    )


@contextmanager
def _told_when_the_disk_refuses(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{path} can't be written ({error.strerror}): make room or choose another place, and "
            "run the command again."
        ) from error


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
