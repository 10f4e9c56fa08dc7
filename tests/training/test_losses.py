"""The loss against its definition, term by term."""

from dataclasses import replace

import pytest
import torch

from cvae.config import PRIORS, TINY
from cvae.data.dataset import Batch
from cvae.model.cvae import CVAE
from cvae.training.losses import elbo_loss


def make_batch(size: int = 3, length: int = 6) -> Batch:
    generator = torch.Generator().manual_seed(5)
    frames = torch.rand(size, length, 3, 64, 64, generator=generator)
    conditions = torch.randn(size, length, 7, generator=generator)
    return Batch(frames, conditions, [f"s{i}" for i in range(size)])


@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize("teacher_forcing", [True, False])
def test_loss_is_the_sum_over_steps_of_error_and_weighted_kl(prior, teacher_forcing) -> None:
    model = CVAE(replace(TINY.model, prior=prior), torch.Generator().manual_seed(1)).eval()
    batch = make_batch()
    noise = torch.randn(3, 5, TINY.model.z_dim, generator=torch.Generator().manual_seed(2))
    beta = 0.3
    loss, logs = elbo_loss(model, batch, noise, beta=beta, teacher_forcing=teacher_forcing)

    rollout = model.observe(batch.frames, batch.conditions, noise, teacher_forcing=teacher_forcing)
    expected = 0.0
    for step in range(5):
        expected += torch.mean((rollout.frames[:, step] - batch.frames[:, step + 1]) ** 2)
        q, p = (
            torch.distributions.Normal(g.mean[:, step], torch.exp(0.5 * g.log_variance[:, step]))
            for g in (rollout.posterior, rollout.prior)
        )
        expected += beta * torch.distributions.kl_divergence(q, p).sum() / 3
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert logs.kl.shape == (TINY.model.z_dim,)
