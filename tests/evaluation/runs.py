"""Evaluation as a user starts it: the command line, in processes of their own."""

from pathlib import Path

from tests.command import cvae_command

# Two protocols that differ in context, horizon and states; every variant is measured.
QUICK = ("--protocols", "field", "rolled-out-states", "--samples", "2")


def command(store: Path, *models: Path) -> list[str]:
    return cvae_command("evaluate", *models, "--data", store, *QUICK)


def files(folder: Path) -> dict[str, bytes]:
    """What an evaluation left in `folder`, and the model card."""
    names = ("evaluation.json", "evaluation.csv.xz", "evaluation.png", "README.md")
    return {name: (folder / name).read_bytes() for name in names}
