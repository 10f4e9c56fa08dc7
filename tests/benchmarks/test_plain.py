"""The plain path is what it is measured against: the same numbers, the long way."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from cvae.benchmarks.plain import PlainModel
from cvae.config import REPORT, TINY
from cvae.data.dataset import CONDITION_DIM, Batch
from cvae.inference.predictor import to_float_frames
from cvae.model.cvae import CVAE
from cvae.model.noise import keyed_generator
from cvae.training.losses import elbo_loss
from tests.tiny_data import tiny_sequence
from tests.tiny_models import lively_model

BATCH, LENGTH, SAMPLES = 2, 6, 3
VARIANTS = {
    "fixed": TINY.model,
    "learned": replace(TINY.model, prior="learned"),
    "report": replace(REPORT.model, width=1 / 16, g_dim=16, z_dim=4, rnn_size=16),
    "three given": replace(TINY.model, n_past=3),
}


@pytest.fixture(scope="module", params=VARIANTS)
def model(request) -> CVAE:
    return lively_model(VARIANTS[request.param])


@pytest.fixture(scope="module")
def frames() -> Tensor:
    sequences = [tiny_sequence("", i) for i in range(BATCH)]
    return torch.stack([to_float_frames(sequence.frames[:LENGTH]) for sequence in sequences])


@pytest.fixture(scope="module")
def conditions() -> Tensor:
    return torch.randn(BATCH, LENGTH, CONDITION_DIM, generator=keyed_generator("conditions"))


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, TINY.model.z_dim, generator=keyed_generator("noise"))


def test_imagines_what_the_model_imagines(model, frames, conditions) -> None:
    past, drawn = frames[:, : model.config.n_past], noise(BATCH, SAMPLES, LENGTH - 1)
    with torch.no_grad():
        expected, _ = model.imagine(past, conditions, drawn)
    found = PlainModel(model).imagine(past, conditions, drawn)
    assert expected.std() > 0.05
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("forced", [True, False])
def test_observes_what_the_model_observes(model, frames, conditions, forced) -> None:
    drawn = noise(BATCH, LENGTH - 1)
    with torch.no_grad():
        expected, found = (
            one.observe(frames, conditions, drawn, teacher_forcing=forced)
            for one in (model, PlainModel(model))
        )
    torch.testing.assert_close(found.frames, expected.frames, rtol=0, atol=1e-4)
    torch.testing.assert_close(found.posterior.mean, expected.posterior.mean, rtol=0, atol=1e-4)
    torch.testing.assert_close(found.prior.mean, expected.prior.mean, rtol=0, atol=1e-4)


def test_trains_by_the_same_loss(frames, conditions) -> None:
    plain = PlainModel(lively_model(VARIANTS["learned"])).train()
    batch = Batch(frames, conditions, ["one", "other"])
    optimizer = torch.optim.Adam(plain.parameters(), 1e-3)
    losses = []
    for _ in range(5):
        loss, _ = elbo_loss(plain, batch, noise(BATCH, LENGTH - 1), beta=1e-4, teacher_forcing=True)
        optimizer.zero_grad()
        loss.backward()
        assert all(p.grad is not None for p in plain.parameters())
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


def test_leaves_the_model_alone(frames, conditions) -> None:
    model = lively_model(VARIANTS["fixed"])
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    plain = PlainModel(model).train()
    plain.observe(frames, conditions, noise(BATCH, LENGTH - 1), teacher_forcing=True)
    with torch.no_grad():
        for parameter in plain.parameters():
            parameter.zero_()
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
