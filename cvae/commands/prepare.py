"""`python -m cvae prepare`: BAIR in whatever form into a packed store."""

from pathlib import Path
from typing import Annotated, Any

import tyro

from cvae.data.forms import find_form
from cvae.data.packing import Source, pack
from cvae.data.sequence import SEQUENCE_LENGTH
from cvae.data.store import Store, StoreWriter
from cvae.data.store_layout import MANIFEST
from cvae.data.store_manifest import left_out_lines
from cvae.errors import InputError


def main(
    src: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="SRC")],
    dst: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="DST")],
    source: str = "bair",
    length: int = SEQUENCE_LENGTH,
    skip_bad: bool = False,
) -> None:
    """Pack BAIR, in whatever form it is at hand, into a store that trains fast.

    SRC has one of these forms; the command finds out which:

    TFRecords, as they are downloaded: softmotion30_44k/{train,test}/traj_A_to_B.tfrecords, or the
    folder that holds softmotion30_44k. Their checksums are compared.

    PNG tree, as the lab uses it: {train,validate,test}/traj_A_to_B/K/{0..29}.png with actions.csv
    (30 rows of 4 numbers) and endeffector_positions.csv (30 rows of 3; it may be absent).

    NPZ files, one a sequence: frames or image, actions or action, perhaps positions. A single
    file or a folder of them becomes a test split; subfolders train, validate, test these splits.

    Where there is a train split and no validate split, the last 256 training sequences become it.

    DST becomes a folder of memory-mapped arrays; it takes 0.37 MB a sequence (16 GB for all of
    BAIR). Until it is complete it is called DST.partial: interrupted, the same command goes on
    where it was. `python -m cvae info DST` tells what it holds.

    Example: python -m cvae prepare data/softmotion30_44k data/bair

    Args:
        src: Folder of the data, or one NPZ file.
        dst: The store to make.
        source: Where the data come from, as the app will say it.
        length: Frames in every sequence; one with fewer or more counts as damaged.
        skip_bad: Leave damaged sequences out and list them, instead of stopping at the first.
    """
    if length < 1:
        raise InputError(f"--length is {length}: give the number of frames of a sequence.")
    found = Source(find_form(src), src, length)
    unshown = found.drop_unshown()
    if unshown and not skip_bad:
        raise InputError(
            f"{src} has {len(unshown)} sequences whose names can't be shown, such as {unshown[0]}: "
            "rename their files, or leave them out with --skip-bad."
        )
    counts = ", ".join(f"{split} {len(names)}" for split, names in found.names.items())
    print(f"{src}: {found.form.title}, {counts} sequences.")
    if unshown:
        print(f"Left out because their names can't be shown: {', '.join(unshown)}.")
    description = {"made from": src.resolve().name, "form": found.form.title}
    plan: dict[str, Any] = {"length": length, "source": source, "description": description}
    if _is_complete(dst, found, plan):
        print(f"{dst} is already complete.")
    else:
        with StoreWriter(dst, found.names, **plan) as writer:
            pack(found, writer, skip_bad=skip_bad)
            writer.finish()
        print(f"Packed into {dst}.")
    _print_what_is_there(Store.open(dst))


def _is_complete(dst: Path, found: Source, plan: dict[str, Any]) -> bool:
    """Whether `dst` is the store of these data; where it is something else, writing says so."""
    try:
        there = (dst / MANIFEST).is_file()
    except PermissionError:
        there = False
    if not there:
        return False
    store = Store.open(dst)
    return store.matches(found.names, **plan) and found.is_that_of(store)


def _print_what_is_there(store: Store) -> None:
    splits = [store.split(name) for name in store.splits]
    print("It holds " + ", ".join(f"{split.name} {len(split)}" for split in splits) + " sequences.")
    left_out = sum(len(split.left_out) for split in splits)
    if left_out:
        print(f"Left out because damaged: {left_out}.")
    for split in splits:
        for line in left_out_lines(split.left_out):
            print(f"  {split.name}  {line}")
