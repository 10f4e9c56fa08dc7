"""What tests ask of an evaluation, and what they find in its folder."""

from pathlib import Path

import pandas as pd

from cvae.evaluation.pairing import by_sequence
from cvae.evaluation.scores import load_scores

# Two protocols that differ in context, horizon and states; every variant is measured.
QUICK = ("--protocols", "field", "rolled-out-states", "--samples", "2")


def files(folder: Path) -> dict[str, bytes]:
    """What an evaluation left in `folder`, and the model card."""
    names = ("evaluation.json", "evaluation.csv.xz", "evaluation.webp", "README.md")
    return {name: (folder / name).read_bytes() for name in names}


def gains_of(models: Path, metric: str, variant: str) -> pd.Series:
    """How far `learned` of the folder `models` lies above `fixed`, by sequence: given states."""
    learned, fixed = (
        by_sequence(load_scores(models / name), "given-states", metric)[variant]
        for name in ("learned", "fixed")
    )
    return learned - fixed
