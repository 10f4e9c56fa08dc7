"""The convolution blocks that encoder and decoder are built from."""

from typing import Any, TypeVar

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional

Part = TypeVar("Part", bound=nn.Module)

STAGE_CHANNELS = (64, 128, 256, 512)  # VGG64's, from 64x64 down to 8x8


def stage_channels(width: float) -> list[int]:
    """Channels of the four stages at a share `width` of the full size."""
    return [round(channels * width) for channels in STAGE_CHANNELS]


def to_layout(module: Part, layout: torch.memory_format) -> Part:
    """`module`, with its weights in that layout; convolutions are fastest on channels last."""
    # PyTorch's declaration of `to` leaves a memory format out.
    return module.to(memory_format=layout)  # type: ignore[call-overload]


def conv_block(in_channels: int, out_channels: int) -> nn.Sequential:
    """3x3 convolution, BatchNorm, leaky ReLU: the `vgg_layer` of SVG."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, 1, 1),
        nn.BatchNorm2d(out_channels),
        nn.LeakyReLU(0.2, inplace=True),
    )


class SkipBlock(nn.Module):
    """A `conv_block` over cat(doubled below, skip), with its convolution split in two.

    conv(cat(below, skip)) = conv_below(below) + conv_skip(skip), and the skips stay the same for
    a whole rollout: `project` computes the second term once, `forward` adds it at every step.
    `below` comes at half the side and is doubled here, each pixel becoming 2x2 equal ones.
    """

    def __init__(self, below_channels: int, skip_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv_below = nn.Conv2d(below_channels, out_channels, 3, 1, 1)
        self.conv_skip = nn.Conv2d(skip_channels, out_channels, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.activation = nn.LeakyReLU(0.2, inplace=True)

    def project(self, skip: Tensor) -> Tensor:
        """skip (N, C_skip, H, W) -> its share of the convolution (N, C_out, H, W)."""
        return self.conv_skip(skip)

    def forward(self, below: Tensor, projected: Tensor) -> Tensor:
        """below (N*K, C_below, H/2, W/2), projected (N, C_out, H, W) -> (N*K, C_out, H, W).

        Each projected skip serves K consecutive rows of `below`.
        """
        summed = repeat_add(convolve_doubled(self.conv_below, below), projected)
        return self.activation(self.norm(summed))


def convolve_doubled(conv: nn.Conv2d, below: Tensor) -> Tensor:
    """conv(doubled below), for a 3x3 convolution with padding 1: (N, C, H, W) -> 2H, 2W.

    Where a window of 3x3 lies on pixels that are equal, their weights may be added first. That
    makes one transposed convolution of the small picture, with 4 multiplications for 9.
    """
    return (double_in_one if _one_convolution_pays(below) else double_first)(conv, below)


def double_in_one(conv: nn.Conv2d, below: Tensor) -> Tensor:
    """`convolve_doubled` as one transposed convolution."""
    weight = doubling_weight(conv.weight)
    return functional.conv_transpose2d(below, weight, conv.bias, stride=2, padding=1)


def double_first(conv: nn.Conv2d, below: Tensor) -> Tensor:
    """`convolve_doubled` as it is written: doubled, then convolved."""
    return conv(functional.interpolate(below, scale_factor=2, mode="nearest"))


def doubling_weight(weight: Tensor) -> Tensor:
    """3x3 weights (C_out, C_in, 3, 3) -> those of `double_in_one` (C_in, C_out, 4, 4)."""
    for axis in (2, 3):
        first, middle, last = weight.unbind(axis)
        weight = torch.stack([last, middle + last, first + middle, first], axis)
    return weight.transpose(0, 1)


def _one_convolution_pays(below: Tensor) -> bool:
    """Measured on a CPU (see docs/training.md); on a GPU the plain way is left alone."""
    if below.device.type != "cpu":
        return False
    # Adding up the weights costs the same for one pixel and for many.
    pixels = below.numel() // below.shape[1]
    if below.dtype == torch.bfloat16:
        return pixels >= 1024 and below.shape[1] >= 32
    return pixels >= 512


def repeat_add(many: Tensor, few: Tensor) -> Tensor:
    """Add row n of `few` (N, ...) to each of rows n*K .. n*K+K-1 of `many` (N*K, ...)."""
    grouped = rearrange(many, "(n k) c h w -> n k c h w", n=len(few))
    return rearrange(grouped + few.unsqueeze(1), "n k c h w -> (n k) c h w")


def first_frames(packed: Tensor, length: int, count: int) -> tuple[Tensor, ...]:
    """Frames 0, 1, .. count-1 of each sequence: (B*T, C, H, W) -> (B, C, H, W), as many times.

    length: T, of the sequences.
    """
    return _FirstFrames.apply(packed, length, count)


class _FirstFrames(torch.autograd.Function):
    """Rows whose gradient, zero for all others, lies in memory as what they were taken from.

    PyTorch's own comes channels first. Added to one that is channels last, and handed on, it
    made a teacher-forced update in bfloat16 an eighth longer on a CPU.
    """

    @staticmethod
    def forward(context: Any, packed: Tensor, length: int, count: int) -> tuple[Tensor, ...]:
        context.like, context.length = torch.empty_like(packed, device="meta"), length
        last = packed.is_contiguous(memory_format=torch.channels_last)
        layout = torch.channels_last if last else torch.contiguous_format
        return tuple(packed[t::length].contiguous(memory_format=layout) for t in range(count))

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        whole = torch.zeros_like(context.like, device=gradients[0].device)
        for t, gradient in enumerate(gradients):
            whole[t :: context.length] = gradient
        return whole, None, None


@torch.no_grad()
def init_weights(module: nn.Module, generator: torch.Generator) -> None:
    """SVG's initialisation: N(0, 0.02) for weights, zero biases, N(1, 0.02) for BatchNorm.

    LSTM cells keep PyTorch's range, U(-1/sqrt(size), 1/sqrt(size)), drawn from `generator`.
    """
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            part.weight.normal_(0.0, 0.02, generator=generator)
            if part.bias is not None:
                part.bias.zero_()
        elif isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
            part.weight.normal_(1.0, 0.02, generator=generator)
            part.bias.zero_()
        elif isinstance(part, nn.LSTMCell):
            bound = part.hidden_size**-0.5
            for weight in part.parameters():
                weight.uniform_(-bound, bound, generator=generator)
