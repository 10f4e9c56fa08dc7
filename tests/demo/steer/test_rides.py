"""A ride is the same future as in one call, whatever was computed before."""

import numpy as np
import pytest

from cvae.data.bundle import open_test_sequences
from cvae.inference.predictor import Predictor
from demo.appearance import looks
from demo.commands import Command, as_recorded
from demo.driven import Driven
from demo.loading import Data, Model, find_models
from demo.rides import Ride, Start, kept_rides, ride

RIGHT, NEAR = Command(0, 500), Command(500, 0, 1, 1)


@pytest.fixture(scope="module")
def models(tiny_checkpoints) -> list[Model]:
    return [model for model in find_models(tiny_checkpoints)[0] if "tiny" not in model.name][:2]


@pytest.fixture
def start(store) -> Start:
    kept_rides.clear()
    return Start(open_test_sequences(store)[0], 2, seed=3, device="cpu")


def frames(one: Ride) -> np.ndarray:
    return np.stack(one.frames)


def test_the_recorded_commands_lead_where_compare_does_with_positions_rolled_out(models, start):
    told, horizon = as_recorded(start.sequence, start.first), len(start.sequence) - 2
    for model in models:
        predictor = Predictor.load(model.path, "cpu")
        [expected] = predictor.predict(
            [start.sequence], seed=3, horizon=horizon, states="rolled out"
        )
        shown = frames(ride(model, start, told))
        np.testing.assert_array_equal(shown[:2], start.sequence.frames[:2])
        # Commands are rounded to a tenth of a millimetre.
        assert np.abs(shown[2:].astype(int) - expected.frames[0]).max() <= 3


@pytest.mark.parametrize(("given", "first"), [(1, 0), (2, 2), (3, 2), (4, 4)])
def test_a_command_that_has_begun_is_held_to_its_end(models, start, given, first):
    [model, _] = models
    begun = Start(start.sequence, given, seed=3, device="cpu")
    assert begun.first == first
    driven = Driven(
        begun, (NEAR,), [(model, looks(models)[model.name], ride(model, begun, (NEAR,)))]
    )
    assert len(driven.ridden[0]) == driven.frames == first + 2
    np.testing.assert_array_equal(driven.actions[:first], start.sequence.actions[:first])
    np.testing.assert_array_equal(driven.actions[first], NEAR.action)


def test_going_on_and_back_is_the_same_as_a_ride_of_its_own(models, start):
    [model, _] = models
    ride(model, start, (RIGHT, RIGHT))
    ride(model, start, (RIGHT, RIGHT, NEAR, NEAR))
    gone_on = ride(model, start, (RIGHT, RIGHT, RIGHT))
    kept_rides.clear()
    alone = ride(model, start, (RIGHT, RIGHT, RIGHT))
    np.testing.assert_array_equal(frames(gone_on), frames(alone))
    np.testing.assert_array_equal(gone_on.places, alone.places)


def test_commands_and_seed_make_the_future(models, start):
    [model, _] = models
    one = frames(ride(model, start, (RIGHT, RIGHT)))
    assert (frames(ride(model, start, (NEAR, NEAR))) != one).any()
    other = Start(start.sequence, 2, seed=4, device="cpu")
    assert (frames(ride(model, other, (RIGHT, RIGHT))) != one).any()


def test_only_what_is_new_is_computed_and_in_turn(models, start):
    [model, _] = models
    turns = []

    class Turn:
        def __enter__(self):
            turns.append("in turn")

        def __exit__(self, *_):
            pass

    for told in ((), (RIGHT,), (RIGHT,), (RIGHT, NEAR), (RIGHT,)):
        ride(model, start, told, Turn)
    assert len(turns) == 3
    longer, shorter = ride(model, start, (RIGHT, NEAR)), ride(model, start, (RIGHT,))
    assert all(a is b for a, b in zip(longer.frames, shorter.frames, strict=False))


def test_a_sequence_without_positions_can_be_steered(models, start):
    [model, _] = models
    sequence = start.sequence
    bare = type(sequence)(sequence.name, sequence.frames, sequence.actions)
    places = ride(model, Start(bare, 2, seed=3, device="cpu"), (RIGHT,)).places
    assert len(places) == 4 and np.isfinite(places).all()


def test_the_code_that_is_shown_makes_the_frames_again(models, start, store):
    told = (RIGHT, RIGHT, NEAR)
    rides = [(model, looks(models)[model.name], ride(model, start, told)) for model in models]
    driven = Driven(start, told, rides)
    made: dict = {}
    exec(driven.python(Data(store, ())), made)
    np.testing.assert_array_equal(made["frames"], frames(rides[0][-1])[2:])


def test_what_was_recorded_is_held_after_its_end(models, start):
    [model, _] = models
    told = (RIGHT,) * 30
    driven = Driven(start, told, [(model, looks(models)[model.name], ride(model, start, told))])
    recorded, length = driven.beside, len(start.sequence)
    assert len(recorded) == 33 == len(driven.ridden[0])
    np.testing.assert_array_equal(recorded.frames[:length], start.sequence.frames)
    assert (recorded.frames[length:] == start.sequence.frames[-1]).all()
    assert not recorded.actions[length:].any()
