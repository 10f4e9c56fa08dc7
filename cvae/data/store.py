"""The packed store: a data set as a few memory-mapped arrays (see store_layout for what is where).

Reading one sequence touches that sequence's bytes only, so 44,000 sequences need no more
memory than 64. `StoreWriter` makes a store, `Store` reads it.
"""

import hashlib
from pathlib import Path

from cvae.data.sequence import SEQUENCE_LENGTH
from cvae.data.split import Split
from cvae.data.store_layout import Plan, array_file
from cvae.data.store_manifest import (
    Manifest,
    array_checksum,
    contents_checksum,
    read_manifest,
    row_checksum,
)
from cvae.data.store_writer import StoreWriter
from cvae.errors import InputError

__all__ = ["Store", "StoreWriter"]


class Store:
    """A finished packed store, open for reading."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self._manifest = manifest
        self._splits = {
            name: Split(path, name, manifest.plan, split) for name, split in manifest.splits.items()
        }

    @classmethod
    def open(cls, path: Path | str) -> "Store":
        """Open the store at `path`.

        Raises InputError if it is absent, empty, not a store, damaged, incomplete or too new, or
        may not be read.
        """
        path = Path(path)
        return cls(path, read_manifest(path))

    @property
    def version(self) -> int:
        """Of the store's format."""
        return self._manifest.version

    @property
    def source(self) -> str:
        return self._manifest.plan.source

    @property
    def description(self) -> dict:
        return self._manifest.plan.description

    @property
    def splits(self) -> list[str]:
        return list(self._splits)

    def checksum(self, *splits: str) -> str:
        """One for the contents of these splits, made from the manifest's: no data is read."""
        return contents_checksum([self._manifest.splits[split] for split in splits])

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
        return plan.difference(self._manifest.plan.to_json()) is None

    def verify(self) -> None:
        """Read everything and compare checksums; InputError naming the first damaged file."""
        for name, split in self._splits.items():
            for array, expected in split.sha256.items():
                if self._checksum(name, array) != expected:
                    raise InputError(
                        f"{array_file(self.path, name, array)} is damaged (its checksum is not "
                        "the manifest's): copy it again or make the store again."
                    )

    def _checksum(self, split: str, array: str) -> str:
        if self.version == 1:
            with array_file(self.path, split, array).open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        return array_checksum(map(row_checksum, self._splits[split].rows(array)))
