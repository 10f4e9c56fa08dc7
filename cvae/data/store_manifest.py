"""The manifest of a packed store: what it holds, what was left out, ranges, checksums."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from cvae.data.sequence import can_be_shown
from cvae.data.store_layout import FORMAT, MANIFEST, ROW_SHAPES, VERSION, Plan
from cvae.disk import write_text
from cvae.errors import InputError
from cvae.json_file import fitted, read_json

RANGED = ("actions", "positions")


@dataclass(frozen=True)
class LeftOut:
    """A sequence that was planned and is not there.

    row: its row in the arrays, a hole.
    file: where the damage lies, below the place that the store was made from.
    reason: what is wrong with the file.
    """

    row: int
    name: str
    file: str
    reason: str


@dataclass(frozen=True)
class SplitManifest:
    """What the manifest says of one split.

    names: of the sequences that are there, in order.
    seeds: of these sequences, or None where they were not simulated.
    without_positions: indices of those whose positions were not recorded.
    left_out: sequences that were planned and are not there, by row.
    ranges: per array of numbers, "min" and "max" of each column; None if nothing was recorded.
        Empty in format 1.
    sha256: per array, its checksum: of the rows' checksums, or of the file in format 1.
    """

    names: list[str]
    seeds: list[int | None] | None
    without_positions: list[int]
    left_out: list[LeftOut]
    ranges: dict[str, dict[str, list[float]] | None]
    sha256: dict[str, str]

    @property
    def planned(self) -> list[str]:
        """Names of all rows."""
        names = iter(self.names)
        left_out = {entry.row: entry.name for entry in self.left_out}
        count = len(self.names) + len(self.left_out)
        return [left_out[row] if row in left_out else next(names) for row in range(count)]

    @property
    def rows(self) -> list[int]:
        """The row of every sequence that is there."""
        left_out = {entry.row for entry in self.left_out}
        count = len(self.names) + len(self.left_out)
        return [row for row in range(count) if row not in left_out]


def left_out_lines(left_out: list[LeftOut]) -> list[str]:
    """For people: file and reason, with the sequences that it concerns."""
    lines = []
    for (file, reason), group in groupby(left_out, key=lambda entry: (entry.file, entry.reason)):
        first, *others = [entry.name for entry in group]
        names = f"{first} to {others[-1]} ({1 + len(others)})" if others else first
        lines.append(f"{names}: {file} {reason}")
    return lines


def row_checksum(row: np.ndarray) -> str:
    """sha256 of what one sequence has in an array."""
    return hashlib.sha256(np.ascontiguousarray(row).data).hexdigest()


def contents_checksum(splits: list[SplitManifest]) -> str:
    """One for the contents of `splits`, made of their names and arrays' checksums."""
    told = [(split.names, split.sha256) for split in splits]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def array_checksum(rows: Iterable[str]) -> str:
    """Checksum of an array: of the checksums of its rows, in order."""
    return hashlib.sha256("".join(rows).encode()).hexdigest()


def column_ranges(rows: np.ndarray) -> dict[str, list[float]] | None:
    """Smallest and largest number of each column of (N, T, columns); None without any number."""
    numbers = rows.reshape(-1, rows.shape[-1])
    numbers = numbers[~np.isnan(numbers).any(axis=1)]
    if not len(numbers):
        return None
    return {"min": numbers.min(axis=0).tolist(), "max": numbers.max(axis=0).tolist()}


@dataclass(frozen=True)
class Manifest:
    """version: of the store's format. plan: what was to be made. splits: what there is."""

    version: int
    plan: Plan
    splits: dict[str, SplitManifest]


def write_manifest(root: Path, plan: Plan, splits: dict[str, SplitManifest]) -> None:
    described = {
        name: {"count": len(split.names), "arrays": plan.arrays(name), **asdict(split)}
        for name, split in splits.items()
    }
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "source": plan.source,
        "description": plan.description,
        "length": plan.length,
        "splits": described,
    }
    write_text(root / MANIFEST, json.dumps(manifest, indent=1) + "\n")


def read_manifest(root: Path) -> Manifest:
    """The manifest of the store at `root`.

    Raises InputError if there is no store, no right to read it, or its manifest is damaged or
    newer than this program.
    """
    file = root / MANIFEST
    again = "make the store again with `python -m cvae prepare` or `simulate`"
    try:
        _check_is_store(root)
        content = read_json(file)
        if content["format"] != FORMAT:
            raise InputError(f"{file} describes a {content['format']!r}, not a packed store.")
        if fitted(int, content["version"], "version") > VERSION:
            raise InputError(
                f"{root} has store format {content['version']}, this program knows formats up "
                f"to {VERSION}: update the program, or make the store again with it."
            )
        return _parse(content)
    except PermissionError as error:
        raise InputError(
            f"{root} can't be read ({error.strerror}): give the user who runs this the right to."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        found = str(error) if isinstance(error, ValueError) else repr(error)
        raise InputError(f"{file} is damaged ({found}): {again}.") from error


def _parse(content: dict) -> Manifest:
    """Raises ValueError or KeyError if `content` is damaged."""
    splits, labelled = {}, set()
    for name, told in fitted(dict[str, dict], content["splits"], "splits").items():
        # It is the name of a folder: none that lies elsewhere.
        if not re.fullmatch(r"[\w-]{1,100}", name, re.ASCII):
            raise ValueError(f"{name[:40]!r} can't be the name of a split")
        # Format 1 has no left-out sequences and no ranges.
        parts = {"left_out": [], "ranges": {}} | told
        counted, arrays = parts.pop("count"), parts.pop("arrays")
        splits[name] = fitted(SplitManifest, parts, f"split {name}")
        _check_split(name, splits[name], counted)
        if "masks" in fitted(list[str], arrays, f"split {name}.arrays"):
            labelled.add(name)
    plan = Plan(
        names={name: split.planned for name, split in splits.items()},
        length=fitted(int, content["length"], "length"),
        source=fitted(str, content["source"], "source"),
        labelled=frozenset(labelled),
        description=fitted(dict, content["description"], "description"),
    )
    if not splits or plan.length < 1:
        raise ValueError(f"it says {len(splits)} splits of sequences of {plan.length} frames")
    for name, split in splits.items():
        if set(split.sha256) != set(plan.arrays(name)):
            raise ValueError(f"split {name} has checksums of other arrays than it should have")
    return Manifest(content["version"], plan, splits)


def _check_split(name: str, split: SplitManifest, counted: object) -> None:
    """Raise ValueError unless what the manifest says of split `name` fits together."""
    names = len(split.names)
    seeds = names if split.seeds is None else len(split.seeds)
    if not counted == names == seeds:
        raise ValueError(f"split {name} says {counted} sequences, names {names} and seeds {seeds}")
    if len(set(split.names)) < names or not all(map(can_be_shown, split.names)):
        raise ValueError(f"split {name} has names that are the same, or that can't be shown")
    left_out = {entry.row for entry in split.left_out}
    if len(left_out) < len(split.left_out) or not left_out <= set(range(names + len(left_out))):
        raise ValueError(f"split {name} has left-out rows that do not fit together")
    if not set(split.without_positions) <= set(range(names)):
        raise ValueError(f"split {name} has no positions for sequences that are not there")
    if split.ranges and set(split.ranges) != set(RANGED):
        raise ValueError(f"split {name} has ranges of {', '.join(split.ranges)[:80]}")
    for array, bounds in split.ranges.items():
        lengths = {bound: len(values) for bound, values in (bounds or {}).items()}
        if bounds is not None and lengths != dict.fromkeys(("min", "max"), *ROW_SHAPES[array]):
            raise ValueError(f"split {name} has ranges of {array} that do not fit its columns")


def _check_is_store(path: Path) -> None:
    make_one = "make a store with `python -m cvae simulate` or `python -m cvae prepare`"
    if path.is_file():
        raise InputError(f"{path} is a file, not the folder of a store: {make_one}.")
    if not path.is_dir():
        partial = path.with_name(path.name + ".partial")
        if partial.is_dir():
            raise InputError(
                f"{path} is not finished (there is {partial}): run the command that began it again."
            )
        raise InputError(f"There is no folder {path}: give the folder of a store, or {make_one}.")
    if (path / MANIFEST).is_file():
        return
    if not any(path.iterdir()):
        raise InputError(f"{path} is an empty folder, not a store: {make_one}.")
    if next(path.glob("t*/*/*/*.png"), None):
        raise InputError(
            f"{path} is a PNG tree, not a store: pack it with `python -m cvae prepare`."
        )
    raise InputError(f"{path} is not a store (it has no {MANIFEST}): {make_one}.")
