"""Ways to compute one and the same training step: as `train` does it, as SVG does, and between.

What they compute is the same loss of the same weights. The time differs, and with the number of
frames in a call what BatchNorm measures in training.
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

import torch
from einops import repeat
from torch import Tensor, nn
from torch.nn import functional

from cvae.benchmarks.plain import PlainDecoder, PlainModel
from cvae.device import Precision
from cvae.model.cvae import CVAE, Rollout
from cvae.model.decoder import VGG64Decoder
from cvae.model.latent import Gaussian
from cvae.model.layers import SkipBlock, double_first, double_in_one, repeat_add, to_layout


@dataclass(frozen=True)
class Variant:
    """How a step is computed; each field is one measure, and by default all are taken."""

    encodes_once: bool = True
    """Each frame is encoded once; else as input and as target (the plain path)."""
    batched_time: bool = True
    """One encoder call for all known frames, one decoder call for all steps from them."""
    skip_split: bool = True
    """The skips' share of the decoder's convolutions is computed once a rollout."""
    doubling: Literal["by size", "in one", "first"] = "by size"
    """Doubling in one with the convolution where that pays, always, or never."""
    channels_last: bool = True
    fused_optimizer: bool = True
    own_update: bool = True
    """cvae.training's update: gradients are clipped, and looked at for odd numbers."""
    keeps_memory: bool = True
    """Freed memory stays with the process."""
    precision: Precision = "float32"
    compiled: bool = False
    """Encoder and decoder through torch.compile."""


OURS = Variant()
PLAIN = Variant(
    encodes_once=False,
    batched_time=False,
    skip_split=False,
    doubling="first",
    channels_last=False,
    fused_optimizer=False,
    own_update=False,
    keeps_memory=False,
)


def build(variant: Variant, base: CVAE) -> tuple[CVAE, "CVAE | PlainModel | Stepwise"]:
    """A copy of `base` with its own weights, and what observes with them (often itself)."""
    if not variant.encodes_once:
        plain = PlainModel(base)
        return plain.model, plain
    model = deepcopy(base)
    layout = torch.channels_last if variant.channels_last else torch.contiguous_format
    if not variant.skip_split:
        _replace_blocks(model.decoder, PlainDecoder(model.decoder).joins, JoinedBlock)
    elif variant.doubling != "by size":
        convolve = double_in_one if variant.doubling == "in one" else double_first
        blocks = model.decoder.skip_blocks
        _replace_blocks(model.decoder, blocks, lambda block: DoublingBlock(block, convolve))
    to_layout(model, layout)
    # The model packs its frames channels last, which a convolution follows.
    model.encoder.register_forward_pre_hook(
        lambda _, inputs: (inputs[0].contiguous(memory_format=layout),)
    )
    if variant.compiled:
        model.encoder.compile()
        model.decoder.compile()
    return model, model if variant.batched_time else Stepwise(model)


class Stepwise(nn.Module):
    """A model's rollout with one encoder call a frame and one decoder call a step.

    BatchNorm then measures, in training, every step by itself, as under SVG's scripts.
    """

    def __init__(self, model: CVAE) -> None:
        super().__init__()
        self.model = model

    def observe(
        self, frames: Tensor, conditions: Tensor, noise: Tensor, *, teacher_forcing: bool
    ) -> Rollout:
        """As `CVAE.observe`."""
        model, n_past = self.model, self.model.config.n_past
        h_true, anchors = [], []
        for t, frame in enumerate(frames.unbind(1)):
            encoded, skips = model.encoder(frame)
            h_true.append(encoded)
            if t < n_past:
                anchors.append(model.decoder.anchor(frame, skips))
        predicted: list[Tensor] = []
        state, posteriors, priors = model.initial(h_true[0]), [], []
        for t in range(1, frames.shape[1]):
            known = teacher_forcing or t <= n_past
            h = h_true[t - 1] if known else model.encoder(predicted[-1])[0]
            prior, state = model.foresee(state, h, conditions[:, t - 1])
            posterior, state = model.infer(state, h_true[t])
            z = posterior.sample(noise[:, t - 1])
            g, state = model.step(state, h, conditions[:, t - 1], z)
            predicted.append(model.decoder(g, anchors[min(t, n_past) - 1]))
            posteriors.append(posterior)
            priors.append(prior)
        return Rollout(
            torch.stack(predicted, 1), Gaussian.stack(posteriors), Gaussian.stack(priors)
        )


class JoinedBlock(nn.Module):
    """In place of a `SkipBlock`: one convolution over cat(doubled below, skip), at every step."""

    def __init__(self, joined: nn.Module) -> None:
        super().__init__()
        self.joined = joined

    def project(self, skip: Tensor) -> Tensor:
        return skip

    def forward(self, below: Tensor, skip: Tensor) -> Tensor:
        doubled = functional.interpolate(below, scale_factor=2, mode="nearest")
        skips = repeat(skip, "n c h w -> (n k) c h w", k=len(below) // len(skip))
        return self.joined(torch.cat([doubled, skips], 1))


class DoublingBlock(nn.Module):
    """A `SkipBlock` that doubles in one given way."""

    def __init__(self, block: SkipBlock, convolve: Callable[[nn.Conv2d, Tensor], Tensor]) -> None:
        super().__init__()
        self.block = block
        self.convolve = convolve

    def project(self, skip: Tensor) -> Tensor:
        return self.block.project(skip)

    def forward(self, below: Tensor, projected: Tensor) -> Tensor:
        summed = repeat_add(self.convolve(self.block.conv_below, below), projected)
        return self.block.activation(self.block.norm(summed))


def _replace_blocks(
    decoder: VGG64Decoder, parts: Iterable[Any], replace: Callable[[Any], nn.Module]
) -> None:
    decoder.skip_blocks = nn.ModuleList([replace(part) for part in parts])
