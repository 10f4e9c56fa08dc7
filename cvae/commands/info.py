"""`python -m cvae info`: what a store or a bundle holds."""

from pathlib import Path
from typing import Annotated

import numpy as np
import tyro

from cvae.data.bundle import Bundle
from cvae.data.bundle_manifest import is_bundle
from cvae.data.sequence import FRAME_SIZE
from cvae.data.split import Split
from cvae.data.store import Store
from cvae.data.store_layout import MANIFEST
from cvae.data.store_manifest import column_ranges, left_out_lines
from cvae.json_file import read_json

COLUMNS = {"actions": ("dx", "dy", "close", "goup"), "positions": ("x", "y", "z")}
Ranges = dict[str, dict[str, list[float]] | None]


def main(
    store: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="STORE")],
    verify: bool = False,
) -> None:
    """Tell what a store or a bundle holds: where it comes from, counts, ranges, checksums.

    Ranges are the smallest and largest value of each column: dx, dy and x, y, z in metres, close
    and goup in numbers of commands. Sequences that `prepare --skip-bad` left out are listed with
    the damaged file and the reason.

    Example: python -m cvae info data/bair --verify

    Args:
        store: A packed store, or a bundle such as demo/sequences.
        verify: Read everything and compare it with the checksums: minutes for all of BAIR.
    """
    if is_bundle(store):
        bundle = Bundle.open(store)
        _print_origin(store, bundle.length)
        _print_bundle(bundle)
        if verify:
            for index in range(len(bundle)):
                bundle[index]  # compares checksums as it reads
    else:
        opened = Store.open(store)
        splits = [opened.split(name) for name in opened.splits]
        _print_origin(store, splits[0].length)
        _print_splits(splits)
        if verify:
            opened.verify()
    if verify:
        print("\nVerified: everything is there and has the checksum that the manifest says.")


def _print_origin(path: Path, length: int) -> None:
    """What, from where, how made, how large."""
    manifest = read_json(path / MANIFEST)
    made = {"made from": manifest["made from"]} if "made from" in manifest else {}
    blocks = sum(file.stat().st_blocks for file in path.rglob("*"))
    print(f"{path}: {manifest['format']}, format {manifest['version']}")
    for label, value in {
        "source": manifest["source"],
        **made,
        **manifest["description"],
        "sequence": f"{length} frames of {FRAME_SIZE} x {FRAME_SIZE} pixels",
        "on disk": f"{blocks * 512 / 1e6:,.1f} MB",
    }.items():
        print(f"  {label:<10}  {value}")


def _print_bundle(bundle: Bundle) -> None:
    motions = [bundle.motion(index) for index in range(len(bundle))]
    positions = [places for _, places in motions if places is not None]
    masks = "with masks" if bundle.has_masks else "no masks"
    print(f"\n{len(bundle)} sequences, {len(positions)} with positions, {masks}")
    _print_ranges({"test": _ranges([actions for actions, _ in motions], positions)})
    print("\nchecksums: sha256 of each file, in the manifest")


def _print_splits(splits: list[Split]) -> None:
    print("\nsplit     sequences  left out  with positions  masks")
    for split in splits:
        counts = f"{len(split):>9,}  {len(split.left_out):>8,}  {split.recorded_positions:>14,}"
        print(f"{split.name:<8}  {counts}  {'yes' if split.has_masks else 'no':>5}")
    _print_ranges({split.name: split.ranges or _measured_ranges(split) for split in splits})
    print("\nsha256")
    for split in splits:
        for array, checksum in split.sha256.items():
            print(f"{split.name:<8}  {array:<9}  {checksum}")
    if any(split.left_out for split in splits):
        print("\nleft out, because damaged")
    for split in splits:
        for line in left_out_lines(split.left_out):
            print(f"{split.name:<8}  {line}")


def _measured_ranges(split: Split) -> Ranges:
    """For a store of format 1, whose manifest has none."""
    motions = [split.motion(index) for index in range(len(split))]
    return _ranges(
        [actions for actions, _ in motions],
        [positions for _, positions in motions if positions is not None],
    )


def _ranges(actions: list[np.ndarray], positions: list[np.ndarray]) -> Ranges:
    return {
        "actions": column_ranges(np.stack(actions)),
        "positions": column_ranges(np.stack(positions)) if positions else None,
    }


def _print_ranges(ranges: dict[str, Ranges]) -> None:
    """ranges: by split."""
    columns = [column for names in COLUMNS.values() for column in names]
    print("\nrange         " + "".join(f"{column:>8}" for column in columns))
    for split, measured in ranges.items():
        for bound in ("min", "max"):
            values = [
                f"{known[bound][i]:8.3f}" if (known := measured[array]) else f"{'-':>8}"
                for array, names in COLUMNS.items()
                for i in range(len(names))
            ]
            print(f"{split:<8}  {bound:<4}" + "".join(values))
