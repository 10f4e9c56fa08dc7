"""A split of a packed store: its sequences by number and by name."""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from cvae.data.npy import map_array
from cvae.data.sequence import Sequence
from cvae.data.store_layout import DTYPES, Plan, array_file
from cvae.data.store_manifest import SplitManifest, contents_checksum
from cvae.errors import InputError


class Split:
    """One split of a store: index i is sequence i, read from disk when it is asked for.

    names: of its sequences, in order.
    left_out: sequences that the source has and the store has not, because they are damaged.
    ranges: of actions and positions, as the manifest has them.
    sha256: checksums of the arrays, as the manifest has them. checksum: of all of it, see Store.
    """

    def __init__(self, root: Path, name: str, plan: Plan, manifest: SplitManifest) -> None:
        self.root = root
        self.name = name
        self.source = plan.source
        self.length = plan.length
        self.description = plan.description
        self.names = manifest.names
        self.titles: dict[str, str] = {}  # only a bundle has some
        self.left_out = manifest.left_out
        self.ranges = manifest.ranges
        self.sha256 = manifest.sha256
        self.checksum = contents_checksum([manifest])
        self._rows = manifest.rows
        self._seeds = manifest.seeds
        self._without_positions = frozenset(manifest.without_positions)
        self._index = {sequence: i for i, sequence in enumerate(manifest.names)}
        self._arrays = {
            array: _map_array(array_file(root, name, array), array, plan.shape(name, array))
            for array in plan.arrays(name)
        }

    def __len__(self) -> int:
        return len(self.names)

    @property
    def recorded_positions(self) -> int:
        """How many of the sequences have positions."""
        return len(self) - len(self._without_positions)

    @property
    def has_masks(self) -> bool:
        return "masks" in self._arrays

    def __getitem__(self, index: int) -> Sequence:
        """Sequence number `index` (negative counts from the end), copied out of the map."""
        return self.window(index, 0, self.length)

    def window(self, index: int, start: int, length: int) -> Sequence:
        """The `length` frames from `start` on of sequence `index`; no others are read."""
        index = range(len(self))[index]
        row, cut = self._rows[index], slice(start, start + length)
        arrays: dict[str, Any] = {
            name: _copy(array, row, cut) for name, array in self._arrays.items()
        }
        if index in self._without_positions:
            arrays["positions"] = None
        seed = None if self._seeds is None else self._seeds[index]
        return Sequence(name=self.names[index], seed=seed, **arrays)

    def motion(self, index: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Actions and positions of sequence `index`, without reading its frames."""
        index = range(len(self))[index]
        row, recorded = self._rows[index], index not in self._without_positions
        positions = np.array(self._arrays["positions"][row]) if recorded else None
        return np.array(self._arrays["actions"][row]), positions

    def rows(self, array: str) -> Iterator[np.ndarray]:
        """What each sequence has in `array`, in order, as it lies on disk."""
        return (self._arrays[array][row] for row in self._rows)

    def by_name(self, name: str) -> Sequence:
        """The sequence of that name; InputError if there is none."""
        if name not in self._index:
            raise InputError(
                f"{self.root} has no sequence {name!r} in split {self.name}; it has "
                f"{len(self)}, from {self.names[0]!r} to {self.names[-1]!r}."
            )
        return self[self._index[name]]


def _copy(array: np.memmap, row: int, cut: slice) -> np.ndarray:
    """`array[row, cut]` out of the map."""
    piece = array[row, cut]
    first = array.offset + row * array.strides[0] + cut.start * array.strides[1]
    page = first - first % mmap.PAGESIZE
    # One request to the disk for all of it: fetched page by page it takes ten times as long.
    assert isinstance(array.base, mmap.mmap)
    array.base.madvise(mmap.MADV_WILLNEED, page, first - page + piece.nbytes)
    return np.array(piece)


def _map_array(file: Path, array: str, shape: tuple[int, ...]) -> np.memmap:
    again = "copy it again or make the store again"
    try:
        mapped = map_array(file)
    except FileNotFoundError as error:
        raise InputError(f"{file} is missing though the manifest names it: {again}.") from error
    except PermissionError as error:
        raise InputError(
            f"{file} can't be read ({error.strerror}): give the user who runs this the right to."
        ) from error
    except (ValueError, OSError) as error:
        raise InputError(f"{file} is cut off or damaged ({error}): {again}.") from error
    if mapped.shape != shape or mapped.dtype != DTYPES[array]:
        raise InputError(
            f"{file} holds {mapped.dtype} {mapped.shape}, but the manifest says "
            f"{DTYPES[array]} {shape}: {again}."
        )
    return mapped
