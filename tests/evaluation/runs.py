"""Evaluation as a user starts it: the command line, in processes of their own."""

import subprocess
import sys
from pathlib import Path

# Two protocols that differ in context, horizon and states; every variant is measured.
QUICK = ("--protocols", "field", "rolled-out-states", "--samples", "2")


def command(store: Path, *models: Path) -> list[str]:
    words = ["evaluate", *map(str, models), "--data", str(store), *QUICK]
    return [sys.executable, "-m", "cvae", *words]


def run(*arguments: object) -> subprocess.CompletedProcess:
    """A process of its own, as from a shell."""
    words = [sys.executable, "-m", "cvae", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True)


def files(folder: Path) -> dict[str, bytes]:
    """What an evaluation left in `folder`, and the model card."""
    names = ("evaluation.json", "evaluation.csv.xz", "evaluation.png", "README.md")
    return {name: (folder / name).read_bytes() for name in names}
