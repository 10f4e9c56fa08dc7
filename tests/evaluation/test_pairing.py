"""Differences sequence by sequence, against values by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from cvae.evaluation.pairing import by_sequence, difference, format_difference, verdict
from cvae.evaluation.scores import Estimate


def series(**values: float) -> pd.Series:
    return pd.Series(values)


def test_a_sequence_counts_once_whatever_its_frames() -> None:
    scores = pd.DataFrame(
        {
            "protocol": ["p", "p", "p", "other"],
            "sequence": ["b", "b", "a", "a"],
            "variant": ["one sample"] * 4,
            "psnr": [20.0, 22.0, 30.0, 99.0],
        }
    )
    found = by_sequence(scores, "p", "psnr")
    assert found["one sample"].to_dict() == {"b": 21.0, "a": 30.0}


def test_the_difference_is_taken_by_name_and_its_interval_is_that_of_the_differences() -> None:
    # Far apart from each other, but each 1 or 2 or 3 above its own reference.
    ours = series(a=11.0, b=22.0, c=33.0)
    reference = series(c=30.0, a=10.0, b=20.0)
    gain = difference(ours, reference)
    assert gain.mean == pytest.approx(2.0)
    assert gain.half_width == pytest.approx(1.96 * 1.0 / math.sqrt(3), abs=1e-5)
    assert gain.sequences == 3
    assert verdict(gain) == "better"
    assert verdict(difference(reference, ours)) == "worse"
    assert format_difference(gain) == "+2.000 ± 1.132"


def test_a_difference_inside_its_interval_is_none() -> None:
    gain = difference(series(a=1.0, b=-0.8), series(a=0.0, b=0.0))
    assert gain.mean == pytest.approx(0.1) and gain.half_width > 1
    assert verdict(gain) == "none"
    assert verdict(Estimate(0.0, 0.0, 9)) == "none"
    assert verdict(difference(series(a=5.0), series(a=1.0))) == "none", "one sequence tells nothing"
    assert verdict(Estimate(None, None, 0)) == "none"


def test_pairing_is_narrower_than_two_intervals() -> None:
    noise = np.random.default_rng(1)
    hard = noise.normal(20, 4, 200)
    names = [str(number) for number in range(200)]
    reference = pd.Series(hard + noise.normal(0, 0.1, 200), names)
    ours = pd.Series(hard + 0.2 + noise.normal(0, 0.1, 200), names)
    assert verdict(difference(ours, reference)) == "better"


def test_other_sequences_are_not_compared() -> None:
    with pytest.raises(ValueError, match="not the same"):
        difference(series(a=1.0, b=2.0), series(a=1.0, c=2.0))
