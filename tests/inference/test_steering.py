"""Frame by frame it is the same future as in one call."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cvae.data.sequence import Sequence
from cvae.errors import InputError
from cvae.inference.predictor import Predictor
from cvae.inference.steering import Scene, start, step
from cvae.model.noise import sample_noise
from tests.inference.lively import lively_predictor
from tests.tiny_data import tiny_sequence

HORIZON = 5


@pytest.fixture(scope="module", params=["fixed", "learned"])
def predictor(request) -> Predictor:
    return lively_predictor(prior=request.param)


@pytest.fixture(scope="module")
def sequence() -> Sequence:
    return tiny_sequence("steered", 7)


def began(predictor: Predictor, sequence: Sequence, noise: torch.Tensor) -> Scene:
    given = predictor.n_past
    return start(
        predictor,
        sequence.frames[:given],
        sequence.actions[: given - 1],
        None if sequence.positions is None else sequence.positions[:given],
        noise[: given - 1],
    )


@pytest.mark.parametrize("known", [0, 1, 2])
def test_the_recorded_commands_lead_to_the_prediction(predictor, sequence, known) -> None:
    """Whether positions are known for all given frames, for the first, or for none."""
    sequence = replace(sequence, positions=sequence.positions[:known] if known else None)
    given = predictor.n_past
    [expected] = predictor.predict([sequence], seed=4, horizon=HORIZON, states="rolled out")
    noise = sample_noise(4, sequence.name, 1, given + HORIZON - 1, predictor_z(predictor))[0]
    scene = began(predictor, sequence, noise)
    for k in range(HORIZON):
        t = given + k
        frame, scene = step(predictor, scene, sequence.actions[t - 1], noise[t - 1])
        assert np.abs(frame.astype(int) - expected.frames[0, k]).max() <= 1


def test_a_scene_can_be_gone_on_from_twice(predictor, sequence) -> None:
    noise = torch.zeros(20, predictor_z(predictor))
    scene = began(predictor, sequence, noise)
    right, after = step(predictor, scene, np.array([0.06, 0, 0, 0]))
    left, _ = step(predictor, scene, np.array([-0.06, 0, 0, 4]))
    again, same = step(predictor, scene, np.array([0.06, 0, 0, 0]))
    assert np.array_equal(right, again)
    assert not np.array_equal(right, left)
    assert torch.equal(after.position, same.position)


def test_the_noise_is_the_callers(predictor, sequence) -> None:
    scene = began(predictor, sequence, torch.zeros(20, predictor_z(predictor)))
    action = sequence.actions[1]
    drawn = [torch.randn(predictor_z(predictor), generator=seeded(seed)) for seed in (1, 1, 2)]
    one, same, other = (step(predictor, scene, action, noise)[0] for noise in drawn)
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_what_does_not_fit_is_refused(predictor, sequence) -> None:
    with pytest.raises(InputError, match="2 given frames and actions of shape"):
        start(predictor, sequence.frames[:2], sequence.actions[:2])
    scene = start(predictor, sequence.frames[:1], sequence.actions[:0])
    with pytest.raises(InputError, match="is not 4 finite numbers"):
        step(predictor, scene, np.array([0.1, np.nan, 0, 0]))
    z_dim = predictor_z(predictor)
    with pytest.raises(InputError, match=rf"shape \(3, {z_dim}\): give one of \(1, {z_dim}\)"):
        start(predictor, sequence.frames[:2], sequence.actions[:1], noise=torch.zeros(3, z_dim))
    with pytest.raises(InputError, match=rf"shape \({z_dim + 1},\): give one of \({z_dim},\)"):
        step(predictor, scene, sequence.actions[0], torch.zeros(z_dim + 1))


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def predictor_z(predictor: Predictor) -> int:
    return predictor.checkpoint.config.model.z_dim
