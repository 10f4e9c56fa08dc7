"""Files that are whole or not there, whatever happens while they are written; bounded reading."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from cvae.errors import InputError

# Another process may only have looked whether a folder has an owner: tried again for a second.
TRIES, TRY_SECONDS = 20, 0.05


def write_whole(file: Path, content: bytes | memoryview) -> None:
    """Replace `file` in one go, and have it on the disk before this returns.

    Its folder is made if need be. A kill, a crash or a power cut leaves the old file or the new
    one, never a part; what it may leave beside `file`, the next call removes. Of several processes
    at once, the last one's stays.
    Raises InputError when the disk refuses (full, read-only); the old file stays.
    """
    with told_when_the_disk_refuses(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(file)
        beside = file.with_name(f".{file.name}.{token_hex(4)}.new")
        try:
            with beside.open("xb") as stream:
                with suppress(OSError):  # not every network disk has locks: leftovers stay there
                    fcntl.flock(stream, fcntl.LOCK_EX)
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
                os.replace(beside, file)
        except BaseException:
            beside.unlink(missing_ok=True)  # on a full disk its room is needed
            raise
        sync(file.parent)


def write_text(file: Path, text: str) -> None:
    """The same for text, as UTF-8."""
    write_whole(file, text.encode())


def drop_cut_off_line(file: Path) -> bytes:
    """Cut off what a full disk or a power cut may have left of a last line; returns the others."""
    whole, newline, _cut_off = file.read_bytes().rpartition(b"\n")
    os.truncate(file, len(whole) + len(newline))
    return whole + newline


def is_leftover(path: Path, name: str) -> bool:
    """Whether `path` is what a killed process leaves that was writing the file `name` beside it."""
    return path.name.startswith(f".{name}.") and path.name.endswith(".new")


def _remove_leftovers(file: Path) -> None:
    """Those of `file` whose writers are no more: a writer holds a lock until its file is whole."""
    for path in file.parent.iterdir():
        if is_leftover(path, file.name):
            with suppress(OSError), path.open("r+b") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(stream.fileno()).st_size:  # an empty one may be about to be locked
                    path.unlink()


def read_at_most(most: int, file: Path) -> bytes:
    """The content of `file`. Raises OSError, and ValueError for more than `most` bytes."""
    with file.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > most:
            raise ValueError(f"it has more than {most / 1e6:,.0f} MB")
        return stream.read(size)


def sync(path: Path) -> None:
    """Have on the disk what a file contains, or the names that a folder has.

    Without the latter a power cut may undo a rename.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def sole_owner(folder: Path) -> Iterator[None]:
    """Keep other processes out of `folder`, which is made if need be, as long as they ask likewise.

    Raises InputError if another one is there, or the folder can't be made or read. A killed
    process owns nothing any more.
    """
    with told_when_the_disk_refuses(folder):
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    try:
        _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def has_owner(folder: Path) -> bool:
    """Whether another process keeps others out of `folder`; false where it can't be read.

    To look is to keep them out for a moment, which `sole_owner` waits for.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _lock(descriptor: int, folder: Path) -> None:
    for _ in range(TRIES):
        with suppress(BlockingIOError):
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(TRY_SECONDS)
    raise InputError(
        f"Another process is writing into {folder}: wait for it, stop it, or choose another folder."
    )


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """An empty folder `<path>.partial` to write files into, which becomes `path` at the end.

    Files that a kill left there are removed first. Raises InputError if `path` is already there,
    another process is writing it, or the disk refuses; then nothing is left.
    """
    path = path.resolve()  # a folder can't take the name of a link
    partial = path.with_name(path.name + ".partial")
    with told_when_the_disk_refuses(path):
        if path.exists():
            raise InputError(f"{path} is already there: choose another place or delete it.")
    with told_when_the_disk_refuses(path), sole_owner(partial):
        left = list(partial.iterdir())
        if any(entry.is_dir() for entry in left):  # such as a store that is not finished
            raise InputError(f"{partial} holds something else: choose another place or delete it.")
        for file in left:
            file.unlink()
        try:
            yield partial
            partial.rename(path)
            sync(path.parent)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


@contextmanager
def told_when_the_disk_refuses(path: Path) -> Iterator[None]:
    """Turns an OSError into an InputError about `path`."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{path} can't be written ({error.strerror or error}): make room or choose another "
            "place, and run the command again; what was saved before is still whole."
        ) from error
