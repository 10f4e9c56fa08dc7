"""A model prepared for prediction: the same numbers (up to rounding), less time.

The copy is a `CVAE` like any other: the model's own recurrence, with faster parts in the places of
its encoder's and decoder's. What was tried and what it brought is in docs/prediction.md.
"""

import platform
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn import functional

from cvae.device import Precision
from cvae.inference.convolution import FastConvolution, FastSkipBlock
from cvae.inference.folding import fold_norms
from cvae.model.cvae import CVAE
from cvae.model.decoder import Anchor, VGG64Decoder
from cvae.model.encoder import VGG64Encoder
from cvae.model.layers import Part, SkipBlock, to_layout


@torch.no_grad()
def prepare(model: CVAE, device: torch.device, precision: Precision = "float32") -> CVAE:
    """A copy of `model` on `device` that only predicts; later changes of `model` don't reach it."""
    prepared = deepcopy(model).eval().requires_grad_(False).to(device)
    fold_norms(prepared)
    encoder, decoder = prepared.encoder, prepared.decoder
    encoder.add_module("head", EncoderHead(_first(nn.Conv2d, encoder.head)))
    decoder.add_module("seed", DecoderSeed(_first(nn.ConvTranspose2d, decoder.seed)))
    to_layout(prepared, torch.channels_last)
    if precision == "bfloat16":
        prepared.add_module("encoder", HalfEncoder(encoder))
        prepared.add_module("decoder", HalfDecoder(decoder))
    elif _has_onednn(device):
        _speed_up(encoder, decoder)
    return prepared


def _has_onednn(device: torch.device) -> bool:
    x86 = platform.machine().lower() in ("x86_64", "amd64")
    return device.type == "cpu" and x86 and torch.backends.mkldnn.is_available()


def _speed_up(encoder: VGG64Encoder, decoder: VGG64Decoder) -> None:
    """Put faster convolutions in the places of folded `conv_block`s and skip blocks."""
    for side, stage in zip((64, 32, 16, 8), encoder.stages, strict=True):
        _speed_up_blocks(stage, side)
    for number, side in enumerate((8, 16, 32, 64)):
        block = decoder.skip_blocks[number]
        assert isinstance(block, SkipBlock)
        decoder.skip_blocks[number] = FastSkipBlock(block, side)
    for side, stage in zip((8, 16), decoder.stages, strict=False):
        _speed_up_blocks(stage, side)
    decoder.stages[2] = FastConvolution(_first(nn.Conv2d, decoder.stages[2]), 32)


def _speed_up_blocks(stage: nn.Module, side: int) -> None:
    for name, block in list(stage.named_children()):
        stage.add_module(name, FastConvolution(_first(nn.Conv2d, block), side))


def _first(kind: type[Part], parent: nn.Module) -> Part:
    """The first part of `parent`, which is of that kind."""
    part = next(parent.children())
    assert isinstance(part, kind)
    return part


class EncoderHead(nn.Module):
    """The encoder's last convolution sees the whole of its 4x4 input: a matrix product."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.weight = nn.Parameter(conv.weight.permute(0, 2, 3, 1).flatten(1).contiguous())
        self.bias = conv.bias

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, 4, 4) -> h (N, g_dim) in (-1, 1)."""
        flat = features.permute(0, 2, 3, 1).flatten(1)
        return functional.linear(flat, self.weight, self.bias).tanh()


class DecoderSeed(nn.Module):
    """The decoder's first transposed convolution sees one pixel: a matrix product."""

    def __init__(self, conv: nn.ConvTranspose2d) -> None:
        super().__init__()
        self.weight = nn.Parameter(conv.weight.permute(2, 3, 1, 0).flatten(0, 2).contiguous())
        assert conv.bias is not None
        self.bias = nn.Parameter(conv.bias.repeat(16))

    def forward(self, g: Tensor) -> Tensor:
        """(N, g_dim, 1, 1) -> (N, C, 4, 4)."""
        features = functional.linear(g.flatten(1), self.weight, self.bias)
        return functional.leaky_relu_(features, 0.2).view(len(g), 4, 4, -1).permute(0, 3, 1, 2)


class HalfEncoder(nn.Module):
    """An encoder in bfloat16; h comes out in float32, for the recurrence."""

    def __init__(self, encoder: VGG64Encoder) -> None:
        super().__init__()
        self.encoder = encoder.to(torch.bfloat16)

    def forward(self, frames: Tensor) -> tuple[Tensor, list[Tensor]]:
        h, skips = self.encoder(frames.to(torch.bfloat16))
        return h.float(), skips


class HalfDecoder(nn.Module):
    """A decoder in bfloat16; it blends and hands out frames in float32."""

    def __init__(self, decoder: VGG64Decoder) -> None:
        super().__init__()
        self.decoder = decoder.to(torch.bfloat16)

    def anchor(self, frame: Tensor, skips: list[Tensor]) -> Anchor:
        return self.decoder.anchor(frame, skips)

    def forward(self, g: Tensor, anchor: Anchor) -> Tensor:
        return self.decoder(g.to(torch.bfloat16), anchor)
