"""The bundled form of a few sequences: lossless and small enough to be kept with the code.

BUNDLE/
    manifest.json     format, source, how it was made, names, titles, seeds, checksums
    NAME.webp         the frames, lossless; see cvae.data.bundle_frames
    NAME.npz          actions, positions, masks, toys (those that there are)
"""

import hashlib
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

import numpy as np

from cvae.data.bundle_frames import decode_frames, encode_frames
from cvae.data.bundle_manifest import (
    FORMAT,
    RESTORE,
    SUFFIXES,
    VERSION,
    BundleManifest,
    check_manifest,
    file_stem,
    is_bundle,
    read_bundle_manifest,
)
from cvae.data.damage import DamagedSequence, list_folder, read_file
from cvae.data.notable import notable
from cvae.data.npz import parse_arrays
from cvae.data.sequence import Sequence
from cvae.data.split import Split
from cvae.data.store import Store
from cvae.data.store_layout import DTYPES, MANIFEST, ROW_SHAPES
from cvae.data.unpacked import UnpackedTestSplit
from cvae.data.zip_members import MOST_UNPACKED
from cvae.disk import whole_folder, write_text
from cvae.errors import InputError

OPTIONAL = ("positions", "masks", "toys")


class SequenceSource(Protocol):
    """Sequences by number and by name; a split of a store and a bundle both are one.

    names: of the sequences, in order.
    source: "simulated", "bair", or free text.
    length: frames in every sequence.
    description: how it was made.
    titles: for the names of some sequences, what happens in them, in a word or two.
    """

    @property
    def names(self) -> list[str]: ...
    @property
    def source(self) -> str: ...
    @property
    def length(self) -> int: ...
    @property
    def description(self) -> dict: ...
    @property
    def titles(self) -> dict[str, str]: ...
    @property
    def has_masks(self) -> bool: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> Sequence: ...
    def window(self, index: int, start: int, length: int) -> Sequence: ...
    def by_name(self, name: str) -> Sequence: ...
    def motion(self, index: int) -> tuple[np.ndarray, np.ndarray | None]: ...


def open_test_sequences(path: Path | str) -> SequenceSource:
    """The sequences of a bundle, or the test split of a store or of data that are not packed.

    Raises InputError if `path` is none of them, damaged or incomplete.
    """
    path = Path(path)
    if is_bundle(path):
        return Bundle.open(path)
    there = {entry.name for entry in list_folder(path)}
    if path.is_file() or (there and MANIFEST not in there):
        return UnpackedTestSplit.open(path)
    return Store.open(path).split("test")


def write_bundle(split: Split, count: int, path: Path | str) -> None:
    """Write `count` sequences of `split` as a bundle at `path`, whole or not at all.

    Those worth a title come first (see `notable`), then the first of the others, in order.
    Raises InputError if `path` is there already or can't be written, or the split has fewer
    sequences, or such as a bundle can't hold.
    """
    if not 0 < count <= len(split):
        raise InputError(
            f"Split {split.name} of {split.root} has {len(split)} sequences; {count} can't be "
            "bundled."
        )
    with whole_folder(Path(path)) as partial:
        titles = notable(split[index] for index in range(len(split)))
        others = [index for index in range(len(split)) if index not in titles.values()]
        numbers = [*titles.values(), *others][:count]
        chosen = {split.names[i]: title for title, i in titles.items() if i in numbers}
        sequences = [split[index] for index in numbers]
        manifest = _manifest(split, sequences, chosen)
        for sequence in sequences:
            for file, content in _encode(sequence).items():
                (partial / file).write_bytes(content)
                manifest.sha256[file] = hashlib.sha256(content).hexdigest()
        described = {
            "format": FORMAT,
            "version": VERSION,
            "made from": f"{count} of {len(split)} sequences of split {split.name}",
            **asdict(manifest),
        }
        write_text(partial / MANIFEST, json.dumps(described, indent=1) + "\n")


class Bundle:
    """Bundled sequences; each is decoded, and its checksum compared, when it is asked for."""

    def __init__(self, root: Path, manifest: BundleManifest) -> None:
        self.root = root
        self.source = manifest.source
        self.length = manifest.length
        self.description = manifest.description
        self.names = manifest.names
        self.titles = manifest.titles
        self.has_masks = manifest.has_masks
        self._seeds = manifest.seeds
        self._sha256 = manifest.sha256

    @classmethod
    def open(cls, path: Path | str) -> "Bundle":
        """Open the bundle at `path`.

        Raises InputError if it is absent, not a bundle, damaged, incomplete or too new.
        """
        path = Path(path)
        bundle = cls(path, read_bundle_manifest(path))
        for name in sorted(bundle._sha256):
            if not (path / name).is_file():
                raise InputError(f"{path / name} is missing though {MANIFEST} names it: {RESTORE}.")
        return bundle

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> Sequence:
        """Sequence number `index`, decoded; InputError if its files are damaged."""
        index = range(len(self))[index]
        stem = file_stem(self.names[index])
        arrays = self._arrays(stem)
        return Sequence(
            name=self.names[index],
            frames=self._frames(stem),
            actions=arrays["actions"],
            seed=self._seeds[index],
            **{name: arrays[name] for name in OPTIONAL if name in arrays},
        )

    def window(self, index: int, start: int, length: int) -> Sequence:
        """The `length` frames from `start` on of sequence `index`."""
        return self[index].window(start, length)

    def motion(self, index: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Actions and positions of sequence `index`, without decoding its frames."""
        arrays = self._arrays(file_stem(self.names[index]))
        return arrays["actions"], arrays.get("positions")

    def by_name(self, name: str) -> Sequence:
        """The sequence of that name; InputError if there is none."""
        if name not in self.names:
            raise InputError(
                f"{self.root} has no sequence {name!r}; it has {len(self)}, from "
                f"{self.names[0]!r} to {self.names[-1]!r}."
            )
        return self[self.names.index(name)]

    def _frames(self, stem: str) -> np.ndarray:
        """uint8 (T, H, W, 3)."""
        file = stem + ".webp"
        try:
            return decode_frames(self._content(file), self.length)
        except ValueError as error:
            raise InputError(f"{self.root / file} {error}: {RESTORE}.") from error

    def _arrays(self, stem: str) -> dict[str, np.ndarray]:
        """Actions, and those of OPTIONAL that there are."""
        file = self.root / (stem + ".npz")
        try:
            arrays = parse_arrays(self._content(file.name), file, MOST_UNPACKED)
        except ValueError as error:
            raise InputError(f"{file} is damaged ({error}): {RESTORE}.") from error
        if "actions" not in arrays or ("masks" in arrays) != self.has_masks:
            raise InputError(f"{file} holds other arrays than it should: {RESTORE}.")
        wanted = {name: arrays[name] for name in ("actions", *OPTIONAL) if name in arrays}
        for name, array in wanted.items():
            shape = (self.length, *ROW_SHAPES[name])
            recorded = name == "toys" or np.isfinite(array).all()
            if array.shape != shape or array.dtype != DTYPES[name] or not recorded:
                raise InputError(
                    f"{file} has {name} {array.dtype} {array.shape}, not finite numbers "
                    f"{DTYPES[name]} {shape}: {RESTORE}."
                )
        return wanted

    def _content(self, file: str) -> bytes:
        try:
            content = read_file(self.root / file, MOST_UNPACKED)
        except DamagedSequence as error:
            raise InputError(f"{self.root / file} {error.wrong}: {RESTORE}.") from error
        if hashlib.sha256(content).hexdigest() != self._sha256[file]:
            raise InputError(
                f"{self.root / file} is damaged (its checksum is not the manifest's): {RESTORE}."
            )
        return content


def _manifest(split: Split, sequences: list[Sequence], titles: dict[str, str]) -> BundleManifest:
    """That of a bundle of `sequences`, with checksums that are still to be filled in."""
    names = [sequence.name for sequence in sequences]
    manifest = BundleManifest(
        source=split.source,
        length=split.length,
        description=split.description,
        names=names,
        titles=titles,
        has_masks=split.has_masks,
        seeds=[sequence.seed for sequence in sequences],
        sha256={file_stem(name) + suffix: "" for name in names for suffix in SUFFIXES},
    )
    try:
        check_manifest(manifest)
    except ValueError as error:
        raise InputError(
            f"Split {split.name} of {split.root} can't be bundled ({error}): make the store again "
            "with other names or shorter sequences."
        ) from error
    return manifest


def _encode(sequence: Sequence) -> dict[str, bytes]:
    """The two files of a sequence by name."""
    arrays = io.BytesIO()
    present = {name: getattr(sequence, name) for name in OPTIONAL}
    present = {name: array for name, array in present.items() if array is not None}
    np.savez_compressed(arrays, actions=sequence.actions, **present)
    stem = file_stem(sequence.name)
    return {stem + ".webp": encode_frames(sequence.frames), stem + ".npz": arrays.getvalue()}
