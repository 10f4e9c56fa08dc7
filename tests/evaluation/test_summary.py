"""From rows to means: each sequence counts once, and what is missing is left out."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from cvae.evaluation.columns import MEASURED, SPREAD
from cvae.evaluation.rows import COPY_LAST, ONE_SAMPLE
from cvae.evaluation.scores import COLUMNS, estimate
from cvae.evaluation.summary import overall, per_step

FRAMES = range(2, 5)


@pytest.fixture
def scores() -> pd.DataFrame:
    """Four sequences, three frames, two variants; psnr_moved is missing in one sequence."""
    rng, rows = np.random.default_rng(3), []
    for name in "abcd":
        for variant in (COPY_LAST, ONE_SAMPLE):
            for frame in FRAMES:
                values = {measured: rng.uniform() for measured in MEASURED}
                values |= {"psnr_moved": np.nan} if name == "b" else {}
                values |= {SPREAD: np.nan} if variant == COPY_LAST else {}
                rows.append(("given-states", name, variant, frame, *values.values()))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def test_intervals_leave_out_what_is_missing() -> None:
    values = estimate(np.array([20.0, np.nan, 22.0, 27.0]))
    assert values.sequences == 3
    assert values.mean == pytest.approx(23.0)
    assert values.half_width == pytest.approx(1.96 * np.sqrt(13.0) / np.sqrt(3), abs=1e-5)
    alone = estimate(np.array([20.0]))
    assert (alone.mean, alone.half_width, alone.sequences) == (20.0, None, 1)


def test_overall_is_over_sequences(scores) -> None:
    numbers = overall(scores)
    chosen = scores[scores.variant == ONE_SAMPLE].psnr.to_numpy().reshape(4, 3).mean(1)
    assert numbers[ONE_SAMPLE]["psnr"].mean == pytest.approx(chosen.mean(), abs=1e-5)
    half_width = 1.96 * chosen.std(ddof=1) / 2
    assert numbers[ONE_SAMPLE]["psnr"].half_width == pytest.approx(half_width, abs=1e-5)
    assert numbers[ONE_SAMPLE]["psnr_moved"].sequences == 3
    assert SPREAD in numbers[ONE_SAMPLE] and SPREAD not in numbers[COPY_LAST]


def test_step_means_are_over_sequences(scores) -> None:
    steps = per_step(scores)
    curve = steps[COPY_LAST]["ssim"]
    at_3 = scores[(scores.variant == COPY_LAST) & (scores.frame == 3)].ssim
    assert len(curve.mean) == len(curve.half_width) == len(FRAMES)
    assert curve.mean[1] == pytest.approx(at_3.mean(), abs=1e-5)
    assert curve.half_width[1] == pytest.approx(1.96 * at_3.std() / 2, abs=1e-5)
    empty = per_step(scores[scores.sequence == "b"])[ONE_SAMPLE]["psnr_moved"]
    assert empty.mean == [None] * 3
    json.dumps(asdict(empty), allow_nan=False)
