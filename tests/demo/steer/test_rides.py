"""A ride is the same future as in one call, whatever was computed before."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cvae.data.bundle import open_test_sequences
from cvae.evaluation.figures import FOOT, GAP, HEAD
from cvae.inference.predictor import Predictor
from cvae.simulation.rerun import read_actions
from demo.appearance import looks
from demo.commands import Command, Told, as_recorded
from demo.driven import Driven
from demo.frame_metrics import frame_psnr
from demo.loading import Data, Model, find_models
from demo.rides import Ride, Start, kept_rides, rides

RIGHT, NEAR = Command(0, 500), Command(500, 0, 1, 1)


@pytest.fixture(scope="module")
def models(tiny_checkpoints) -> list[Model]:
    return [model for model in find_models(tiny_checkpoints)[0] if "tiny" not in model.name][:2]


@pytest.fixture
def start(store) -> Start:
    kept_rides.clear()
    return Start(open_test_sequences(store)[0], 2, seed=3, device="cpu")


def ride(model: Model, start: Start, told: Told, *in_turn) -> Ride:
    [one] = rides([model], start, told, *in_turn)
    return one


def driven_by(models: list[Model], start: Start, told: Told) -> Driven:
    ridden = rides(models, start, told)
    look = looks(models)
    named = [(model, look[model.name], one) for model, one in zip(models, ridden, strict=True)]
    return Driven(start, told, named)


def frames(one: Ride) -> np.ndarray:
    return np.stack(one.frames)


def test_the_recorded_commands_lead_where_compare_does_with_positions_rolled_out(models, start):
    # Commands are whole tenths of a millimetre; so are these, for the same numbers to come out.
    actions = start.sequence.actions.round(4)
    sequence = replace(start.sequence, actions=actions)
    start = replace(start, sequence=sequence)
    told = as_recorded(sequence, start.first)
    for model in models:
        predictor = Predictor.load(model.path, "cpu")
        horizon = len(sequence) - 2
        [expected] = predictor.predict([sequence], seed=3, horizon=horizon, states="rolled out")
        shown = frames(ride(model, start, told))
        np.testing.assert_array_equal(shown[:2], sequence.frames[:2])
        assert np.abs(shown[2:].astype(int) - expected.frames[0]).max() <= 1


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
    bare = replace(sequence, positions=None)
    places = ride(model, Start(bare, 2, seed=3, device="cpu"), (RIGHT,)).places
    assert len(places) == 4 and np.isfinite(places).all()


def test_the_code_that_is_shown_makes_the_frames_again(models, start, store):
    told = (RIGHT, RIGHT, NEAR)
    driven = driven_by(models, start, told)
    made: dict = {}
    exec(driven.python(Data(store, ())), made)
    np.testing.assert_array_equal(made["frames"], driven.ridden[0].frames[2:])


@pytest.mark.parametrize("simulated", [False, True])
def test_the_moving_picture_shows_every_frame_and_what_stands_beside(models, start, simulated):
    told = (RIGHT, RIGHT)
    driven = driven_by(models, start, told)
    if simulated:
        driven = replace(driven, simulated=replace(driven.ridden[1], name="simulated"))
        assert (driven.psnr[1] == 100).all() and (driven.psnr[0] < 60).all(), "100 where all is so"
    with Image.open(io.BytesIO(driven.gif())) as picture:
        assert picture.n_frames == 5
        picture.seek(4)
        last = np.asarray(picture.convert("RGB"))
    pane = (last.shape[1] - GAP) // 3
    panes = [last[HEAD + 10 : -FOOT - 10, GAP + k * pane + 10 :][:, : pane - 30] for k in range(3)]
    assert (panes[1] != panes[2]).any()
    assert (panes[0] == panes[2]).mean() > 0.9 if simulated else (panes[0] != panes[2]).any()


def test_the_table_is_what_the_simulator_takes_for_the_same_commands(models, start, tmp_path):
    [model, _] = models
    driven = driven_by([model], start, (*(Command(333, -7),) * 2, NEAR, NEAR, RIGHT))
    file = tmp_path / "commands.csv"
    file.write_bytes(driven.table())
    np.testing.assert_array_equal(read_actions(file), driven.actions)


def test_what_was_recorded_is_held_after_its_end(models, start):
    [model, _] = models
    told = (RIGHT,) * 30
    driven = driven_by([model], start, told)
    recorded, length = driven.beside, len(start.sequence)
    assert len(recorded) == 33 == len(driven.ridden[0])
    np.testing.assert_array_equal(recorded.frames[:length], start.sequence.frames)
    assert (recorded.frames[length:] == start.sequence.frames[-1]).all()
    assert not recorded.actions[length:].any()


def test_a_ride_as_recorded_is_measured_against_the_recording(models, start):
    told = as_recorded(start.sequence, start.first)
    for some in (told, told[:4], ()):
        driven = driven_by(models, start, some)
        assert driven.label_beside == "recorded"
        truth = start.sequence.frames[2 : driven.frames]
        for psnr, imagined in zip(driven.psnr, driven.ridden, strict=True):
            np.testing.assert_array_equal(psnr, frame_psnr(imagined.frames[2:], truth))
    otherwise = driven_by(models, start, (*told[:3], RIGHT))
    assert otherwise.label_beside == "recorded, told otherwise"
    assert not any(psnr.size for psnr in otherwise.psnr)


def test_a_recording_that_is_over_measures_nothing(models, start):
    over = replace(start, sequence=start.sequence.window(0, 2))
    driven = driven_by(models, over, ())
    assert driven.frames == 3 and not any(psnr.size for psnr in driven.psnr)
