"""The latent: Gaussians and their distance."""

import torch
from torch.distributions import Normal, kl_divergence

from cvae.model.latent import Gaussian
from cvae.model.noise import keyed_generator, sample_noise


def random_gaussian(key: str) -> Gaussian:
    generator = keyed_generator(key)
    return Gaussian(*(torch.randn(5, 7, generator=generator) for _ in range(2)))


def test_kl_equals_that_of_torch() -> None:
    q, p = random_gaussian("q"), random_gaussian("p")
    normals = [Normal(g.mean, (0.5 * g.log_variance).exp()) for g in (q, p)]
    torch.testing.assert_close(q.kl(p), kl_divergence(*normals), rtol=1e-5, atol=1e-5)
    standard = Gaussian.standard(q.mean)
    expected = kl_divergence(normals[0], Normal(0.0, 1.0))
    torch.testing.assert_close(q.kl(standard), expected, rtol=1e-5, atol=1e-5)
    assert (q.kl(q).abs() < 1e-6).all()


def test_a_sample_is_shifted_and_scaled_noise() -> None:
    gaussian = Gaussian(torch.full((200_000,), 3.0), torch.full((200_000,), 4.0).log())
    drawn = gaussian.sample(torch.randn(200_000, generator=keyed_generator("drawn")))
    assert abs(drawn.mean() - 3) < 0.02
    assert abs(drawn.std() - 2) < 0.02
    assert torch.equal(gaussian.sample(torch.zeros(200_000)), gaussian.mean)


def test_noise_is_keyed_by_seed_name_sample_and_step() -> None:
    noise = sample_noise(3, "a", 4, 6, 5)
    assert torch.equal(noise, sample_noise(3, "a", 4, 6, 5))
    assert torch.equal(noise[:2, :3], sample_noise(3, "a", 2, 3, 5))
    for other in (sample_noise(4, "a", 4, 6, 5), sample_noise(3, "b", 4, 6, 5)):
        assert not (noise == other).any()
    assert len(noise.flatten().unique()) == noise.numel()


def test_noise_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    sample_noise(3, "a", 2, 2, 2)
    assert torch.equal(before, torch.get_rng_state())
