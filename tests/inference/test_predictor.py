"""Predictions depend on what they may depend on, and on nothing else."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from cvae.data.sequence import Sequence
from cvae.errors import InputError
from cvae.inference.predictor import Prediction, Predictor
from tests.tiny_data import tiny_sequence

N_PAST, HORIZON = 2, 6


@pytest.fixture(scope="module", params=["fixed", "learned"])
def predictor(request, tiny_checkpoints) -> Predictor:
    return Predictor.load(tiny_checkpoints / request.param, "cpu")


@pytest.fixture(scope="module")
def sequences() -> list[Sequence]:
    return [tiny_sequence(f"seen-{i}", 100 + i) for i in range(8)]


def predict(predictor: Predictor, sequence: Sequence, **options) -> Prediction:
    [prediction] = predictor.predict([sequence], horizon=HORIZON, **options)
    return prediction


def same(one: Prediction, other: Prediction) -> bool:
    return np.array_equal(one.frames, other.frames) and np.array_equal(one.latents, other.latents)


def test_shapes_and_origin(predictor, sequences) -> None:
    prediction = predict(predictor, sequences[0], seed=5, samples=3)
    assert prediction.frames.shape == (3, HORIZON, 64, 64, 3)
    assert prediction.frames.dtype == np.uint8
    assert prediction.latents.shape == (3, HORIZON + 1, 4)
    origin = (prediction.sequence, prediction.checkpoint, prediction.prior, prediction.seed)
    assert origin == ("seen-0", predictor.checkpoint.name, predictor.checkpoint.name, 5)
    assert (prediction.latent, prediction.states, prediction.first) == ("sampled", "given", N_PAST)


def test_the_seed_decides(predictor, sequences) -> None:
    first = predict(predictor, sequences[0], seed=3)
    assert same(first, predict(predictor, sequences[0], seed=3))
    other = predict(predictor, sequences[0], seed=4)
    assert grey_levels(first.frames, other.frames) > 2


def test_a_reloaded_checkpoint_predicts_the_same_bits(predictor, sequences) -> None:
    again = Predictor.load(predictor.checkpoint.path, "cpu")
    assert same(predict(predictor, sequences[0]), predict(again, sequences[0]))


def test_future_frames_are_never_looked_at(predictor, sequences) -> None:
    black = sequences[0].frames.copy()
    black[N_PAST:] = 0
    expected = predict(predictor, sequences[0])
    assert same(expected, predict(predictor, replace(sequences[0], frames=black)))
    cut = replace(sequences[0], frames=sequences[0].frames[:N_PAST])
    assert same(expected, predict(predictor, cut))
    black[N_PAST - 1] = 0  # the last given frame does count
    assert not same(expected, predict(predictor, replace(sequences[0], frames=black)))


def test_a_context_of_one_frame_sees_one_frame(predictor, sequences) -> None:
    def from_one(sequence: Sequence) -> Prediction:
        return predict(predictor, sequence, context=1, states="rolled out")

    first = from_one(sequences[0])
    assert (first.first, first.frames.shape[1]) == (1, HORIZON)
    cut = replace(
        sequences[0], frames=sequences[0].frames[:1], positions=sequences[0].positions[:1]
    )
    assert same(first, from_one(cut))
    black = replace(cut, frames=np.zeros_like(cut.frames))
    assert not same(first, from_one(black))
    as_trained = predict(predictor, sequences[0], context=N_PAST)
    assert same(as_trained, predict(predictor, sequences[0]))


def test_rolled_out_states_know_no_future_position(predictor, sequences) -> None:
    moved = sequences[0].positions.copy()
    moved[N_PAST:] += 0.1
    sequence = replace(sequences[0], positions=moved)
    expected = predict(predictor, sequences[0], states="rolled out")
    assert expected.states == "rolled out"
    assert same(expected, predict(predictor, sequence, states="rolled out"))
    context = replace(sequences[0], positions=sequences[0].positions[:N_PAST])
    assert same(expected, predict(predictor, context, states="rolled out"))
    given = predict(predictor, sequences[0]), predict(predictor, sequence)
    assert grey_levels(given[0].frames, given[1].frames) > 2


def test_the_condition_is_that_of_the_frame_before(predictor, sequences) -> None:
    """Frame t may depend on c_{t-1}, and on no later condition."""
    last = N_PAST + HORIZON - 1
    expected = predict(predictor, sequences[0]).frames
    for t, first_changed in ((last, None), (last - 1, last), (last - 2, last - 1)):
        actions = sequences[0].actions.copy()
        positions = sequences[0].positions.copy()
        actions[t:] += 1
        positions[t:] += 0.2
        changed = replace(sequences[0], actions=actions, positions=positions)
        frames = predict(predictor, changed).frames
        until = HORIZON if first_changed is None else first_changed - N_PAST
        assert np.array_equal(frames[:, :until], expected[:, :until])
        if first_changed is not None:
            assert not np.array_equal(frames[:, until], expected[:, until])


def test_a_prediction_is_the_same_whatever_its_batch(predictor, sequences) -> None:
    together = predictor.predict(sequences, horizon=HORIZON, samples=2)
    for i, sequence in enumerate(sequences):
        alone = predict(predictor, sequence, samples=2)
        assert grey_levels(alone.frames, together[i].frames) <= 1
        assert np.abs(alone.latents - together[i].latents).max() < 1e-5


def test_sample_k_does_not_depend_on_how_many(predictor, sequences) -> None:
    one, five = (predict(predictor, sequences[0], samples=n) for n in (1, 5))
    assert grey_levels(one.frames[0], five.frames[0]) <= 1
    assert np.abs(one.latents[0] - five.latents[0]).max() < 1e-5
    assert grey_levels(five.frames[0], five.frames[4]) > 2


def test_a_longer_horizon_begins_alike(predictor, sequences) -> None:
    short = predict(predictor, sequences[0])
    [long] = predictor.predict([sequences[0]], horizon=HORIZON + 4)
    assert grey_levels(short.frames, long.frames[:, :HORIZON]) <= 1


def test_the_mean_needs_no_seed(predictor, sequences) -> None:
    first, other = (predict(predictor, sequences[0], latent="mean", seed=s) for s in (1, 2))
    assert same(first, other)
    many = predict(predictor, sequences[0], latent="mean", samples=7)
    assert same(first, many)
    if predictor.checkpoint.name == "fixed":
        assert (first.latents[:, N_PAST - 1 :] == 0).all()


def test_threads_do_not_disturb_each_other(predictor, sequences) -> None:
    jobs = [(sequence, seed) for sequence in sequences[:3] for seed in range(4)]

    def run(job: tuple[Sequence, int]) -> Prediction:
        return predict(predictor, job[0], seed=job[1])

    sequential = [run(job) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        at_once = list(pool.map(run, jobs))
    assert all(same(one, other) for one, other in zip(sequential, at_once, strict=True))


def test_without_positions_they_are_read(predictor, sequences) -> None:
    blind = replace(sequences[0], positions=None)
    prediction = predict(predictor, blind)
    assert prediction.states == "read"
    mixed = predictor.predict([sequences[1], blind], horizon=HORIZON)
    assert [p.states for p in mixed] == ["given", "read"]
    assert grey_levels(mixed[1].frames, prediction.frames) <= 1


def test_foreign_conditions_keep_the_own_past(predictor, sequences) -> None:
    own, other = sequences[:2]
    foreign = predictor.with_foreign_conditions(own, other)
    assert foreign.name == own.name
    assert np.array_equal(foreign.frames, own.frames)
    assert np.array_equal(foreign.actions, other.actions)
    assert np.array_equal(foreign.positions[:N_PAST], own.positions[:N_PAST])
    assert not np.array_equal(foreign.positions[N_PAST:], own.positions[N_PAST:])
    difference = grey_levels(predict(predictor, foreign).frames, predict(predictor, own).frames)
    assert difference > 2


def test_the_reconstruction_does_look_ahead(predictor, sequences) -> None:
    reference = predictor.reconstruct(sequences[:1], HORIZON)
    assert reference.shape == (1, HORIZON, 64, 64, 3)
    changed = sequences[0].frames.copy()
    changed[N_PAST + HORIZON - 1] = 255 - changed[N_PAST + HORIZON - 1]
    other = predictor.reconstruct([replace(sequences[0], frames=changed)], HORIZON)
    assert np.array_equal(reference[:, :-1], other[:, :-1])
    assert not np.array_equal(reference[:, -1], other[:, -1])


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        ({}, {"horizon": 30}, "shorter horizon"),
        ({}, {"samples": 0}, "0 samples"),
        ({}, {"horizon": 0}, "0 frames"),
        ({}, {"context": 0}, "0 given frames"),
        ({"frames": np.zeros((1, 64, 64, 3), np.uint8)}, {}, "1 frames"),
        ({"positions": np.zeros((4, 3), np.float32)}, {}, "4 frames"),
    ],
)
def test_what_does_not_fit_is_refused(predictor, sequences, change, options, words) -> None:
    with pytest.raises(InputError, match=words):
        predictor.predict([replace(sequences[0], **change)], **options)


def test_reconstruction_needs_all_frames(predictor, sequences) -> None:
    one_given = predictor.reconstruct(sequences[:1], HORIZON, context=1)
    assert one_given.shape == (1, HORIZON, 64, 64, 3)
    with pytest.raises(InputError, match="longer sequence"):
        predictor.reconstruct([replace(sequences[0], frames=sequences[0].frames[:6])], HORIZON)


def grey_levels(one: np.ndarray, other: np.ndarray) -> int:
    """The largest difference between two uint8 arrays."""
    return int(np.abs(one.astype(int) - other.astype(int)).max())
