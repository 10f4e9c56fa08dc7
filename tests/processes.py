"""Processes that a test starts, and that do not outlive it."""

import subprocess
import time
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


@contextmanager
def standing_still(words: list[str], where: str, calls: int, **popen) -> Iterator[subprocess.Popen]:
    """What runs `words`, of `python -m cvae`, has come to the end of a call, and goes no further.

    It is call number `calls` of `where`; see tests/standing_still.py. SIGCONT lets it go on.
    """
    at = words.index("cvae")
    stopping = [*words[:at], "tests.standing_still", where, str(calls), *words[at + 1 :]]
    with started(stopping, **popen) as process:
        while not any(map(_stands, _family(process))):
            assert process.poll() is None, f"{where} was not called {calls} times"
            time.sleep(0.01)
        yield process


def _family(process: subprocess.Popen) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process.pid)
        return [parent, *parent.children(recursive=True)]
    return []


def standing_first(launcher: subprocess.Popen) -> list[psutil.Process]:
    """The processes that torchrun has started, and of these first the one that stands still."""
    children = psutil.Process(launcher.pid).children()
    return sorted(children, key=_stands, reverse=True)


def _stands(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.status() == psutil.STATUS_STOPPED
    return False


def is_running(process: psutil.Process) -> bool:
    """Whether it does anything yet: one that nobody has buried does not."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
