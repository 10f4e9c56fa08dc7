"""Sequences by how well a model does on them: examples chosen by rank, not by taste."""

import shlex
from collections.abc import Iterable
from pathlib import Path

from cvae.errors import InputError
from cvae.evaluation.pairing import by_sequence
from cvae.evaluation.protocol import GIVEN_STATES
from cvae.evaluation.rows import ONE_SAMPLE
from cvae.evaluation.scores import load_scores

METRIC = "psnr"


def at_percentile(checkpoint: Path, names: Iterable[str], percentile: float) -> str:
    """The name of the sequence, of all `names`, at that percentile of the model's stored PSNR.

    One sample's, under given-states: 50 is the median, 100 the best, 0 the worst. Sequences that
    were not measured are left out. Raises InputError if none was, or there is no such percentile.
    """
    if not 0 <= percentile <= 100:
        raise InputError(f"--percentile is {percentile:g}; it lies between 0 (worst) and 100.")
    scores = load_scores(checkpoint)
    found = by_sequence(scores, GIVEN_STATES.name, METRIC).get(ONE_SAMPLE)
    measured = None if found is None else found[found.index.isin(list(names))].dropna()
    if measured is None or measured.empty:
        command = shlex.join(["python", "-m", "cvae", "evaluate", str(checkpoint)])
        raise InputError(
            f"{checkpoint} has no scores under {GIVEN_STATES.name} of these sequences: measure it "
            f"with `{command} --data STORE`."
        )
    ranked = measured.sort_values(kind="stable")
    return str(ranked.index[round(percentile / 100 * (len(ranked) - 1))])
