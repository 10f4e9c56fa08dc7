"""Writing a packed store, sequence by sequence."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from cvae.data.sequence import SEQUENCE_LENGTH, Sequence, can_be_shown
from cvae.data.store_layout import DTYPES, Plan
from cvae.data.store_manifest import (
    RANGED,
    LeftOut,
    SplitManifest,
    array_checksum,
    column_ranges,
    row_checksum,
)
from cvae.data.store_partial import PartialStore
from cvae.errors import InputError


@dataclass(frozen=True)
class PackedSequence:
    """A sequence as a split keeps it.

    rows: what it has for each array of the split.
    entry: what the journal says of it.
    """

    name: str
    rows: dict[str, np.ndarray]
    entry: dict


class StoreWriter:
    """Writes a packed store in any order of its sequences; goes on where it was interrupted.

    A sequence counts as written once its line is in the split's journal, after its data: whenever
    the process is killed, at most the sequence being written is lost. The same plan again
    resumes. What was left out is asked for again: it may have been put right meanwhile.

    Raises InputError if `path` exists, if `<path>.partial` was begun with another plan, if
    another process is writing there, or there is no room or no right to write.
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
        for split, listed in names.items():
            if not listed or len(set(listed)) < len(listed):
                raise InputError(f"Split {split} of {path} needs sequences of different names.")
            unshown = next((name for name in listed if not can_be_shown(name)), None)
            if unshown is not None:
                raise InputError(
                    f"Split {split} of {path} can't have a sequence called {unshown!r}, which "
                    "can't be shown: give it another name."
                )
        self.plan = Plan(names, length, source, frozenset(labelled), description or {})
        self._store = PartialStore(Path(path), self.plan)
        self._left_out: dict[str, dict[int, LeftOut]] = {split: {} for split in names}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the folder; unless it is finished, it stays to be continued."""
        self._store.close()

    @property
    def folder(self) -> Path:
        """Where the store is until it is finished."""
        return self._store.folder

    def pending(self, split: str) -> list[int]:
        """Indices of the sequences of `split` that are still to be written, ascending."""
        settled = self._store.done[split].keys() | self._left_out[split].keys()
        return [i for i in range(len(self.plan.names[split])) if i not in settled]

    def written(self, split: str) -> list[int]:
        """Indices of the sequences of `split` that are written, in the order of writing."""
        return list(self._store.done[split])

    def left_out(self, split: str) -> list[LeftOut]:
        """What `leave_out` was told of `split`, in order."""
        return [entry for _, entry in sorted(self._left_out[split].items())]

    def write(self, split: str, index: int, sequence: Sequence) -> None:
        """Write `sequence` as number `index` of `split`.

        Masks and toys are kept in labelled splits only, where they are required.
        Raises InputError if name, length or shapes are not the planned ones, or the disk is full.
        """
        self.write_packed(split, index, self.packed(split, sequence))

    def packed(self, split: str, sequence: Sequence) -> PackedSequence:
        """`sequence` made ready for `write_packed`; may be called in any thread.

        The checksums take a third as long as the disk does, so that threads are worth it.
        """
        rows = {array: self._row(split, array, sequence) for array in self.plan.arrays(split)}
        entry = {
            "seed": None if sequence.seed is None else int(sequence.seed),
            "positions": sequence.positions is not None,
            "sha256": {array: row_checksum(row) for array, row in rows.items()},
        }
        return PackedSequence(sequence.name, rows, entry)

    def write_packed(self, split: str, index: int, packed: PackedSequence) -> None:
        """Write as number `index` of `split` what `packed` made ready for this split.

        Raises InputError if the name is not the planned one, or the disk is full.
        """
        planned = self.plan.names[split][index]
        if packed.name != planned:
            raise InputError(
                f"{packed.name} can't be number {index} of split {split}: {planned} was planned "
                "there."
            )
        self._store.add(split, index, packed.rows, packed.entry)

    def leave_out(self, split: str, index: int, file: str, reason: str) -> None:
        """Do without number `index` of `split`, because `file` is damaged as `reason` says."""
        name = self.plan.names[split][index]
        self._left_out[split][index] = LeftOut(index, name, file, reason)

    def holds(self, split: str, index: int, sequence: Sequence) -> bool:
        """Whether number `index`, which is written, is this `sequence` to the bit."""
        return (
            self._store.done[split][index]["sha256"] == self.packed(split, sequence).entry["sha256"]
        )

    def finish(self) -> None:
        """Check that all is there, add the manifest, and give the store its name.

        Raises InputError if sequences are missing, a split has none but those left out, or the
        disk is full.
        """
        missing = {split: len(self.pending(split)) for split in self.plan.names}
        if any(missing.values()):
            counts = ", ".join(f"{count} of {split}" for split, count in missing.items() if count)
            raise InputError(f"{self.folder} still lacks sequences ({counts}): write them first.")
        for split, done in self._store.done.items():
            if not done:
                first, *others = self.left_out(split)
                raise InputError(
                    f"Nothing is left of split {split}: all {1 + len(others)} sequences are "
                    f"damaged, the first because {first.file} {first.reason}."
                )
        self._store.complete({split: self._split_manifest(split) for split in self.plan.names})

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
        rows = sorted(self._store.done[split])
        done = [self._store.done[split][row] for row in rows]
        seeds = [entry["seed"] for entry in done]
        return SplitManifest(
            names=[self.plan.names[split][row] for row in rows],
            seeds=None if all(seed is None for seed in seeds) else seeds,
            without_positions=[i for i, entry in enumerate(done) if not entry["positions"]],
            left_out=self.left_out(split),
            ranges={array: column_ranges(self._store.rows(split, array, rows)) for array in RANGED},
            sha256={
                array: array_checksum(entry["sha256"][array] for entry in done)
                for array in self.plan.arrays(split)
            },
        )
