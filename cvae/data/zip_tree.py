"""One sequence of the PNG tree in a ZIP archive: its files, or the folder that holds them.

    [FOLDER/]{0..T-1}.png
             actions.csv                  T rows of 4 numbers
             endeffector_positions.csv    T rows of 3, or absent

Nothing is unpacked onto a disk.
"""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from cvae.data import png_tree
from cvae.data.damage import DamagedSequence
from cvae.data.sequence import Sequence
from cvae.data.zip_members import MOST_UNPACKED, read_members

MAC = "__MACOSX/"
LAYOUT = "0.png, 1.png and so on with actions.csv"


def parse_sequence(
    content: bytes, file: Path, name: str, length: int | None, most: int = MOST_UNPACKED
) -> Sequence:
    """The sequence of `length` frames, or of any number, in the `content` of an archive.

    most: bytes to which it may unpack.
    Raises DamagedSequence if it is no ZIP archive or damaged, holds no sequence or several, or
    for what a PNG tree's sequence is refused for.
    """
    members = read_members(content, file, "ZIP archive", most)
    # A Mac adds a folder of its own, whose files are called like those that they describe.
    paths = {PurePosixPath(member): member for member in members if not member.startswith(MAC)}
    folder = _only_folder(paths, file)
    inside = {path.name: members[paths[path]] for path in paths if path.parent == folder}

    def read(wanted: str) -> bytes:
        if wanted not in inside:
            raise DamagedSequence(file / folder / wanted, "is missing", "put it there")
        return inside[wanted]

    return png_tree.parse_sequence(file / folder, set(inside), read, name, length)


def _only_folder(paths: Iterable[PurePosixPath], file: Path) -> PurePosixPath:
    """The folder of the archive that holds the sequence."""
    folders = {path.parent for path in paths if path.name in (png_tree.ACTIONS, "0.png")}
    if len(folders) > 1:
        raise DamagedSequence(
            file, f"holds {len(folders)} sequences, not one", "make an archive of one folder"
        )
    if not folders:
        raise DamagedSequence(file, f"holds no sequence ({LAYOUT})", "make it again")
    return folders.pop()
