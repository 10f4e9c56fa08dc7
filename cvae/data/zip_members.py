"""The files in a ZIP archive that may be damaged or hostile: what it declares is not believed."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

from cvae.data.damage import DamagedSequence

MOST_MEMBERS = 4096
MOST_UNPACKED = 1 << 28  # bytes of one sequence's archive: some 20,000 frames
PIECE = 1 << 16
LISTED = b"PK\x01\x02"  # begins each entry of an archive's list
READ_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
BAD = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, IndexError, struct.error),
    *(NotImplementedError, RuntimeError),  # other compression, encryption
)


def read_members(content: bytes, file: Path, kind: str, most: int) -> dict[str, bytes]:
    """The files in an archive by their names, in its order; nothing is written to a disk.

    All are read to their ends: only then is every checksum and name compared.
    content: of the archive, which is called `file` and is to be a `kind`.
    most: bytes to which it may unpack. It takes little more memory than that, whatever the
    archive declares.
    Raises DamagedSequence if it is no ZIP archive, is cut off, damaged, encrypted or compressed
    in another way than deflated, has files that would land outside of its folder, whose names
    can't be shown or two of one name, holds more than MOST_MEMBERS files or unpacks to more than
    `most` bytes.
    """
    # Counted before it is opened: zipfile makes an object of a kilobyte for each entry.
    if content.count(LISTED) > MOST_MEMBERS:
        raise DamagedSequence(file, f"holds more than {MOST_MEMBERS} files", "take fewer")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = [member for member in archive.infolist() if not member.is_dir()]
        if not all(map(_can_be_read, members)):
            raise zipfile.BadZipFile("compressed in a way that is not read, or with remarks")
        _check(members, file, most)
        return {member.filename: _read(archive, member) for member in members}
    except BAD as error:
        raise DamagedSequence(file, f"is no {kind}, cut off or damaged") from error


def _can_be_read(member: zipfile.ZipInfo) -> bool:
    """Whether it can be unpacked piece by piece in bounded memory.

    A damaged length of a remark swallows the names that follow, and who writes sequences writes
    no remarks.
    """
    encrypted = member.flag_bits & 1
    return member.compress_type in READ_METHODS and not encrypted and not member.comment


def _check(members: list[zipfile.ZipInfo], file: Path, most: int) -> None:
    for member in members:
        if not member.filename.isprintable():
            raise DamagedSequence(
                file,
                f"holds a file with an unreadable name ({member.filename[:80]!r})",
                "rename it",
            )
        parts = member.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or ":" in parts[0]:
            raise DamagedSequence(
                file,
                f"holds a file that would land outside of its folder ({member.filename[:80]!r})",
                "take it from a place that you trust",
            )
    if len({member.filename for member in members}) < len(members):
        raise DamagedSequence(file, "holds two files of one name", "write it again")
    declared = sum(member.file_size for member in members)
    if declared > most:
        raise DamagedSequence(
            file,
            f"unpacks to {declared / 1e6:,.0f} MB, more than the {most / 1e6:,.0f} MB allowed",
            "take fewer or smaller files",
        )


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    pieces = bytearray()
    with archive.open(member) as stream:
        # Asked for all at once, zipfile unpacks up to 2 GB before it looks at the declared size.
        while piece := stream.read(PIECE):
            pieces += piece
    return bytes(pieces)
