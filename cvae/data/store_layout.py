"""What lies where in a packed store, and the plan that it is made by.

    STORE/
        manifest.json           format, source, splits: names, seeds, what was left out, ranges
                                of actions and positions, checksums
        train/frames.npy        uint8   (N, T, 64, 64, 3)
        train/actions.npy       float32 (N, T, 4)
        train/positions.npy     float32 (N, T, 3), NaN for a sequence that has none
        test/masks.npy          uint8   (N, T, 64, 64), only in labelled splits
        test/toys.npy           float32 (N, T, 16, 3), only in labelled splits

The arrays are plain .npy files, so that any NumPy can map them into memory. N counts what was
planned: the rows of sequences that were left out are holes, which take no room on disk.

Format 1 had no left-out sequences and no ranges, and its checksums were those of whole files.
Now a checksum is that of the rows' checksums, which are known as soon as a row is written: a
store of 16 GB is not read again to be finished.
"""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from cvae.data.sequence import ACTION_DIM, FRAME_SIZE, MAX_TOYS, POSITION_DIM

FORMAT = "cvae packed store"
VERSION = 2
MANIFEST = "manifest.json"

ROW_SHAPES = {  # of one frame
    "frames": (FRAME_SIZE, FRAME_SIZE, 3),
    "actions": (ACTION_DIM,),
    "positions": (POSITION_DIM,),
    "masks": (FRAME_SIZE, FRAME_SIZE),
    "toys": (MAX_TOYS, 3),
}
DTYPES: dict[str, np.dtype] = {
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

    def size(self) -> int:
        """Bytes of all arrays."""
        return sum(
            math.prod(self.shape(split, array)) * DTYPES[array].itemsize
            for split in self.names
            for array in self.arrays(split)
        )

    def to_json(self) -> dict:
        return asdict(self) | {"labelled": sorted(self.labelled), "format": VERSION}

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


def array_file(root: Path, split: str, array: str) -> Path:
    return root / split / f"{array}.npy"
