"""A split of a packed store: its sequences by number and by name."""

from pathlib import Path

import numpy as np

from cvae.data.sequence import Sequence
from cvae.data.store_layout import DTYPES, Plan, SplitManifest, array_file, read_manifest
from cvae.errors import InputError


class Split:
    """One split of a store: index i is sequence i, read from disk when it is asked for."""

    def __init__(self, root: Path, name: str, plan: Plan, manifest: SplitManifest) -> None:
        self.root = root
        self.name = name
        self.source = plan.source
        self.length = plan.length
        self.description = plan.description
        self.names = manifest.names
        self.titles: dict[str, str] = {}  # only a bundle has some
        self._seeds = manifest.seeds
        self._without_positions = frozenset(manifest.without_positions)
        self._index = {sequence: i for i, sequence in enumerate(manifest.names)}
        self._arrays = {
            array: _map_array(array_file(root, name, array), array, plan.shape(name, array))
            for array in plan.arrays(name)
        }

    def __reduce__(self):
        # Goes to a worker process as its address; pickling the maps would copy all data.
        return open_split, (self.root, self.name)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def has_masks(self) -> bool:
        return "masks" in self._arrays

    def __getitem__(self, index: int) -> Sequence:
        """Sequence number `index` (negative counts from the end), copied out of the map."""
        index = range(len(self))[index]
        arrays = {name: np.array(array[index]) for name, array in self._arrays.items()}
        if index in self._without_positions:
            arrays["positions"] = None
        seed = None if self._seeds is None else self._seeds[index]
        return Sequence(name=self.names[index], seed=seed, **arrays)

    def motion(self, index: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Actions and positions of sequence `index`, without reading its frames."""
        index = range(len(self))[index]
        recorded = index not in self._without_positions
        positions = np.array(self._arrays["positions"][index]) if recorded else None
        return np.array(self._arrays["actions"][index]), positions

    def by_name(self, name: str) -> Sequence:
        """The sequence of that name; InputError if there is none."""
        if name not in self._index:
            raise InputError(
                f"{self.root} has no sequence {name!r} in split {self.name}; it has "
                f"{len(self)}, from {self.names[0]!r} to {self.names[-1]!r}."
            )
        return self[self._index[name]]


def open_split(root: Path, name: str) -> Split:
    """Split `name` of the store at `root`, which is known to have it."""
    plan, manifests = read_manifest(root)
    return Split(root, name, plan, manifests[name])


def _map_array(file: Path, array: str, shape: tuple[int, ...]) -> np.ndarray:
    again = "copy it again or make the store again"
    if not file.is_file():
        raise InputError(f"{file} is missing though the manifest names it: {again}.")
    try:
        mapped = np.load(file, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{file} is cut off or damaged ({error}): {again}.") from error
    if mapped.shape != shape or mapped.dtype != DTYPES[array]:
        raise InputError(
            f"{file} holds {mapped.dtype} {mapped.shape}, but the manifest says "
            f"{DTYPES[array]} {shape}: {again}."
        )
    return mapped
