"""What the manifest of a bundle says, checked before anything is made of it."""

from dataclasses import dataclass, fields
from pathlib import Path

from cvae.data.sequence import can_be_shown
from cvae.data.store_layout import MANIFEST
from cvae.errors import InputError
from cvae.json_file import fitted, read_json

FORMAT = "cvae bundle"
VERSION = 3
SUFFIXES = (".webp", ".npz")
RESTORE = "restore the folder, or make it again from a store"
MOST_FRAMES = 255  # of 64 pixels beside each other: a WebP has 16,383 at most


@dataclass(frozen=True)
class BundleManifest:
    """names: of the sequences, in order; titles: of some of them. seeds: None where not simulated.

    sha256: of each file. See `SequenceSource` for the others.
    """

    source: str
    length: int
    description: dict
    names: list[str]
    titles: dict[str, str]
    has_masks: bool
    seeds: list[int | None]
    sha256: dict[str, str]


def read_bundle_manifest(path: Path) -> BundleManifest:
    """The manifest of the bundle at `path`; InputError if it is absent, damaged or too new."""
    file = path / MANIFEST
    if not file.is_file():
        raise InputError(f"{path} has no {MANIFEST}, so it is no bundle: {RESTORE}.")
    try:
        content = read_json(file)
        if content["format"] != FORMAT or content["version"] != VERSION:
            raise InputError(
                f"{file} describes a {content['format']!r} of version {content['version']}; "
                f"a {FORMAT!r} of version {VERSION} is needed: update the program, or make it "
                "again."
            )
        known = {field.name: content[field.name] for field in fields(BundleManifest)}
        manifest = fitted(BundleManifest, known, "it")
        check_manifest(manifest)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file} is damaged ({error}): {RESTORE}.") from error
    return manifest


def is_bundle(path: Path) -> bool:
    """Whether the folder `path` says that it is a bundle."""
    try:
        manifest = read_json(path / MANIFEST)
    except (OSError, ValueError):
        return False  # opening it as a store says what is wrong
    return isinstance(manifest, dict) and manifest.get("format") == FORMAT


def file_stem(name: str) -> str:
    """What the files of the sequence `name` are called: they all lie in the bundle's folder."""
    return name.replace("/", "__")


def check_manifest(manifest: BundleManifest) -> None:
    """Raise ValueError unless what it says fits together, and can be a bundle."""
    names = manifest.names
    if not names:
        raise ValueError("it has no sequences")
    files = {file_stem(name) + suffix for name in names for suffix in SUFFIXES}
    if set(manifest.sha256) != files or len(manifest.seeds) != len(names):
        raise ValueError("names, seeds and checksums do not fit together")
    if len(files) < len(names) * len(SUFFIXES) or not set(manifest.titles) <= set(names):
        raise ValueError("two names mean the same file, or titles are those of other sequences")
    if not all(can_be_shown(name) and len(name) <= 200 for name in names):
        raise ValueError("it has names that can't be shown, or are too long")
    if not 1 <= manifest.length <= MOST_FRAMES:
        raise ValueError(f"its sequences have {manifest.length} frames, not 1 to {MOST_FRAMES}")
