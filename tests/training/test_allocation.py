"""Memory that is freed stays with the process."""

import ctypes
import platform
import subprocess
import sys

import pytest

from cvae.training.allocation import keep_freed_memory

# Resident memory, in MiB, while a block of 200 is held and after it was freed.
CHILD = """
import psutil
from cvae.training.allocation import keep_freed_memory
if {keep}:
    keep_freed_memory()
def resident():
    return psutil.Process().memory_info().rss >> 20
before = resident()
block = bytearray(b"1") * (200 << 20)
del block
print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another malloc")
@pytest.mark.parametrize("keep", [False, True])
def test_freed_memory_is_kept_by_the_process(keep) -> None:
    child = subprocess.run(
        [sys.executable, "-c", CHILD.format(keep=keep)], capture_output=True, text=True, check=True
    )
    assert (int(child.stdout) > 150) == keep


def test_another_c_library_is_left_alone(monkeypatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    monkeypatch.setattr(ctypes, "CDLL", asked.append)
    keep_freed_memory()
    assert not asked
