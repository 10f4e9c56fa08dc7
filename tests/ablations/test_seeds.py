"""What seeds change is told before anything is called an effect."""

import pandas as pd
import pytest

from cvae.ablations.plan import plan, recipe
from cvae.ablations.results import NOTHING, Measured, Row
from cvae.ablations.seeds import SeedNoise, beyond_seeds
from cvae.config import TINY
from cvae.evaluation.protocol import GIVEN_STATES
from tests.evaluation.made_up import evaluation_of, made_up


def test_one_more_run_is_within_the_margin_with_a_chance_of_95_percent() -> None:
    noise = SeedNoise.of([1.0, 2.0, 3.0])
    assert (noise.mean, noise.deviation) == (2, 1)
    assert noise.margin == pytest.approx(4.303 * (4 / 3) ** 0.5)
    few, many = (SeedNoise.of([0.0, 1.0] * n) for n in (1, 20))
    assert few.margin > 10 > many.margin > 1.96 * many.deviation


@pytest.fixture
def rows() -> list[Row]:
    """Three seeds of 20, 21 and 22 dB, a run like them, one far off, one that is at the mean."""
    base = recipe(TINY, windows=16, epochs=None, width=None, seed=1)
    questions = {question.name: question for question in plan(base)}
    levels = {"default": (20, 20), "seed-2": (21, 21), "seed-3": (22, 22)}
    levels |= {"grad-clip-none": (24, 17), "compositing-no": (90, 5), "conditions-raw": (20, 90)}
    evaluation = evaluation_of(made_up(GIVEN_STATES), GIVEN_STATES)
    return [
        Row(questions[name], setting, of(evaluation, *levels[setting.run]), NOTHING, NOTHING)
        for name in ("grad-clip", "compositing", "conditions", "seed")
        for setting in questions[name].settings
    ]


def of(evaluation, one_sample: float, at_mean: float) -> Measured:
    """Two sequences, one a decibel better than on average, one worse."""
    psnr = pd.DataFrame(
        {
            "one sample": [one_sample - 1.0, one_sample + 1.0],
            "prior mean": [at_mean - 1.0, at_mean + 1.0],
        }
    )
    return Measured(evaluation, psnr, pd.DataFrame(), 16)


def test_runs_are_held_against_the_mean_of_the_seeds(rows) -> None:
    heading, table, about = beyond_seeds(rows)
    assert heading.startswith("### ")
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert lines[2:] == [
        ["`conditions-raw`", "-1.00", "+69.00", "prior's mean"],
        ["`grad-clip-none`", "+3.00", "-4.00", "no"],
        ["`compositing-no`", "+69.00", "-16.00", "yes"],
    ]
    assert "the 3 seeds" in about and "one sample 21.00 dB, standard deviation 1.00" in about
    assert "within 4.97 dB" in about


def test_one_seed_says_nothing_of_others(rows) -> None:
    assert beyond_seeds([row for row in rows if row.setting.run != "seed-2"][:-1]) == []
