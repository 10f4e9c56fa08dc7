"""Unpack a tar archive from elsewhere: whole or not at all, and nowhere but where it should."""

import os
import tarfile
from pathlib import Path

from tqdm import tqdm

from cvae.errors import InputError


def unpacked_so_far(folder: Path) -> int:
    """Bytes that an interrupted `unpack` into `folder` left."""
    return sum(file.stat().st_size for file in _partial(folder).rglob("*") if file.is_file())


def unpack(archive: Path, folder: Path) -> None:
    """Unpack the tar file `archive` into the new folder `folder`.

    Until all of it is there the folder is called `<folder>.partial`; interrupted, the same call
    goes on with the file it was at.
    Raises InputError if `archive` is no tar file, cut off or damaged, if a member would land
    outside the folder or is no file, folder or link, or if the disk refuses.
    """
    partial = _partial(folder)
    try:
        partial.mkdir(exist_ok=True)
        with (
            tarfile.open(archive, "r:") as tar,
            tqdm(
                total=archive.stat().st_size,
                unit="B",
                unit_scale=True,
                unit_divisor=1024,
                desc="unpack",
            ) as progress,
        ):
            for member in tar:
                _unpack_member(tar, member, partial)
                progress.update(tar.offset - progress.n)
            _check_ends_as_tar(tar)
    except tarfile.FilterError as error:
        raise InputError(
            f"{archive} is not unpacked: {_without_stop(error)}, which no data set needs; "
            "take it from a place that you trust."
        ) from error
    except tarfile.TarError as error:
        raise InputError(
            f"{archive} is no tar file, or is damaged ({_without_stop(error)}): delete "
            f"{archive.parent} and run the command again."
        ) from error
    except OSError as error:
        raise InputError(
            f"{archive} can't be unpacked into {partial} ({error.strerror}): make room or correct "
            "the rights, and run the command again; it goes on where it was."
        ) from error
    # The archive may be deleted next: first let the disk really have what came out of it.
    os.sync()
    partial.rename(folder)


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    safe = tarfile.data_filter(member, str(folder))
    file = folder / safe.name
    # Extraction sets the time last, so a file of the right size and time is whole.
    if member.isfile() and file.is_file():
        found = file.stat()
        if (found.st_size, int(found.st_mtime)) == (member.size, int(member.mtime)):
            return
    tar.extract(member, folder, filter="data")


def _check_ends_as_tar(tar: tarfile.TarFile) -> None:
    """A tar file ends with blocks of zeros; tarfile takes a damaged header for the end too."""
    tar.fileobj.seek(tar.offset)
    if tar.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise tarfile.ReadError(f"no valid entry at byte {tar.offset}")


def _without_stop(error: Exception) -> str:
    return str(error).rstrip(".")


def _partial(folder: Path) -> Path:
    return folder.with_name(folder.name + ".partial")
