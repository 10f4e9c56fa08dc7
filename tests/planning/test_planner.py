"""Commands that lead to a picture: found by what a model imagines, and by nothing else."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cvae.bundled import CHECKPOINTS, SEQUENCES
from cvae.data.bundle import open_test_sequences
from cvae.data.finding import find_sequence
from cvae.data.sequence import Sequence
from cvae.errors import InputError
from cvae.inference.predictor import Predictor, to_float_frames
from cvae.planning import planner
from cvae.planning.commands import (
    CommandSpread,
    commands_csv,
    earliest_goal,
    first_free_frame,
    held,
)
from cvae.planning.goal import Goal, away, unlike
from cvae.planning.outcome import measure, stay
from cvae.planning.planner import Plan, SearchConfig, find_plan
from cvae.simulation.policy import MAX_STEP
from cvae.simulation.rerun import checked_actions, read_actions, rerun
from tests.inference.lively import lively_predictor
from tests.tiny_data import tiny_sequence

QUICK = SearchConfig(candidates=6, best=2, rounds=3)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return lively_predictor(prior="learned")


@pytest.fixture(scope="module")
def sequence() -> Sequence:
    return tiny_sequence("planned", 7)


def plans(predictor: Predictor, sequence: Sequence, frame: int, **options) -> list[Plan]:
    goal, config = options.pop("goal", sequence.frames[frame]), options.pop("config", QUICK)
    return list(find_plan(predictor, sequence, goal, frame, config=config, **options))


@pytest.mark.simulator
def test_a_bundled_model_finds_the_way_to_what_was_recorded() -> None:
    """Carried out, its commands bring the arm and the picture nearer than none at all."""
    predictor = Predictor.load(CHECKPOINTS / "learned", "cpu")
    recorded = find_sequence(open_test_sequences(SEQUENCES), SEQUENCES, "push")
    *_, plan = find_plan(predictor, recorded, recorded.frames[11], 11)
    carried, stayed = (
        measure(rerun(recorded, told), recorded, 2, 11)
        for told in (plan.actions, stay(recorded, 2, 11))
    )
    assert carried.arm < 4 < stayed.arm  # cm
    assert carried.tip < stayed.tip / 2 and carried.psnr > stayed.psnr + 3
    itself = measure(recorded, recorded, 2, 11)
    assert itself.arm == itself.tip == itself.toys == 0


@pytest.mark.parametrize("frame", [3, 6, 7])
def test_a_plan_is_what_the_arm_can_be_told_up_to_the_goal(predictor, sequence, frame) -> None:
    *_, plan = plans(predictor, sequence, frame)
    assert plan.actions.shape == (frame + 1, 4)
    np.testing.assert_array_equal(checked_actions(plan.actions, "the plan"), plan.actions)
    np.testing.assert_array_equal(plan.actions[: plan.first], sequence.actions[: plan.first])
    told = replace(sequence, actions=plan.actions)
    [again] = predictor.predict([told], horizon=frame - 1, latent="mean", states="rolled out")
    assert np.abs(plan.frames.astype(int) - again.frames[0]).max() <= 1  # other rows beside it


def test_later_rounds_never_lose_what_was_found(predictor, sequence) -> None:
    found = plans(predictor, sequence, 6)
    distances = [plan.distance for plan in found]
    assert distances == sorted(distances, reverse=True)
    assert [plan.tried for plan in found] == [6, 12, 18]


def test_each_round_is_drawn_nearer_to_the_goal_than_the_one_before(
    predictor, sequence, monkeypatch
) -> None:
    """By the arm's place alone, whose distance is that of the places that are rolled out."""
    drawn = []
    monkeypatch.setattr(planner, "away", lambda *told: drawn.append(away(*told)) or drawn[-1])
    config = SearchConfig(candidates=64, best=6, rounds=5, picture=0)
    goal = reachable(predictor, sequence)
    monkeypatch.setattr(Goal, "seen_by", lambda *_: goal)
    plans(predictor, sequence, 7, config=config)
    typical = [float(distances.median()) for distances in drawn]
    assert len(drawn) == 5 and typical[-1] < typical[0] / 4
    assert min(drawn[-1]) <= min(drawn[0])


def test_the_distance_is_that_of_picture_and_place_as_they_are_weighed(predictor, sequence) -> None:
    seen = Goal.seen_by(predictor, sequence.frames[6])
    *_, plan = plans(predictor, sequence, 6, config=replace(QUICK, picture=2, place=3))
    told = replace(sequence, actions=plan.actions)
    [imagined] = predictor.predict([told], horizon=5, latent="mean", states="rolled out")
    known = torch.from_numpy(sequence.positions[:2])[None]
    rolled = predictor.checkpoint.state_model.roll(known, torch.from_numpy(plan.actions)[None])
    expected = 2 * unlike(to_float_frames(imagined.frames[0, -1:]), seen.picture)
    expected += 3 * away(rolled[:, 6], seen.place)
    assert plan.distance == pytest.approx(float(expected), rel=1e-2)


def test_the_same_seed_gives_the_same_plan_and_another_one_another(predictor, sequence) -> None:
    (*_, one), (*_, same), (*_, other) = (
        plans(predictor, sequence, 6, seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.actions, same.actions)
    assert (one.actions != other.actions).any()


def test_nothing_that_was_recorded_after_the_given_frames_is_looked_at(predictor, sequence) -> None:
    blind = replace(
        sequence,
        frames=np.concatenate([sequence.frames[:2], np.zeros_like(sequence.frames[2:])]),
        actions=np.concatenate([sequence.actions[:2], np.full_like(sequence.actions[2:], 9)]),
        positions=sequence.positions[:2],
    )
    goal = sequence.frames[6]
    *_, expected = plans(predictor, sequence, 6)
    *_, found = plans(predictor, blind, 6, goal=goal)
    np.testing.assert_array_equal(found.actions, expected.actions)


def test_more_frames_may_be_given_than_in_training(predictor, sequence) -> None:
    *_, plan = plans(predictor, sequence, 7, given=5)
    assert plan.first == 4 and len(plan.frames) == 3
    np.testing.assert_array_equal(plan.actions[:4], sequence.actions[:4])


@pytest.mark.parametrize(("given", "first"), [(1, 0), (2, 2), (3, 2), (4, 4)])
def test_a_command_that_has_begun_is_held_to_its_end(given, first) -> None:
    assert first_free_frame(given) == first and earliest_goal(given) == first + 1


def test_what_cannot_be_planned_is_refused_before_the_first_round(predictor, sequence) -> None:
    for frame, message in ((2, "choose frame 3 or a later one"), (-1, "Frame -1")):
        with pytest.raises(InputError, match=message):
            find_plan(predictor, sequence, sequence.frames[6], frame)
    for goal in (sequence.frames[6, :8], sequence.frames[6] / 255):
        with pytest.raises(InputError, match="of uint8: give a picture like these"):
            find_plan(predictor, sequence, goal, 6)
    for given in (0, 31):
        with pytest.raises(InputError, match=f"{given} given frames .* choose from 1 to 30"):
            find_plan(predictor, sequence, sequence.frames[6], 40, given=given)
    with pytest.raises(InputError, match="The seed is -1"):
        find_plan(predictor, sequence, sequence.frames[6], 6, seed=-1)
    deaf = lively_predictor(prior="learned", conditioned=False)
    with pytest.raises(InputError, match="is told no actions"):
        find_plan(deaf, sequence, sequence.frames[6], 6)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rounds": 0}, "search.rounds is 0: give at least 1"),
        ({"candidates": 4, "best": 4}, "search.best is 4 of 4 candidates"),
        ({"place": -1.0}, "search.place is -1.0: give 0 or more"),
        ({"picture": float("nan")}, "search.picture is nan"),
        ({"picture": 0.0, "place": 0.0}, "nothing is searched for"),
    ],
)
def test_what_no_search_can_be_is_refused(settings, message) -> None:
    with pytest.raises(InputError, match=message):
        SearchConfig(**settings)


def test_a_spread_draws_what_the_arm_can_be_told_and_closes_in_on_the_best() -> None:
    rng = np.random.default_rng(0)
    drawn = CommandSpread.wide(3).draw(rng, 500)
    assert drawn.shape == (500, 3, 4) and np.abs(drawn[..., :2]).max() <= np.float32(MAX_STEP)
    assert set(np.unique(drawn[..., 2:])) == {0, 1}
    best = drawn[drawn[:, 0, 0] > 0.05]
    closer = CommandSpread.of(best).draw(rng, 500)
    assert closer[:, 0, 0].mean() > 0.05 > abs(closer[:, 1, 0].mean())
    same = CommandSpread.of(np.repeat(best[:1], 8, axis=0)).draw(rng, 500)
    assert 0 < same[:, 0, 0].std() < drawn[:, 0, 0].std() / 5
    assert len(np.unique(same[:, 0, 3])) == 2


def test_commands_are_held_for_two_frames() -> None:
    commands = np.arange(8, dtype=np.float32).reshape(2, 4)
    np.testing.assert_array_equal(held(commands, 3), commands[[0, 0, 1]])


def test_what_is_nearer_is_less_far_also_where_nothing_overlaps() -> None:
    goal = picture(40)
    distances = unlike(torch.stack([picture(x) for x in (40, 36, 30, 10)]), goal)
    assert distances[0] == 0 and (distances.diff() > 0).all()


def reachable(predictor: Predictor, sequence: Sequence) -> Goal:
    """Where the arm is at frame 7 by the state model, if it goes as far to one side as it can."""
    actions = sequence.actions[:8].copy()
    actions[2:] = (MAX_STEP, MAX_STEP, 0, 0)
    known = torch.from_numpy(sequence.positions[:2])[None]
    rolled = predictor.checkpoint.state_model.roll(known, torch.from_numpy(actions)[None])
    return Goal(torch.zeros(3, 64, 64), rolled[0, 7])


def picture(x: int) -> torch.Tensor:
    """A bar 4 pixels wide on white."""
    frame = torch.ones(3, 64, 64)
    frame[:, :30, x : x + 4] = 0
    return frame


def test_the_csv_is_what_simulate_reads(predictor, sequence, tmp_path) -> None:
    *_, plan = plans(predictor, sequence, 6)
    file = tmp_path / "plan.csv"
    file.write_bytes(commands_csv(plan.actions))
    np.testing.assert_array_equal(read_actions(file), plan.actions)
