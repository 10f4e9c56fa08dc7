"""`python -m cvae download`: real BAIR from its official archive to a packed store."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import tyro

from cvae.commands import prepare
from cvae.data.archive import unpack, unpacked_so_far
from cvae.data.download import Patience, arrived, begun, fetch, look_up
from cvae.errors import InputError

BAIR = "http://rail.eecs.berkeley.edu/datasets/bair_robot_pushing_dataset_v0.tar"
# Bytes of the store for each byte of the archive: it keeps one camera of two.
STORE_SHARE = 0.5


def main(
    dst: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="DST")],
    url: str = BAIR,
    keep: bool = False,
    skip_bad: bool = False,
    retries: int = 5,
) -> None:
    """Download the BAIR robot pushing data set (30 GiB) and pack it into a store.

    Fetches the archive, unpacks it and hands it to `prepare`. All of that happens in the folder
    DST.download beside DST; interrupted at any point, the same command goes on where it was.

    The archive is deleted once it is unpacked, and what came out of it once the store is
    complete: the store (16 GB) holds all that this program reads, so 60 GiB of free disk are
    enough instead of 75. With --keep both stay in DST.download.

    Example: python -m cvae download data/bair

    Args:
        dst: The store to make.
        url: Where the archive lies: a plain tar file that holds a data set in a form `prepare`
            reads, for instance on a mirror.
        keep: Keep the archive and what it held.
        skip_bad: Leave damaged sequences out and list them, instead of stopping at the first.
        retries: Attempts after a connection that broke off without having brought anything.
    """
    if retries < 0:
        raise InputError(f"--retries is {retries}: give 0 or more.")
    work = Path(f"{dst}.download")
    packed = work / "packed"  # what `unpacked` is called once the store holds it
    with _alone_in(work, dst):
        if not (packed.exists() and dst.exists()):
            shutil.rmtree(packed, ignore_errors=True)
            unpacked = _unpacked_archive(work, url, dst, keep, Patience(retries))
            prepare.main(_data_root(unpacked), dst, skip_bad=skip_bad)
            if keep:
                return
            unpacked.rename(packed)
        shutil.rmtree(work)


def _unpacked_archive(work: Path, url: str, dst: Path, keep: bool, patience: Patience) -> Path:
    """The folder of what the archive holds, which is fetched and unpacked if need be."""
    unpacked = work / "unpacked"
    if not unpacked.exists():
        unpack(_fetch_archive(work, url, dst, keep, patience), unpacked)
    if not keep:
        (work / "archive.tar").unlink(missing_ok=True)
    return unpacked


def _fetch_archive(work: Path, url: str, dst: Path, keep: bool, patience: Patience) -> Path:
    """The whole archive in `work`, fetched if it is not there yet."""
    archive = work / "archive.tar"
    before = begun(archive)
    if before and before.url != url:
        raise InputError(
            f"{work} was begun with --url {before.url}: go on with that one, or delete the folder."
        )
    if not archive.exists():
        remote = look_up(url, patience)
        have = arrived(archive) + unpacked_so_far(work / "unpacked")
        _check_room(dst, remote.size, have, keep)
        fetch(remote, archive, patience)
    return archive


def _check_room(dst: Path, size: int, have: int, keep: bool) -> None:
    """Raise InputError unless the disk has room for archive, unpacked files and store.

    size: of the archive in bytes; have: bytes of all these that are on the disk already.
    """
    store = round(STORE_SHARE * size)
    # By default the archive is gone before the store is written, and is larger than the store.
    needed = 2 * size + (store if keep else 0)
    free = shutil.disk_usage(dst.parent).free
    if needed - have > free:
        place = "" if keep else ", which takes the archive's place"
        raise InputError(
            f"{dst} needs {_gib(needed)} of disk on the way (archive {_gib(size)}, unpacked "
            f"{_gib(size)}, store {_gib(store)}{place}), of which {_gib(have)} are there, but only "
            f"{_gib(free)} are free: make room or choose another disk."
        )


def _gib(size: int) -> str:
    return f"{size / 2**30:,.1f} GiB"


def _data_root(unpacked: Path) -> Path:
    """The folder with the train split, wherever the archive has it."""
    trains = sorted(unpacked.rglob("train/"), key=lambda folder: (len(folder.parts), folder))
    if not trains:
        raise InputError(
            f"{unpacked} has no folder train, so the archive holds no data set: delete "
            f"{unpacked.parent} and take another --url."
        )
    return trains[0].parent


@contextmanager
def _alone_in(work: Path, dst: Path) -> Iterator[None]:
    """The folder `work`, made if it is not there.

    Raises InputError if `dst` was there before, another process is in `work`, or rights lack.
    """
    try:
        if dst.exists() and not work.exists():
            raise InputError(f"{dst} is already there: choose another place or delete it.")
        work.mkdir(parents=True, exist_ok=True)
        lock = (work / "lock").open("wb")
    except OSError as error:
        raise InputError(
            f"{work} can't be made ({error.strerror}): choose another place, or correct the rights."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(
                f"Another process is downloading into {work}: wait for it or stop it."
            ) from error
        try:
            yield
        finally:
            (work / "lock").unlink(missing_ok=True)
            with suppress(OSError):
                work.rmdir()  # where nothing was begun, nothing is left behind
