"""The command of a study that takes seconds."""

import sys
from pathlib import Path

# Three runs answer both questions: the reference serves both.
QUESTIONS = ("grad-clip", "compositing")
RUNS = ("default", "grad-clip-none", "compositing-no")
SETTINGS = ("--preset", "tiny", "--windows", "16", "--samples", "2", "--device", "cpu")


def words(store: Path, out: Path, *options: str) -> list[str]:
    return ["ablate", "--data", str(store), "--out", str(out), *SETTINGS, *options]


def command(store: Path, out: Path) -> list[str]:
    asked = ("--questions", *QUESTIONS)
    return [sys.executable, "-m", "cvae", *words(store, out, *asked)]
