"""What the latent holds and does, on tiny models that react to everything."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cvae.data.bundle import open_test_sequences
from cvae.errors import InputError
from cvae.inference.latent import beliefs, walk
from cvae.inference.predictor import Predictor


@pytest.fixture(params=["fixed", "learned"])
def predictor(request, tiny_checkpoints) -> Predictor:
    return Predictor.load(tiny_checkpoints / request.param, "cpu")


@pytest.fixture
def sequence(store):
    return open_test_sequences(store)[0]


def test_beliefs_have_the_kl_of_their_gaussians(predictor, sequence):
    held = beliefs(predictor, sequence)
    normal = torch.distributions.Normal
    posterior = normal(torch.tensor(held.posterior_mean), torch.tensor(held.posterior_sigma))
    prior = normal(torch.tensor(held.prior_mean), torch.tensor(held.prior_sigma))
    expected = torch.distributions.kl_divergence(posterior, prior)
    assert held.kl.shape == (11, 4)
    np.testing.assert_allclose(held.kl, expected, rtol=1e-3, atol=1e-4)
    order = held.by_activity()
    assert sorted(order) == [0, 1, 2, 3]
    assert held.kl.mean(0)[order[0]] == held.kl.mean(0).max()


def test_the_middle_of_a_walk_is_the_prediction_at_the_priors_mean(predictor, sequence):
    frames = walk(predictor, sequence, 1, [-2.0, 0.0, 2.0])
    expected = predictor.predict([sequence], latent="mean")[0].frames[0]
    np.testing.assert_allclose(frames[1].astype(int), expected, atol=1)
    assert frames.shape == (3, 10, 64, 64, 3)
    for moved in (frames[0], frames[2]):
        assert np.abs(moved.astype(int) - frames[1]).max() > 3


def test_a_sequence_without_positions_gets_them_rolled_out(predictor, sequence):
    blind = replace(sequence, positions=None)
    assert walk(predictor, blind, 0, [0.0]).shape == (1, 10, 64, 64, 3)
    assert np.isfinite(beliefs(predictor, blind).kl).all()


def test_what_can_t_be_is_said(predictor, sequence):
    with pytest.raises(InputError, match="no dimension 4"):
        walk(predictor, sequence, 4, [0.0])
    with pytest.raises(InputError, match="12 are needed"):
        beliefs(predictor, sequence.window(0, 11))
    with pytest.raises(InputError, match=r"conditions for 5 frames; .* needs 11"):
        walk(predictor, sequence.window(0, 5), 0, [0.0])
    short = replace(sequence, positions=sequence.positions[:4])
    for look in (beliefs, lambda *given: walk(*given, 0, [0.0])):
        with pytest.raises(InputError, match="conditions for 4 frames"):
            look(predictor, short)
