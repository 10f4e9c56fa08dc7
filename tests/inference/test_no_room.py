"""A GPU whose memory is full, played by a model that refuses more than a few rows at a time."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from cvae.errors import InputError
from cvae.inference.latent import beliefs, walk
from cvae.inference.predictor import Predictor
from cvae.inference.steering import Scene, start, step
from tests.inference.lively import lively_predictor
from tests.tiny_data import tiny_sequence

SEQUENCES = [tiny_sequence(f"s{seed}", seed, labelled=False, length=8) for seed in range(3)]
WITHOUT_POSITIONS = replace(tiny_sequence("bare", 3, length=12), positions=None)
OPTIONS = {"samples": 4, "horizon": 5, "seed": 1}


def with_room_for(rows: int, monkeypatch: pytest.MonkeyPatch, since: int = 0) -> Predictor:
    """A predictor for which more than `rows` futures, or sequences, at a time are too many.

    since: calls that go well whatever they ask for.
    """
    predictor, calls = lively_predictor(prior="learned"), 0

    def limited(method: Callable, place: int) -> Callable:
        def call(*arguments, **options):
            nonlocal calls
            calls += 1
            if calls > since and len(arguments[place]) > rows:
                raise torch.OutOfMemoryError("CUDA out of memory.")
            return method(*arguments, **options)

        return call

    model = predictor.checkpoint.model
    monkeypatch.setattr(model, "advance", limited(model.advance, 3))
    monkeypatch.setattr(model, "observe", limited(model.observe, 0))
    return predictor


@pytest.mark.parametrize(("rows", "since"), [(5, 0), (1, 0), (2, 3)])
def test_fewer_futures_at_a_time_give_the_same_frames(monkeypatch, rows: int, since: int) -> None:
    expected = lively_predictor(prior="learned").predict(SEQUENCES, **OPTIONS)
    found = with_room_for(rows, monkeypatch, since).predict(SEQUENCES, **OPTIONS)
    for one, other in zip(found, expected, strict=True):
        difference = one.frames.astype(int) - other.frames.astype(int)
        assert one.frames.shape == (4, 5, 64, 64, 3) and abs(difference).max() <= 1
        np.testing.assert_allclose(one.latents, other.latents, atol=1e-4)


def test_what_a_stream_has_shown_is_not_shown_again(monkeypatch) -> None:
    predictor = with_room_for(3, monkeypatch, since=2)
    assert [step.t for step in predictor.stream(SEQUENCES, **OPTIONS)] == [2, 3, 4, 5, 6]


def test_without_room_for_one_it_says_what_to_do(monkeypatch) -> None:
    predictor = with_room_for(0, monkeypatch)
    with pytest.raises(InputError, match=r"no room for a single prediction: end what else uses it"):
        predictor.predict(SEQUENCES, **OPTIONS)
    with pytest.raises(InputError, match=r"no room for a single prediction"):
        predictor.reconstruct(SEQUENCES, 5)


def test_the_posterior_reference_takes_fewer_sequences_at_a_time(monkeypatch) -> None:
    expected = lively_predictor(prior="learned").reconstruct(SEQUENCES, 5)
    found = with_room_for(1, monkeypatch).reconstruct(SEQUENCES, 5)
    assert found.shape == expected.shape
    assert abs(found.astype(int) - expected.astype(int)).max() <= 1


@pytest.mark.parametrize(
    ("part", "method", "ask"),
    [
        ("model", "observe", lambda predictor: beliefs(predictor, SEQUENCES[0], 5)),
        ("model", "imagine", lambda predictor: walk(predictor, SEQUENCES[0], 0, [0.0, 1.0], 5)),
        ("model", "look", lambda predictor: predictor.predict(SEQUENCES, **OPTIONS)),
        ("state_model", "read", lambda predictor: predictor.predict([WITHOUT_POSITIONS])),
        ("state_model", "read", lambda predictor: predictor.reconstruct([WITHOUT_POSITIONS])),
        ("state_model", "read", lambda predictor: begin(predictor)),
        ("state_model", "move", lambda predictor: begin(predictor)),
        ("model", "look", lambda predictor: begin(predictor)),
    ],
)
def test_whatever_finds_no_room_is_told(monkeypatch, part: str, method: str, ask: Callable) -> None:
    predictor = lively_predictor(prior="learned")
    ask(predictor)
    monkeypatch.setattr(getattr(predictor.checkpoint, part), method, full)
    with pytest.raises(InputError, match="no room for a single prediction"):
        ask(predictor)


@pytest.mark.parametrize(("part", "method"), [("model", "advance"), ("state_model", "move")])
def test_a_step_that_finds_no_room_is_told(monkeypatch, part: str, method: str) -> None:
    predictor = lively_predictor(prior="learned")
    scene = begin(predictor)
    monkeypatch.setattr(getattr(predictor.checkpoint, part), method, full)
    with pytest.raises(InputError, match="no room for a single prediction"):
        step(predictor, scene, SEQUENCES[0].actions[1])


def begin(predictor: Predictor) -> Scene:
    return start(predictor, SEQUENCES[0].frames[:2], SEQUENCES[0].actions[:1])


def full(*_, **__) -> None:
    raise torch.OutOfMemoryError("CUDA out of memory.")
