"""Plans that are put right on the way, in a world that is not what the model takes it for."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cvae.data.sequence import Sequence
from cvae.errors import InputError
from cvae.inference.predictor import Predictor
from cvae.model.state_model import StateModel
from cvae.planning.goal import Goal
from cvae.planning.planner import SearchConfig, find_plan
from cvae.planning.pursuit import pursue
from tests.inference.lively import lively_checkpoint, lively_predictor
from tests.tiny_data import tiny_sequence

QUICK = SearchConfig(candidates=6, best=2, rounds=3)
DRIFT = np.array([-0.01, 0.005, 0.0], np.float32)  # metres a frame, of which no model knows


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return lively_predictor(prior="learned")


@pytest.fixture(scope="module")
def sequence() -> Sequence:
    return tiny_sequence("pursued", 7)


class World:
    """Does what the state model says, but for a drift after the given frames; the frames darken."""

    def __init__(self, predictor: Predictor, sequence: Sequence) -> None:
        self.roll = predictor.checkpoint.state_model.roll
        self.sequence = sequence
        self.told: list[np.ndarray] = []

    def __call__(self, actions: np.ndarray) -> Sequence:
        self.told.append(actions)
        known = torch.from_numpy(self.sequence.positions[:2])[None]
        places = self.roll(known, torch.from_numpy(actions)[None])[0].detach().numpy()
        places[2:] += DRIFT * np.arange(1, len(places) - 1)[:, None]
        frames = self.sequence.frames[: len(actions)].copy()
        frames[2:] //= 2
        return Sequence("carried", frames, actions, places)


@pytest.mark.parametrize(("frame", "looks"), [(3, [2]), (4, [2]), (5, [2, 4]), (9, [2, 4, 6, 8])])
def test_it_looks_after_each_command_that_leaves_another(predictor, sequence, frame, looks) -> None:
    world = World(predictor, sequence)
    found = list(pursue(predictor, sequence, sequence.frames[frame], frame, world, config=QUICK))
    assert len(found) == len(looks)
    assert [plan.tried for plan in found] == [18 * (k + 1) for k in range(len(looks))]
    assert [len(told) for told in world.told] == looks[1:]
    last = found[-1]
    assert last.actions.shape == (frame + 1, 4) and last.first == 2
    np.testing.assert_array_equal(last.actions[:2], sequence.actions[:2])
    for told in world.told:  # what is done can't be taken back
        np.testing.assert_array_equal(told, last.actions[: len(told)])


def test_frames_are_those_that_were_imagined_last_before_they_came(predictor, sequence) -> None:
    world = World(predictor, sequence)
    first, second = pursue(predictor, sequence, sequence.frames[5], 5, world, config=QUICK)
    assert first.frames.shape == second.frames.shape == (4, 64, 64, 3)
    np.testing.assert_array_equal(second.frames[:2], first.frames[:2])
    told = replace(world(second.actions), actions=second.actions)
    [again] = predictor.predict([told], horizon=2, latent="mean", states="rolled out", context=4)
    assert np.abs(second.frames[2:].astype(int) - again.frames[0]).max() <= 1


class Obedient(StateModel):
    """Takes the arm to go where it is told, at once."""

    def move(self, position, action, memory):
        return position + F.pad(action[:, :2], (0, 1)), memory


def test_looking_again_comes_nearer_where_the_world_is_not_what_the_model_takes_it_for(
    sequence, monkeypatch
) -> None:
    checkpoint = replace(lively_checkpoint(prior="learned"), state_model=Obedient())
    believing = Predictor(checkpoint, torch.device("cpu"))
    wanted = sequence.positions[1] + np.array([0.08, 0.05, 0], np.float32)
    goal = Goal(torch.zeros(3, 64, 64), torch.from_numpy(wanted))
    monkeypatch.setattr(Goal, "seen_by", lambda *_: goal)
    world, where = World(believing, sequence), (believing, sequence, sequence.frames[9], 9)
    config = SearchConfig(candidates=64, best=6, rounds=8, picture=0)
    *_, once = find_plan(*where, config=config)
    *_, again = pursue(*where, world, config=config)
    away = [np.linalg.norm(world(plan.actions).positions[9] - wanted) for plan in (once, again)]
    assert once.distance < 1e-4  # it thinks that it is there
    assert away[0] > 0.05 and away[1] < away[0] / 2, away


def test_what_cannot_be_planned_is_refused(predictor, sequence) -> None:
    with pytest.raises(InputError, match="choose frame 3 or a later one"):
        next(pursue(predictor, sequence, sequence.frames[6], 2, World(predictor, sequence)))
