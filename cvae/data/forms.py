"""The forms in which people have BAIR, and finding out which of them a place has.

A form lists its sequences per split, each with an address, and reads one from its address:
how an address looks is the form's own business. `prepare` needs no more of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from cvae.data import npz, png_tree, tfrecord
from cvae.data.damage import list_folder, told_when_unreadable
from cvae.data.sequence import Sequence
from cvae.data.store_layout import MANIFEST
from cvae.errors import InputError

Address = TypeVar("Address")


@dataclass(frozen=True)
class Form(Generic[Address]):
    """One way to keep sequences in files.

    title: what people call it.
    layout: where its files lie below the given place, for people.
    found_in: whether a place has this form, from a first look.
    list_sequences: per split, the address of every sequence by its name, in order.
    list_test: the same for the test split alone, which may be there without the others.
    read_sequence: (address, name, length) -> the sequence, of any length where that is None;
        raises DamagedSequence.
    """

    title: str
    layout: str
    found_in: Callable[[Path], bool]
    list_sequences: Callable[[Path], dict[str, dict[str, Address]]]
    list_test: Callable[[Path], dict[str, Address]]
    read_sequence: Callable[[Address, str, int | None], Sequence]


FORMS = (
    Form(
        "PNG tree",
        "train/traj_A_to_B/K/0.png",
        png_tree.is_png_tree,
        png_tree.list_sequences,
        png_tree.list_test,
        png_tree.read_sequence,
    ),
    Form(
        "TFRecords",
        "softmotion30_44k/train/traj_A_to_B.tfrecords",
        tfrecord.has_tfrecords,
        tfrecord.list_sequences,
        tfrecord.list_test,
        tfrecord.read_sequence,
    ),
    Form(
        "NPZ files",
        "NAME.npz or test/NAME.npz",
        npz.has_npz,
        npz.list_sequences,
        npz.list_test,
        npz.read_sequence,
    ),
)


def find_form(place: Path) -> Form:
    """The form that the files at `place` have.

    Raises InputError if there is nothing, nothing known, more than one form, or no right to look.
    """
    expected = "; ".join(f"{form.title} ({form.layout})" for form in FORMS)
    with told_when_unreadable(place):
        is_folder, exists = place.is_dir(), place.exists()
    if not exists:
        raise InputError(f"There is no folder or file {place}; expected is one of: {expected}.")
    entries = sorted(entry.name for entry in list_folder(place))
    if is_folder and not entries:
        raise InputError(f"{place} is an empty folder; expected is one of: {expected}.")
    if MANIFEST in entries:
        raise InputError(
            f"{place} is prepared already (it has a {MANIFEST}): use it as it is, with --data."
        )
    found = [form for form in FORMS if form.found_in(place)]
    if len(found) == 1:
        return found[0]
    if found:
        titles = " and ".join(form.title for form in found)
        raise InputError(f"{place} has {titles}: give a folder that has one of them only.")
    seen = f"has {_some(entries)}" if is_folder else "is a file of another kind"
    raise InputError(f"{place} {seen}; expected is one of: {expected}.")


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
