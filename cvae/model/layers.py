"""The convolution blocks that encoder and decoder are built from."""

import torch
from einops import rearrange
from torch import Tensor, nn

STAGE_CHANNELS = (64, 128, 256, 512)  # VGG64's, from 64x64 down to 8x8


def stage_channels(width: float) -> list[int]:
    """Channels of the four stages at a share `width` of the full size."""
    return [round(channels * width) for channels in STAGE_CHANNELS]


def conv_block(in_channels: int, out_channels: int) -> nn.Sequential:
    """3x3 convolution, BatchNorm, leaky ReLU: the `vgg_layer` of SVG."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, 1, 1),
        nn.BatchNorm2d(out_channels),
        nn.LeakyReLU(0.2, inplace=True),
    )


class SkipBlock(nn.Module):
    """A `conv_block` over cat(below, skip), with its convolution split in two.

    conv(cat(below, skip)) = conv_below(below) + conv_skip(skip), and the skips stay the same for
    a whole rollout: `project` computes the second term once, `forward` adds it at every step.
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
        """below (N*K, C_below, H, W), projected (N, C_out, H, W) -> (N*K, C_out, H, W).

        Each projected skip serves K consecutive rows of `below`.
        """
        summed = repeat_add(self.conv_below(below), projected)
        return self.activation(self.norm(summed))


def repeat_add(many: Tensor, few: Tensor) -> Tensor:
    """Add row n of `few` (N, ...) to each of rows n*K .. n*K+K-1 of `many` (N*K, ...)."""
    grouped = rearrange(many, "(n k) c h w -> n k c h w", n=len(few))
    return rearrange(grouped + few.unsqueeze(1), "n k c h w -> (n k) c h w")


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
