"""Processes that a test starts, and that do not outlive it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil


@contextmanager
def started(words: list[str], **popen) -> Iterator[subprocess.Popen]:
    """What runs `words`; at the end it is killed, if it is still there, with all that it started.

    What it says is lost unless `popen` names a place for it.
    """
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(words, **{**quiet, **popen}) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                left = psutil.Process(process.pid)
                for one in [*left.children(recursive=True), left]:
                    with suppress(psutil.NoSuchProcess):
                        one.kill()
