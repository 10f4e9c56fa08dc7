"""How fast `prepare` packs, against the plain speed of the disk, and in how much memory."""

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from cvae.errors import InputError
from cvae.worker import usable_cores

BLOCK = 4 << 20  # bytes written at once
GLANCE = 0.05  # seconds between two looks at the memory of a process


@dataclass(frozen=True)
class Packing:
    """One run of `prepare`.

    written: bytes of the store.
    seconds: from the start of the process until the store is on the disk.
    busy: share of the time that the cores this process may use worked for it, 0..1.
    peak: most memory it held at once, bytes.
    """

    sequences: int
    written: int
    seconds: float
    busy: float
    peak: int

    @property
    def megabytes_per_second(self) -> float:
        return self.written / self.seconds / 1e6


def pack(src: Path, dst: Path, sequences: int) -> Packing:
    """Run `prepare` as a process of its own.

    Raises InputError if it fails; it has said why.
    """
    os.sync()  # what others have left to write is not to be counted
    began, worked = time.perf_counter(), _work_of_children()
    process = subprocess.Popen(
        [sys.executable, "-m", "cvae", "prepare", str(src), str(dst)], stdout=subprocess.DEVNULL
    )
    peak = 0
    try:
        # The kernel's own record of the highest mark: a late look misses only the last growth.
        while process.poll() is None:
            peak = max(peak, _highest_memory(process.pid))
            time.sleep(GLANCE)
    finally:
        process.kill()
        process.wait()
    seconds, worked = time.perf_counter() - began, _work_of_children() - worked
    if process.returncode:
        raise InputError(f"`prepare` of {src} failed with code {process.returncode}, see above.")
    written = sum(file.stat().st_size for file in dst.rglob("*") if file.is_file())
    return Packing(sequences, written, seconds, worked / seconds / usable_cores(), peak)


def plain_write(file: Path, size: int) -> float:
    """MB/s at which the disk takes `size` bytes one after the other; the file is deleted."""
    os.sync()
    block = os.urandom(BLOCK)
    began = time.perf_counter()
    with file.open("wb", buffering=0) as stream:
        for start in range(0, size, BLOCK):
            stream.write(block[: size - start])
        os.fsync(stream.fileno())
    seconds = time.perf_counter() - began
    file.unlink()
    return size / seconds / 1e6


def _work_of_children() -> float:
    """Seconds of computing by all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _highest_memory(process: int) -> int:
    """Bytes; 0 for a process that is ending."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    marks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(marks[0]) * 1024 if marks else 0
