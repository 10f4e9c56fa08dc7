"""Memory that is freed stays with the process, so that the next batch finds it at hand.

A batch allocates and frees the same hundreds of megabytes as the one before. By default glibc
gives large blocks back to the system at once, which has to hand them out anew, every page zeroed.
"""

import ctypes
import platform

# Numbers of the parameters in glibc's malloc.h.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4

_NEVER = 2**31 - 1
_GROWTH = 64 << 20  # bytes asked of the system at least, when the heap is too small


def keep_freed_memory() -> None:
    """Tell this process's malloc to keep what is freed; for good, it can't be undone.

    Only glibc has such a malloc; another is left alone.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    mallopt = ctypes.CDLL(None).mallopt
    # No block is a mapping of its own, and the top of the heap is never given back. A high
    # M_MMAP_THRESHOLD would do instead of M_MMAP_MAX, but older versions refuse one above 32 MB.
    for name, value in ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, _NEVER), (_TOP_PAD, _GROWTH)):
        mallopt(name, value)
