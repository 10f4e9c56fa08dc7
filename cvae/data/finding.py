"""One sequence out of many, by what a person would call it."""

from pathlib import Path

from cvae.data.bundle import SequenceSource
from cvae.data.sequence import Sequence
from cvae.errors import InputError


def find_sequence(source: SequenceSource, place: Path | str, wanted: str | int) -> Sequence:
    """The sequence of `source` with that name, title ("push") or number from 0.

    place: where the sequences are, for the error. A number may stand in a string; negative ones
    count from the end, as integers only.
    Raises InputError if there is none.
    """
    if isinstance(wanted, str):
        if wanted in source.names:
            return source.by_name(wanted)
        titled = {title: name for name, title in source.titles.items()}
        if wanted in titled:
            return source.by_name(titled[wanted])
        if not wanted.isdecimal():
            raise InputError(
                f"{place} has no sequence {wanted!r}; it has {len(source)}, from "
                f"{source.names[0]!r} to {source.names[-1]!r}"
                + (f"; or choose a title: {', '.join(titled)}." if titled else ".")
            )
    number = int(wanted)
    if not -len(source) <= number < len(source):
        raise InputError(
            f"{place} has {len(source)} sequences, so there is no number {number}: choose "
            f"one from 0 to {len(source) - 1}, or a name such as {source.names[0]!r}."
        )
    return source[number]
