"""The plain path: the same weights used as SVG's own scripts use theirs, to measure against.

Channels first, BatchNorm as trained, the decoder's convolutions over cat(doubled below, skip),
every frame encoded anew at every step and for every sample, float32, one step after the other.
What it computes is what the model computes; only the time differs.
"""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

import torch
from einops import rearrange, repeat
from torch import Tensor, nn
from torch.nn import functional

from cvae.model.cvae import CVAE, Rollout
from cvae.model.decoder import VGG64Decoder
from cvae.model.latent import Gaussian
from cvae.model.layers import SkipBlock, to_layout


class PlainModel(nn.Module):
    """A copy of a model's weights under plain rollouts; `elbo_loss` takes it for the model."""

    def __init__(self, model: CVAE) -> None:
        super().__init__()
        plain = to_layout(deepcopy(model), torch.contiguous_format)
        plain.add_module("decoder", PlainDecoder(plain.decoder))
        self.model = plain

    @torch.no_grad()
    def imagine(self, past: Tensor, conditions: Tensor, noise: Tensor) -> Tensor:
        """As `CVAE.imagine`, for frames (B, S, T - n_past, 3, H, W): every sample on its own."""
        samples, steps = noise.shape[1], noise.shape[2]
        past = repeat(past, "b t c h w -> (b s) t c h w", s=samples)
        conditions = repeat(conditions, "b t c -> (b s) t c", s=samples)
        noise = rearrange(noise, "b s t z -> (b s) t z")
        model, n_past = self.model, past.shape[1]
        frame, state, frames = past[:, 0], None, []
        for t in range(1, steps + 1):
            h, seen = model.encoder(frame)
            if t <= n_past:
                given, skips = frame, seen
            state = state or model.initial(h)
            belief, state = model.foresee(state, h, conditions[:, t - 1])
            if t < n_past:
                belief, state = model.infer(state, model.encoder(past[:, t])[0])
            g, state = model.step(state, h, conditions[:, t - 1], belief.sample(noise[:, t - 1]))
            if t < n_past:
                frame = past[:, t]
            else:
                frame = model.decoder(g, given, skips)
                frames.append(frame)
        return rearrange(torch.stack(frames, 1), "(b s) t c h w -> b s t c h w", s=samples)

    def observe(
        self, frames: Tensor, conditions: Tensor, noise: Tensor, *, teacher_forcing: bool
    ) -> Rollout:
        """As `CVAE.observe`, with two encoder calls and one of the decoder at every step.

        In training BatchNorm measures every step by itself here, and all steps at once there.
        """
        model, n_past = self.model, self.model.config.n_past
        predicted: list[Tensor] = []
        state, posteriors, priors = None, [], []
        for t in range(1, frames.shape[1]):
            known = teacher_forcing or t <= n_past
            frame = frames[:, t - 1] if known else predicted[-1]
            h, seen = model.encoder(frame)
            h_target, _ = model.encoder(frames[:, t])
            if t <= n_past:
                given, skips = frame, seen
            state = state or model.initial(h)
            prior, state = model.foresee(state, h, conditions[:, t - 1])
            posterior, state = model.infer(state, h_target)
            z = posterior.sample(noise[:, t - 1])
            g, state = model.step(state, h, conditions[:, t - 1], z)
            predicted.append(model.decoder(g, given, skips))
            posteriors.append(posterior)
            priors.append(prior)
        return Rollout(
            torch.stack(predicted, 1), Gaussian.stack(posteriors), Gaussian.stack(priors)
        )


class PlainDecoder(nn.Module):
    """SVG's decoder: an ordinary convolution over cat(doubled below, skip) at every stage."""

    def __init__(self, decoder: VGG64Decoder) -> None:
        super().__init__()
        self.compositing = decoder.compositing
        self.seed = decoder.seed
        blocks: Iterable[Any] = decoder.skip_blocks
        self.joins = nn.ModuleList([_join(block) for block in blocks])
        self.stages = decoder.stages

    def forward(self, g: Tensor, given: Tensor, skips: list[Tensor]) -> Tensor:
        """g (N, g_dim), a given frame (N, 3, 64, 64) and its skips -> frames (N, 3, 64, 64)."""
        features = self.seed(g[:, :, None, None])
        for join, stage, skip in zip(self.joins, self.stages, reversed(skips), strict=True):
            doubled = functional.interpolate(features, scale_factor=2, mode="nearest")
            features = stage(join(torch.cat([doubled, skip], 1)))  # 8 -> 16 -> 32 -> 64
        drawn = torch.sigmoid(features)
        if not self.compositing:
            return drawn
        return torch.lerp(given, drawn[:, :3], drawn[:, 3:])


def _join(block: SkipBlock) -> nn.Sequential:
    """One convolution in place of the two that a `SkipBlock` splits it into."""
    below, skip = block.conv_below, block.conv_skip
    conv = nn.Conv2d(below.in_channels + skip.in_channels, below.out_channels, 3, 1, 1)
    conv.weight.data = torch.cat([below.weight.data, skip.weight.data], 1).contiguous()
    assert conv.bias is not None and below.bias is not None
    conv.bias.data = below.bias.data
    return nn.Sequential(conv, block.norm, block.activation)
