"""`python -m cvae` as a user calls it: a process of its own."""

import subprocess
import sys


def cvae_command(*words: object) -> list[str]:
    return [sys.executable, "-m", "cvae", *map(str, words)]


def run_cvae(*words: object, **options) -> subprocess.CompletedProcess[str]:
    """Until its end; `options` are those of subprocess.run."""
    return subprocess.run(cvae_command(*words), capture_output=True, text=True, **options)
