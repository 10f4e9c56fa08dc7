"""A reader, what it reads, and the property that all of them have."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from cvae.errors import InputError
from tests.fuzz.mutations import changed

LONGEST_SENTENCE = 2000  # characters


@dataclass(frozen=True)
class Reader:
    """parts: valid content, by names that say what it is; a name that ends in .json is JSON.

    write: puts all parts into a folder, with the checksums and lengths that belong to them.
    read: reads everything in the folder, and uses it as the commands and pages do.
    """

    parts: dict[str, bytes]
    write: Callable[[Path, dict[str, bytes]], None]
    read: Callable[[Path], None]

    def changed_parts(self) -> st.SearchStrategy[dict[str, bytes]]:
        """All parts, one of them changed."""
        one_changed = [
            changed(name, content).map(lambda new, name=name: self.parts | {name: new})
            for name, content in self.parts.items()
        ]
        return st.one_of(one_changed)

    def holds(self, folder: Path, parts: dict[str, bytes]) -> bool:
        """Whether `parts` are read, or refused in one sentence; anything else is raised."""
        self.write(folder, parts)
        try:
            self.read(folder)
        except InputError as error:
            said = str(error)
            assert "\n" not in said, f"more than one line: {said!r}"
            assert 20 < len(said) < LONGEST_SENTENCE, f"{len(said)} characters: {said[:300]!r}"
            assert str(folder) in said or ".npz" in said, f"names no file: {said}"
            return False
        return True


def write_files(folder: Path, parts: dict[str, bytes]) -> None:
    """Parts that are files, by their paths."""
    for name, content in parts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def files_of(folder: Path, *names: str) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names}
