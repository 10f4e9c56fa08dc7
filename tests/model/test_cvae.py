"""The two rollouts against a plain loop, and what may depend on what."""

from copy import deepcopy
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from cvae.config import PRESETS, PRIORS, REPORT, TINY, ModelConfig
from cvae.data.dataset import CONDITION_DIM
from cvae.inference.predictor import to_float_frames
from cvae.model.cvae import CVAE
from cvae.model.noise import keyed_generator
from tests.tiny_data import tiny_sequence
from tests.tiny_models import lively_model

BATCH, LENGTH = 3, 6
VARIANTS = {
    "fixed": TINY.model,
    "learned": replace(TINY.model, prior="learned"),
    "report": replace(REPORT.model, prior="learned", width=1 / 16, g_dim=16, z_dim=4, rnn_size=16),
    "three given": replace(TINY.model, n_past=3),
    "one given": replace(TINY.model, n_past=1, prior="learned"),
}


@pytest.fixture(scope="module", params=VARIANTS)
def model(request) -> CVAE:
    return lively_model(VARIANTS[request.param])


@pytest.fixture(scope="module")
def frames() -> Tensor:
    sequences = [tiny_sequence("", i) for i in range(BATCH)]
    return torch.stack([to_float_frames(sequence.frames[:LENGTH]) for sequence in sequences])


@pytest.fixture
def conditions() -> Tensor:
    return torch.randn(BATCH, LENGTH, CONDITION_DIM, generator=keyed_generator("conditions"))


@pytest.fixture
def noise() -> Tensor:
    return torch.randn(BATCH, LENGTH - 1, TINY.model.z_dim, generator=keyed_generator("noise"))


def plain_decode(model: CVAE, g: Tensor, frame: Tensor) -> Tensor:
    """The decoder as SVG writes it: ordinary convolutions over cat(below, skip)."""
    decoder = model.decoder
    skips = model.encoder(frame)[1]
    features = decoder.seed(g[:, :, None, None])
    for block, stage, skip in zip(decoder.skip_blocks, decoder.stages, skips[::-1], strict=True):
        below = F.interpolate(features, scale_factor=2, mode="nearest")
        weight = torch.cat([block.conv_below.weight, block.conv_skip.weight], 1)
        features = F.conv2d(torch.cat([below, skip], 1), weight, block.conv_below.bias, padding=1)
        features = stage(F.leaky_relu(block.norm(features), 0.2))
    drawn = torch.sigmoid(features)
    if not model.config.compositing:
        return drawn
    mask = drawn[:, 3:]
    return mask * drawn[:, :3] + (1 - mask) * frame


def plain_rollout(
    model: CVAE, frames: Tensor, conditions: Tensor, noise: Tensor, forced: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Frame by frame: predicted frames (B, T-1, ...), posterior and prior means (B, T-1, z)."""
    n_past = model.config.n_past
    predictor, posterior, prior = None, None, None
    predicted, posterior_means, prior_means = [], [], []
    for t in range(1, frames.shape[1]):
        given = forced or t - 1 < n_past
        h = model.encoder(frames[:, t - 1] if given else predicted[-1])[0]
        target = model.encoder(frames[:, t])[0]
        c = conditions[:, t - 1]
        if model.config.condition_changes:
            c = torch.cat([c, c - conditions[:, max(t - 2, 0)]], 1)
        predictor = predictor or model.predictor.core.initial(h)
        posterior = posterior or model.posterior.initial(h)
        prior = prior or model.prior.initial(h)
        q, posterior = model.posterior(target, posterior)
        p, prior = model.prior(h, c, prior)
        z = q.mean + (q.log_variance / 2).exp() * noise[:, t - 1]
        g, predictor = model.predictor(torch.cat([h, z, c], 1), predictor)
        predicted.append(plain_decode(model, g, frames[:, min(t - 1, n_past - 1)]))
        posterior_means.append(q.mean)
        prior_means.append(p.mean)
    return tuple(torch.stack(steps, 1) for steps in (predicted, posterior_means, prior_means))


@pytest.mark.parametrize("forced", [True, False])
def test_observe_equals_a_plain_loop(model, frames, conditions, noise, forced) -> None:
    with torch.no_grad():
        rollout = model.observe(frames, conditions, noise, teacher_forcing=forced)
        expected = plain_rollout(model, frames, conditions, noise, forced)
    found = rollout.frames, rollout.posterior.mean, rollout.prior.mean
    for values, wanted in zip(found, expected, strict=True):
        torch.testing.assert_close(values, wanted, rtol=1e-4, atol=1e-4)


def test_free_running_differs_from_teacher_forcing_after_the_context_only(
    model, frames, conditions, noise
) -> None:
    with torch.no_grad():
        forced, free = (
            model.observe(frames, conditions, noise, teacher_forcing=forcing).frames
            for forcing in (True, False)
        )
    until = model.config.n_past
    torch.testing.assert_close(forced[:, :until], free[:, :until], rtol=1e-4, atol=1e-4)
    assert (forced[:, until:] - free[:, until:]).abs().max() > 1e-3


def test_imagine_equals_observe_with_the_same_latents(model, frames, conditions, noise) -> None:
    """With noise that makes of the posterior's distributions what the prior drew: its frames."""
    n_past = model.config.n_past
    with torch.no_grad():
        imagined, latents = model.imagine(frames[:, :n_past], conditions, noise[:, None])
        # It sees true frames alone, whatever z is.
        posterior = model.observe(frames, conditions, noise, teacher_forcing=False).posterior
        as_drawn = (latents[:, 0] - posterior.mean) / (posterior.log_variance / 2).exp()
        observed = model.observe(frames, conditions, as_drawn, teacher_forcing=False)
    torch.testing.assert_close(as_drawn[:, : n_past - 1], noise[:, : n_past - 1])
    assert imagined.shape == (BATCH, 1, LENGTH - n_past, 3, 64, 64)
    assert imagined.min() >= 0 and imagined.max() <= 1
    found = observed.frames[:, n_past - 1 :]
    torch.testing.assert_close(found, imagined[:, 0], rtol=0, atol=1e-4)


def test_the_mean_of_a_fixed_prior_is_zero(frames, conditions) -> None:
    model = lively_model(TINY.model)
    zero = torch.zeros(BATCH, 1, LENGTH - 1, TINY.model.z_dim)
    with torch.no_grad():
        _, latents = model.imagine(frames[:, :2], conditions, zero)
        observed = model.observe(frames, conditions, zero[:, 0], teacher_forcing=False)
    torch.testing.assert_close(latents[:, 0, 0], observed.posterior.mean[:, 0])
    assert (latents[:, 0, 1:] == 0).all()


def test_zero_noise_is_the_posterior_mean(model, frames, conditions) -> None:
    zero = torch.zeros(BATCH, LENGTH - 1, model.config.z_dim)
    with torch.no_grad():
        one = model.observe(frames, conditions, zero, teacher_forcing=False)
        wanted = plain_rollout(model, frames, conditions, zero, forced=False)[0]
    torch.testing.assert_close(one.frames, wanted, rtol=1e-4, atol=1e-4)


def test_gradient_reaches_every_parameter(model, frames, conditions, noise) -> None:
    model = deepcopy(model).train()
    rollout = model.observe(frames, conditions, noise, teacher_forcing=True)
    loss = ((rollout.frames - frames[:, 1:]) ** 2).mean()
    (loss + rollout.posterior.kl(rollout.prior).mean()).backward()
    without = [
        name
        for name, parameter in model.named_parameters()
        if parameter.grad is None or not parameter.grad.any()
    ]
    assert without == []


def test_a_sequence_does_not_depend_on_its_batch(model, frames, conditions, noise) -> None:
    with torch.no_grad():
        together, latents = model.imagine(
            frames[:, : model.config.n_past], conditions, noise[:, None]
        )
        for i in range(BATCH):
            one = slice(i, i + 1)
            alone, z = model.imagine(
                frames[one, : model.config.n_past], conditions[one], noise[one, None]
            )
            torch.testing.assert_close(alone, together[one], rtol=0, atol=1e-5)
            torch.testing.assert_close(z, latents[one], rtol=0, atol=1e-5)


@pytest.mark.parametrize("n_past", [1, 2, 3])
def test_predictions_lean_on_the_last_given_frame(frames, conditions, noise, n_past) -> None:
    """A mask that is shut shows the anchor: never an earlier frame, nor one not yet given."""
    model = lively_model(replace(TINY.model, n_past=n_past))
    with torch.no_grad():
        model.decoder.stages[-1].bias[3] = -1e4
        imagined, _ = model.imagine(frames[:, :n_past], conditions, noise[:, None])
        rollouts = [
            model.observe(frames, conditions, noise, teacher_forcing=forcing).frames
            for forcing in (True, False)
        ]
    last = frames[:, n_past - 1 : n_past].expand(-1, LENGTH - n_past, -1, -1, -1)
    assert torch.equal(imagined[:, 0], last)
    for predicted in rollouts:
        assert torch.equal(predicted[:, n_past - 1 :], last)
        assert torch.equal(predicted[:, : n_past - 1], frames[:, : n_past - 1])


@pytest.mark.parametrize("sees", [True, False])
def test_the_learned_prior_sees_conditions_only_if_it_may(frames, conditions, noise, sees) -> None:
    config = replace(TINY.model, prior="learned", prior_sees_condition=sees)
    model = lively_model(config)
    with torch.no_grad():
        before, after = (
            model.observe(frames, c, noise, teacher_forcing=True).prior.mean
            for c in (conditions, conditions + 1)
        )
    assert torch.equal(before, after) is not sees


@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize("conditioned", [True, False])
def test_a_model_is_told_conditions_only_if_it_may(
    frames, conditions, noise, prior, conditioned
) -> None:
    model = lively_model(replace(TINY.model, prior=prior, conditioned=conditioned))
    with torch.no_grad():
        before, after = (
            model.imagine(frames[:, :2], c, noise[:, None])[0] for c in (conditions, 1 - conditions)
        )
    assert torch.equal(before, after) is not conditioned


def test_the_posterior_sees_no_condition(model, frames, conditions, noise) -> None:
    with torch.no_grad():
        before, after = (
            model.observe(frames, c, noise, teacher_forcing=True).posterior.mean
            for c in (conditions, conditions + 1)
        )
    assert torch.equal(before, after)


@pytest.mark.parametrize(("width", "millions"), [(1.0, 22.8), (0.5, 8.0), (0.25, 4.0)])
@pytest.mark.parametrize("compositing", [True, False])
def test_sizes_are_those_of_the_lab(width, millions, compositing) -> None:
    model = CVAE(ModelConfig(prior="learned", width=width, compositing=compositing))
    count = sum(parameter.numel() for parameter in model.parameters())
    assert count / 1e6 == pytest.approx(millions, rel=0.02)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("prior", PRIORS)
def test_every_preset_builds_and_runs(name, prior) -> None:
    config = replace(PRESETS[name].model, prior=prior)
    model = CVAE(config, keyed_generator(name)).eval()
    generator = keyed_generator("past")
    past = torch.rand(1, config.n_past, 3, 64, 64, generator=generator)
    conditions = torch.randn(1, 3, CONDITION_DIM, generator=generator)
    with torch.no_grad():
        frames, _ = model.imagine(past, conditions, torch.zeros(1, 1, 2, config.z_dim))
    assert frames.shape == (1, 1, 1, 3, 64, 64)


def test_every_kind_of_prior_is_another() -> None:
    priors = [CVAE(replace(TINY.model, prior=prior)).prior for prior in PRIORS]
    assert len({type(prior) for prior in priors}) == len(PRIORS)


def test_weights_are_decided_by_the_generator() -> None:
    one, same, other = (CVAE(TINY.model, keyed_generator(key)) for key in ("a", "a", "b"))
    weights = [torch.cat([p.flatten() for p in m.parameters()]) for m in (one, same, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
