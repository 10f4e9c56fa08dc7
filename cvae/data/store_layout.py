"""What lies where in a packed store, and the manifest that says so.

    STORE/
        manifest.json           format, source, splits: counts, names, seeds, checksums
        train/frames.npy        uint8   (N, T, 64, 64, 3)
        train/actions.npy       float32 (N, T, 4)
        train/positions.npy     float32 (N, T, 3), NaN for a sequence that has none
        test/masks.npy          uint8   (N, T, 64, 64), only in labelled splits
        test/toys.npy           float32 (N, T, 16, 3), only in labelled splits

The arrays are plain .npy files, so that any NumPy can map them into memory.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from cvae.data.sequence import ACTION_DIM, FRAME_SIZE, MAX_TOYS, POSITION_DIM
from cvae.errors import InputError

FORMAT = "cvae packed store"
VERSION = 1
MANIFEST = "manifest.json"

ROW_SHAPES = {  # of one frame
    "frames": (FRAME_SIZE, FRAME_SIZE, 3),
    "actions": (ACTION_DIM,),
    "positions": (POSITION_DIM,),
    "masks": (FRAME_SIZE, FRAME_SIZE),
    "toys": (MAX_TOYS, 3),
}
DTYPES = {
    "frames": np.dtype(np.uint8),
    "actions": np.dtype(np.float32),
    "positions": np.dtype(np.float32),
    "masks": np.dtype(np.uint8),
    "toys": np.dtype(np.float32),
}
LABELS = ("masks", "toys")


@dataclass(frozen=True)
class Plan:
    """What a store is to hold, before any of it is there.

    names: per split, the names of its sequences in order.
    length: frames in every sequence.
    source: "simulated", "bair", or free text.
    labelled: splits whose sequences have masks and toys.
    description: how the data were made; anything that JSON can hold.
    """

    names: dict[str, list[str]]
    length: int
    source: str
    labelled: frozenset[str]
    description: dict

    def arrays(self, split: str) -> list[str]:
        """Names of the arrays that `split` has."""
        return [name for name in ROW_SHAPES if name not in LABELS or split in self.labelled]

    def shape(self, split: str, array: str) -> tuple[int, ...]:
        return (len(self.names[split]), self.length, *ROW_SHAPES[array])

    def to_json(self) -> dict:
        return asdict(self) | {"labelled": sorted(self.labelled)}

    def difference(self, other: dict) -> str | None:
        """What differs first in another plan (as JSON holds it), in words, or None."""
        mine = json.loads(json.dumps(self.to_json()))
        changed = [field for field, value in mine.items() if other.get(field) != value]
        if not changed:
            return None
        if changed[0] != "names":
            return f"{changed[0]} {other.get(changed[0])!r}, not {mine[changed[0]]!r}"
        counts = [
            ", ".join(f"{split} {len(names)}" for split, names in plan.get("names", {}).items())
            for plan in (other, mine)
        ]
        if counts[0] == counts[1]:
            return f"the same counts ({counts[0]}) but other sequence names"
        return f"{counts[0]} sequences, not {counts[1]}"


@dataclass(frozen=True)
class SplitManifest:
    """What the manifest says of one split.

    names: of the sequences, in order.
    seeds: of the sequences, or None where they were not simulated.
    without_positions: indices of the sequences whose positions were not recorded.
    sha256: per array, the checksum of its file.
    """

    names: list[str]
    seeds: list[int | None] | None
    without_positions: list[int]
    sha256: dict[str, str]


def array_file(root: Path, split: str, array: str) -> Path:
    return root / split / f"{array}.npy"


def file_sha256(file: Path) -> str:
    """Checksum of a file of any size, read piece by piece."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


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
    (root / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def read_manifest(root: Path) -> tuple[Plan, dict[str, SplitManifest]]:
    """The manifest of the store at `root`.

    Raises InputError if there is no store, or its manifest is damaged or newer than this program.
    """
    _check_is_store(root)
    file = root / MANIFEST
    damaged = "make the store again with `python -m cvae prepare` or `simulate`"
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise InputError(f"{file} describes a {manifest['format']!r}, not a packed store.")
        if manifest["version"] > VERSION:
            raise InputError(
                f"{root} has store format {manifest['version']}, this program knows formats up "
                f"to {VERSION}: update the program, or make the store again with it."
            )
        splits = {
            name: SplitManifest(
                list(split["names"]),
                split["seeds"],
                split["without_positions"],
                split["sha256"],
            )
            for name, split in manifest["splits"].items()
        }
        for name, split in splits.items():
            counted = manifest["splits"][name]["count"]
            seeds = len(split.names) if split.seeds is None else len(split.seeds)
            if not counted == len(split.names) == seeds:
                raise InputError(
                    f"{file} is damaged (split {name} says {counted} sequences, names "
                    f"{len(split.names)} and seeds {seeds}): {damaged}."
                )
        plan = Plan(
            names={name: split.names for name, split in splits.items()},
            length=int(manifest["length"]),
            source=str(manifest["source"]),
            labelled=frozenset(n for n in splits if "masks" in manifest["splits"][n]["arrays"]),
            description=manifest["description"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{file} is damaged ({type(error).__name__}: {error}): {damaged}."
        ) from error
    return plan, splits


def _check_is_store(path: Path) -> None:
    make_one = "make a store with `python -m cvae simulate` or `python -m cvae prepare`"
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
