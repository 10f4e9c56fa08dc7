"""`python -m cvae prepare`: a PNG tree into a packed store."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import tyro
from tqdm import tqdm

from cvae.data.png_tree import list_sequences, read_sequence
from cvae.data.store import Store, StoreWriter
from cvae.data.store_layout import MANIFEST

CHUNK = 64  # sequences read ahead at most: some 25 MB


def main(
    src: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="SRC")],
    dst: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="DST")],
    source: str = "bair",
) -> None:
    """Pack the lab's PNG tree into a store that trains fast.

    SRC holds {train,validate,test}/traj_A_to_B/K/{0..29}.png with actions.csv (30 rows of 4
    numbers) and endeffector_positions.csv (30 rows of 3; it may be absent). Without a validate
    folder, the last 256 training sequences become the validate split.

    DST becomes a folder of memory-mapped arrays; it takes 0.37 MB a sequence (16 GB for all of
    BAIR). Until it is complete it is called DST.partial: interrupted, the same command goes on
    where it was.

    Example: python -m cvae prepare data/bair_png data/bair

    Args:
        src: The PNG tree.
        dst: The store to make.
        source: Where the data come from, as the app will say it.
    """
    folders = list_sequences(src)
    names = {split: list(listed) for split, listed in folders.items()}
    plan = {"source": source, "description": {"made from": str(src.resolve())}}
    if (dst / MANIFEST).is_file() and Store.open(dst).matches(names, **plan):
        print(f"{dst} is already complete.")
        return
    writer = StoreWriter(dst, names, **plan)
    # Decoding a PNG leaves the interpreter lock, so threads keep all cores busy.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for split, listed in folders.items():
            _pack(writer, split, listed, pool)
    writer.finish()
    counts = ", ".join(f"{split} {len(listed)}" for split, listed in names.items())
    print(f"Packed {counts} sequences into {dst}.")


def _pack(
    writer: StoreWriter, split: str, folders: dict[str, Path], pool: ThreadPoolExecutor
) -> None:
    """Write the sequences of `split` that `writer` still lacks; `folders` has all, by name."""
    names = list(folders)
    pending = writer.pending(split)
    done = len(names) - len(pending)
    with tqdm(total=len(names), initial=done, desc=split, unit="seq") as progress:
        for first in range(0, len(pending), CHUNK):
            chunk = pending[first : first + CHUNK]
            chosen = [names[index] for index in chunk]
            read = pool.map(read_sequence, [folders[name] for name in chosen], chosen)
            for index, sequence in zip(chunk, read, strict=True):
                writer.write(split, index, sequence)
                progress.update()
