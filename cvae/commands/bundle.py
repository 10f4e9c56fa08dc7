"""`python -m cvae bundle`: a few sequences of a store in the form that the repository carries."""

from pathlib import Path
from typing import Annotated

import tyro

from cvae.data.bundle import write_bundle
from cvae.data.store import Store
from cvae.errors import InputError


def main(
    store: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="STORE")],
    out: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="OUT")],
    split: str = "test",
    count: int = 48,
) -> None:
    """Write some sequences of a store as small lossless files, for the app to carry.

    Simulated sequences in which something happens that is worth a look get a title and come
    first: easy, hard, push, carry, lift, occlusion, no contact, pile. Then come the first others.
    Each sequence becomes a lossless WebP of its frames and an NPZ of the rest; together they
    take about a third of the store's bytes.

    Example: python -m cvae bundle data/sim demo/sequences

    Args:
        store: Packed store to take them from.
        out: New folder to write.
        split: Which split to take.
        count: How many sequences.
    """
    source = Store.open(store).split(split)
    if not 1 <= count <= len(source):
        raise InputError(f"--count is {count}; {store} has {len(source)} {split} sequences.")
    write_bundle(source, count, out)
    size = sum(file.stat().st_size for file in out.iterdir())
    print(f"{out}: {count} sequences, {size / 1e6:.1f} MB.")
