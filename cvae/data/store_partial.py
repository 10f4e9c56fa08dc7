"""A packed store in the making, which a kill at any moment leaves fit to be continued.

Everything is made in `<path>.partial`, which is renamed to `path` at the end: a folder of the
final name is always whole. Beside the arrays it has, until then,

    plan.json            what the store is to hold; there only once the arrays are laid out
    lock                 held by the process that writes
    SPLIT/done.jsonl     a line for each sequence whose data are written
"""

import fcntl
import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from cvae.data.npy import map_array
from cvae.data.store_layout import DTYPES, Plan, array_file
from cvae.data.store_manifest import SplitManifest, row_checksum, write_manifest
from cvae.disk import drop_cut_off_line, sync, told_when_the_disk_refuses, write_text
from cvae.errors import InputError
from cvae.json_file import fitted, parse_json, read_json

PLAN = "plan.json"
JOURNAL = "done.jsonl"
LOCK = "lock"


@dataclass(frozen=True)
class _Written:
    """A line of a journal; see `StoreWriter.packed`."""

    row: int
    seed: int | None
    positions: bool
    sha256: dict[str, str]


class PartialStore:
    """The folder `<path>.partial`: taken up if it was begun with `plan`, else laid out by it.

    done: per split, the journal's entries by row, in the order of writing.

    Raises InputError if `path` exists, if the folder was begun with another plan, if another
    process is writing there, or there is no room or no right to write.
    """

    def __init__(self, path: Path, plan: Plan) -> None:
        path = path.resolve()  # a folder can't take the name of a link, nor that of "."
        self.path = path
        self.folder = path.with_name(path.name + ".partial")
        self.plan = plan
        with told_when_the_disk_refuses(path):
            if path.is_file() or (path.is_dir() and any(path.iterdir())):
                raise InputError(f"{path} is already there: choose another place or delete it.")
        self._arrays: dict[tuple[str, str], BinaryIO] = {}
        self._journals: dict[str, BinaryIO] = {}
        self._lock = self._take_lock()
        try:
            with told_when_the_disk_refuses(self.folder):
                self._begin()
                self.done = {split: self._open_split(split) for split in plan.names}
        except InputError:
            self.close()
            raise
        except (ValueError, KeyError, TypeError) as error:
            self.close()
            raise InputError(
                f"{self.folder} is damaged ({error!r}): delete the folder and begin again."
            ) from error

    def add(self, split: str, row: int, arrays: dict[str, np.ndarray], entry: dict) -> None:
        """Write row number `row` of every array of `split`, then `entry` into its journal."""
        entry = {"row": row} | entry
        with told_when_the_disk_refuses(self.folder):
            for array, content in arrays.items():
                file = self._arrays[split, array]
                file.seek(-content.nbytes * (len(self.plan.names[split]) - row), os.SEEK_END)
                file.write(content.data)
                file.flush()
            self._journals[split].write(json.dumps(entry).encode() + b"\n")
            self._journals[split].flush()
        self.done[split][row] = entry

    def rows(self, split: str, array: str, rows: list[int]) -> np.ndarray:
        """What is written in these rows of an array."""
        return map_array(array_file(self.folder, split, array))[rows]

    def complete(self, splits: dict[str, SplitManifest]) -> None:
        """Add the manifest and give the store its name."""
        with told_when_the_disk_refuses(self.folder):
            for file in self._arrays.values():
                os.fsync(file.fileno())
            write_manifest(self.folder, self.plan, splits)
            self.folder.rename(self.path)
            sync(self.path.parent)
            for split in self.plan.names:
                (self.path / split / JOURNAL).unlink()
            (self.path / PLAN).unlink()
            (self.path / LOCK).unlink()
        self.close()

    def close(self) -> None:
        """Close the files and let another process write here."""
        for file in (*self._arrays.values(), *self._journals.values()):
            # What a full disk has refused is refused again; it was told, and is in no journal.
            with suppress(OSError):
                file.close()
        self._lock.close()

    def _take_lock(self) -> BinaryIO:
        with told_when_the_disk_refuses(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / LOCK).open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise InputError(
                f"Another process is writing {self.folder}: wait for it or stop it."
            ) from error
        return lock

    def _begin(self) -> None:
        """Take up a store begun with the same plan, or lay out a new one."""
        plan = self.folder / PLAN
        if not plan.exists():
            self._lay_out()
            return
        told = read_json(plan)
        fitted(dict[str, list[str]], told["names"], "names")
        difference = self.plan.difference(told)
        if difference:
            raise InputError(
                f"{self.folder} was begun with another plan ({difference}): finish that one "
                "with its own settings, or delete the folder."
            )

    def _lay_out(self) -> None:
        self._check_room()
        for split in self.plan.names:
            (self.folder / split).mkdir(exist_ok=True)
            for array in self.plan.arrays(split):
                shape = self.plan.shape(split, array)
                file = array_file(self.folder, split, array)
                np.lib.format.open_memmap(file, mode="w+", dtype=DTYPES[array], shape=shape)
        # Last, and at once: where there is a plan, its arrays are there in full size.
        write_text(self.folder / PLAN, json.dumps(self.plan.to_json()))

    def _check_room(self) -> None:
        """Say so before hours of work: the arrays themselves take room only as they are filled."""
        needed, free = self.plan.size(), shutil.disk_usage(self.folder).free
        if needed > free:
            raise InputError(
                f"{self.path} needs {needed / 1e6:,.0f} MB and the disk has {free / 1e6:,.0f} MB "
                "free: make room or choose another place."
            )

    def _open_split(self, split: str) -> dict[int, dict]:
        """Open the files of `split`; returns the journal's entries by row."""
        # Plain writes instead of a memory map: a full disk is then an OSError, not a SIGBUS.
        for array in self.plan.arrays(split):
            file = array_file(self.folder, split, array)
            if map_array(file).shape != self.plan.shape(split, array):
                raise ValueError(f"{split}/{file.name} has another shape than was planned")
            self._arrays[split, array] = file.open("r+b")
        journal = self.folder / split / JOURNAL
        journal.touch()
        entries = [parse_json(line) for line in drop_cut_off_line(journal).splitlines()]
        self._journals[split] = journal.open("ab")
        for number, entry in enumerate(entries, 1):
            told = fitted(_Written, entry, f"{split}/{JOURNAL}, line {number}")
            if not 0 <= told.row < len(self.plan.names[split]) or set(told.sha256) != set(
                self.plan.arrays(split)
            ):
                raise ValueError(f"{split}/{JOURNAL}, line {number}, tells of what was not planned")
        return self._whole(split, {entry["row"]: entry for entry in entries})

    def _whole(self, split: str, entries: dict[int, dict]) -> dict[int, dict]:
        """The entries whose rows hold what they tell of.

        A power cut may keep a line of the journal and lose the rows, which were written before.
        """
        from tqdm import tqdm  # who only reads stores does without

        arrays = {a: map_array(array_file(self.folder, split, a)) for a in self.plan.arrays(split)}
        return {
            row: entry
            for row, entry in tqdm(entries.items(), f"Checking {split}", disable=not entries)
            if all(row_checksum(arrays[a][row]) == sha256 for a, sha256 in entry["sha256"].items())
        }
