"""Two models compared sequence by sequence: most of what differs between sequences cancels out."""

from typing import Literal

import pandas as pd

from cvae.evaluation.scores import Estimate, estimate

Verdict = Literal["better", "worse", "none"]


def by_sequence(scores: pd.DataFrame, protocol: str, metric: str) -> pd.DataFrame:
    """Means over a sequence's frames: a row a sequence, by name, and a column a variant."""
    rows = scores[scores["protocol"] == protocol]
    return rows.pivot_table(metric, "sequence", "variant", sort=False)


def difference(ours: pd.Series, reference: pd.Series) -> Estimate:
    """How far `ours` lies above `reference`, values by sequence: mean and interval over sequences.

    Raises ValueError unless both have the same sequences, in whatever order.
    """
    if set(ours.index) != set(reference.index):
        raise ValueError("the sequences are not the same")
    return estimate((ours - reference.reindex(ours.index)).to_numpy())


def verdict(gain: Estimate, *, lower_is_better: bool = False) -> Verdict:
    """What a difference says: "none" where its 95 % interval holds zero, or is unknown."""
    if gain.mean is None or gain.half_width is None or abs(gain.mean) <= gain.half_width:
        return "none"
    return "better" if (gain.mean > 0) != lower_is_better else "worse"


def format_difference(gain: Estimate, digits: int = 3) -> str:
    """ "+0.312 ± 0.054"; a digit more than of what it is made, as its interval is narrower."""
    if gain.mean is None:
        return "–"
    mean = f"{gain.mean:+.{digits}f}"
    return mean if gain.half_width is None else f"{mean} ± {gain.half_width:.{digits}f}"
