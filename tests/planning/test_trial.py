"""How near plans came: one outcome, and many in a table."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cvae.data.sequence import Sequence
from cvae.planning.outcome import measure, stay
from cvae.planning.trial import differences, table
from tests.tiny_data import tiny_sequence

AWAY = np.array([0.03, 0.0, 0.04], np.float32)  # metres: five centimetres


@pytest.fixture
def recorded() -> Sequence:
    """Of two toys the first moves by two centimetres after the given frames."""
    whole = tiny_sequence("recorded", 3)
    toys = np.full_like(whole.toys, np.nan)
    toys[:, :2] = 0.5
    toys[4:, 0, 0] += 0.02
    return replace(whole, toys=toys)


def test_an_outcome_is_measured_in_centimetres(recorded) -> None:
    toys = recorded.toys.copy()
    toys[6, 0, 0] -= 0.01  # the one that moved
    toys[6, 1, 1] += 0.30  # the other one does not count
    carried = replace(recorded, positions=recorded.positions + AWAY, toys=toys)
    outcome = measure(carried, recorded, 2, 6)
    assert outcome.arm == pytest.approx(5, abs=1e-3)
    assert outcome.toys == pytest.approx(1, abs=1e-3)
    assert outcome.tip == 0 and outcome.psnr == pytest.approx(100)


def test_toys_that_did_not_move_after_the_given_frames_count_nothing(recorded) -> None:
    assert np.isnan(measure(recorded, recorded, 5, 8).toys)
    assert np.isnan(measure(recorded, replace(recorded, toys=None), 2, 6).toys)
    assert np.isnan(measure(recorded, replace(recorded, masks=None), 2, 6).tip)


def test_an_arm_that_is_told_nothing_ends_what_has_begun(recorded) -> None:
    told = stay(recorded, 2, 6)
    np.testing.assert_array_equal(told[:2], recorded.actions[:2])
    assert told.shape == (7, 4) and not told[2:].any()


@pytest.fixture
def rows() -> pd.DataFrame:
    arm = {"told nothing": (20, 30), "the arm's place alone": (2, 6), "a": (1, 3), "b": (1, 9)}
    return pd.DataFrame(
        [
            {"who": who, "sequence": name, "arm": cm, "tip": 2, "toys": np.nan, "psnr": 20 + cm}
            for who, both in arm.items()
            for name, cm in zip(("one", "two"), both, strict=True)
        ]
    )


def test_a_table_tells_of_means_medians_and_shares(rows) -> None:
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table(rows).splitlines()
    ]
    heads = ["", "arm, cm", "median", "within 2 cm", "tip, pixels", "toys, cm", "last frame, dB"]
    assert lines[0] == heads
    told = {line[0]: line[1:] for line in lines[2:]}
    assert told["told nothing"][1:3] == ["25.0", "0%"] and told["a"][1:3] == ["2.0", "50%"]
    assert told["b"][0].startswith("5.0 ± ") and told["b"][3].startswith("2.0 ± ")
    assert told["b"][4] == "–" and told["b"][5].startswith("25.00 ± ")


def test_differences_are_taken_goal_by_goal(rows) -> None:
    blind, other = differences(rows)
    assert blind.startswith("a less the arm's place alone: -2.00 ± ")
    assert other.startswith("a less b: -3.00 ± ")


def test_who_looked_again_is_held_against_itself(rows) -> None:
    again = rows[rows["who"] == "a"].assign(who="a, looking again", arm=[0.5, 2.5])
    told = differences(pd.concat([rows, again]))
    assert [line.split(":")[0] for line in told] == [
        "a less the arm's place alone",
        "a less b",
        "a, looking again less a",
    ]
    assert told[-1].startswith("a, looking again less a: -0.50 ± ")
