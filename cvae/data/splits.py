"""How the sequences of a source are ordered and divided, the same for every form."""

import re
from pathlib import Path
from typing import TypeVar

from cvae.errors import InputError

SPLITS = ("train", "validate", "test")
VALIDATE_COUNT = 256

Address = TypeVar("Address")


def natural_order(name: str) -> list:
    """Sort key that puts "traj/2" before "traj/10"."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]


def with_validate_split(
    splits: dict[str, dict[str, Address]], root: Path
) -> dict[str, dict[str, Address]]:
    """`splits` (per split, addresses by name in order) with a validate split.

    Where there is none, the last 256 training sequences become it (the last eighth where there
    are fewer than 512); the test split is never touched.
    Raises InputError if there are too few training sequences to take some from.
    """
    if splits.get("validate"):
        return splits
    train = list(splits["train"].items())
    held_out = VALIDATE_COUNT if len(train) >= 2 * VALIDATE_COUNT else len(train) // 8
    if held_out == 0:
        raise InputError(
            f"{root} has no validate split and too few training sequences ({len(train)}) to "
            "take one from: add a validate folder, or have at least 8 sequences in train."
        )
    divided = {"train": dict(train[:-held_out]), "validate": dict(train[-held_out:])}
    return {split: (splits | divided)[split] for split in SPLITS if split in splits | divided}


def train_and_test(
    splits: dict[str, dict[str, Address]], root: Path, first_file: str
) -> dict[str, dict[str, Address]]:
    """`splits`, which must have train and test, with a validate split.

    first_file: what a file of a split is called, for people.
    Raises InputError if train or test is missing or empty.
    """
    for split in ("train", "test"):
        if not splits[split]:
            what = "has no sequences" if (root / split).is_dir() else "is missing"
            raise InputError(f"{root / split} {what}: needed is {split}/{first_file} and so on.")
    return with_validate_split(splits, root)
