"""`python -m cvae sheet`: many sequences on one picture."""

import io
from pathlib import Path
from typing import Annotated

import tyro

from cvae.data.bundle import open_test_sequences
from cvae.data.contact_sheet import contact_sheet
from cvae.disk import write_whole
from cvae.errors import InputError

# Of a sheet of frames WebP takes a third of what PNG does, and no difference is seen.
FORMATS: dict[str, dict] = {".png": {}, ".webp": {"quality": 92, "method": 6}}


def main(
    data: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="DATA")],
    out: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="OUT.webp")],
    count: int = 24,
    first: int = 0,
) -> None:
    """Draw a contact sheet: five frames of each of the test sequences, from first to last.

    Example: python -m cvae sheet demo/sequences docs/simulated.webp

    Args:
        data: Packed store, whose test split is taken, or a bundle.
        out: The PNG or WebP to write.
        count: How many sequences.
        first: Number of the first one.
    """
    sequences = open_test_sequences(data)
    if count < 1 or not 0 <= first <= len(sequences) - count:
        raise InputError(
            f"--first {first} --count {count} can't be had: {data} has {len(sequences)} test "
            "sequences."
        )
    suffix = out.suffix.lower()
    if suffix not in FORMATS:
        raise InputError(f"{out} ends in neither .png nor .webp: give the name of such a file.")
    numbers = range(first, first + count)
    sheet = contact_sheet(
        [sequences[number] for number in numbers], [sequences.names[number] for number in numbers]
    )
    content = io.BytesIO()
    sheet.save(content, suffix[1:], **FORMATS[suffix])
    write_whole(out, content.getbuffer())
    print(f"{out}: {count} sequences.")
