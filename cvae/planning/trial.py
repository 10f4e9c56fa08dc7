"""Many goals, planned for with each model and carried out: which model is of use to a robot."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import partial

import numpy as np
import pandas as pd

from cvae.data.bundle import SequenceSource
from cvae.data.sequence import Sequence
from cvae.evaluation.pairing import difference, format_difference
from cvae.evaluation.scores import estimate
from cvae.evaluation.table import format_estimate
from cvae.inference.predictor import Predictor
from cvae.markdown import markdown_table
from cvae.planning.outcome import Outcome, measure, stay
from cvae.planning.planner import SearchConfig, find_plan
from cvae.planning.pursuit import pursue
from cvae.simulation.rerun import rerun

STAY = "told nothing"
PLACE_ALONE = "the arm's place alone"
LOOKING = ", looking again"
NEAR = 2.0  # cm: less than half of the width of most toys
HEADER = (
    *("", "arm, cm", "median", f"within {NEAR:g} cm", "tip, pixels", "toys, cm"),
    "last frame, dB",
)


def try_out(
    predictors: dict[str, Predictor],
    sequences: list[Sequence],
    frame: int,
    seed: int,
    config: SearchConfig,
    look_again: bool,
) -> Iterator[list[dict]]:
    """Plan for frame number `frame` of each simulated sequence; yields its rows as they are made.

    A row: who, sequence, and the fields of `Outcome`. The first is that of an arm that is told
    nothing; the second of a search for the arm's place alone, by the first one's state model. All
    are given as many frames as the one that needs most. look_again: have each search pursue the
    goal too, as another row. Raises InputError as `find_plan` and `rerun` do.
    """
    given = max(predictor.n_past for predictor in predictors.values())
    blind = replace(config, picture=0.0, place=config.place or 1.0)
    searches = {PLACE_ALONE: (next(iter(predictors.values())), blind)}
    searches |= {name: (predictor, config) for name, predictor in predictors.items()}
    for sequence in sequences:
        commands = {STAY: stay(sequence, given, frame)}
        for who, (predictor, search) in searches.items():
            where = (predictor, sequence, sequence.frames[frame], frame)
            *_, best = find_plan(*where, given=given, seed=seed, config=search)
            commands[who] = best.actions
            if look_again:
                carry_out = partial(rerun, sequence)
                *_, best = pursue(*where, carry_out, given=given, seed=seed, config=search)
                commands[who + LOOKING] = best.actions
        yield [
            {"who": who, "sequence": sequence.name} | asdict(_outcome(sequence, told, given, frame))
            for who, told in commands.items()
        ]


def _outcome(sequence: Sequence, told: np.ndarray, given: int, frame: int) -> Outcome:
    return measure(rerun(sequence, told), sequence, given, frame)


def table(rows: pd.DataFrame) -> str:
    """Rows of `try_out` -> Markdown: a line for each who, means with their 95 % intervals."""
    return markdown_table(
        HEADER,
        [
            [
                who,
                format_estimate(estimate(outcomes["arm"].to_numpy()), 1),
                f"{outcomes['arm'].median():.1f}",
                f"{(outcomes['arm'] <= NEAR).mean():.0%}",
                format_estimate(estimate(outcomes["tip"].to_numpy()), 1),
                format_estimate(estimate(outcomes["toys"].to_numpy()), 2),
                format_estimate(estimate(outcomes["psnr"].to_numpy()), 2),
            ]
            for who, outcomes in rows.groupby("who", sort=False)
        ],
    )


def differences(rows: pd.DataFrame) -> list[str]:
    """How far from the goal the first model's arm is, less each other one's, goal by goal.

    Then, for each who looked again, less when it did not.
    """
    arm = rows.pivot_table("arm", "sequence", "who", sort=False).drop(columns=STAY)
    blind, first, *others = [who for who in arm.columns if not who.endswith(LOOKING)]
    pairs = [(first, other) for other in (blind, *others)]
    pairs += [(who, who.removesuffix(LOOKING)) for who in arm.columns if who.endswith(LOOKING)]
    return [
        f"{one} less {other}: {format_difference(difference(arm[one], arm[other]), 2)} cm"
        for one, other in pairs
    ]


def first_ones(source: SequenceSource, count: int) -> list[Sequence]:
    """The first `count` sequences, or all where there are fewer."""
    return [source[number] for number in range(min(count, len(source)))]
