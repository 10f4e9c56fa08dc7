"""The test split of data that are not packed, read where they lie.

To browse a few hundred sequences nothing has to be packed: one is read in the time of a glance
(20 ms for a PNG tree), the first of them at once, and nothing is written. Training is another
matter: it wants a store.
"""

from pathlib import Path

import numpy as np

from cvae.data.damage import DamagedSequence
from cvae.data.forms import Address, Form, find_form
from cvae.data.sequence import Sequence
from cvae.data.store_layout import MANIFEST
from cvae.errors import InputError


class UnpackedTestSplit:
    """Sequences by number and by name (a SequenceSource); each is read when it is asked for.

    source: what form the data have; where they come from, their files do not tell.
    length: frames in every sequence, taken from the first that can be read.
    """

    def __init__(self, root: Path, form: Form[Address], listed: dict[str, Address]) -> None:
        self.root = root
        self.source = form.title
        self.names = list(listed)
        self.description = {"made from": root.resolve().name, "form": form.title}
        self.titles: dict[str, str] = {}  # only a bundle has some
        self.has_masks = False
        self._form = form
        self._listed = listed
        self.length = self._first_length()

    @classmethod
    def open(cls, root: Path) -> "UnpackedTestSplit":
        """Find the test split at `root`: a PNG tree, TFRecords, or NPZ files.

        Raises InputError if there is none of them, or all sequences are damaged.
        """
        try:
            form = find_form(root)
        except InputError as error:
            raise InputError(
                f"{error} Or name a packed store or a bundle, a folder with {MANIFEST}."
            ) from error
        listed = form.list_test(root)
        if not listed:
            raise InputError(
                f"{root} has no test split ({form.title}: {form.layout}, in test in place of "
                "train): add one."
            )
        return cls(root, form, listed)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> Sequence:
        """Sequence number `index`; InputError if its files are damaged."""
        name = self.names[range(len(self))[index]]
        try:
            return self._form.read_sequence(self._listed[name], name, self.length)
        except DamagedSequence as error:
            raise InputError(
                f"{error.file} {error.wrong}: put it right, or choose another sequence."
            ) from error

    def window(self, index: int, start: int, length: int) -> Sequence:
        """The `length` frames from `start` on of sequence `index`."""
        return self[index].window(start, length)

    def motion(self, index: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Actions and positions of sequence `index`."""
        sequence = self[index]
        return sequence.actions, sequence.positions

    def by_name(self, name: str) -> Sequence:
        """The sequence of that name; InputError if there is none."""
        if name not in self._listed:
            raise InputError(
                f"{self.root} has no sequence {name!r}; it has {len(self)}, from "
                f"{self.names[0]!r} to {self.names[-1]!r}."
            )
        return self[self.names.index(name)]

    def _first_length(self) -> int:
        for name in self.names:
            try:
                return len(self._form.read_sequence(self._listed[name], name, None))
            except DamagedSequence as error:
                damage = error
        raise InputError(
            f"{self.root} has no test sequence that can be read; the last one: {damage.file} "
            f"{damage.wrong}."
        )
