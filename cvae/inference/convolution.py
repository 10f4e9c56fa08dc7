"""The decoder's and encoder's 3x3 convolutions on a CPU, each in the form that is fastest there.

oneDNN computes them on weights in a layout of its own, which PyTorch makes anew at every call
unless it is given them ready; for one picture that takes as long as half of the convolution. The
operations are those that torch.compile uses, and PyTorch's version is pinned.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from cvae.inference.winograd import DOUBLING, FOURS, WinogradConvolution
from cvae.model.layers import SkipBlock, doubling_weight

ONE, TWO, NONE = [1, 1], [2, 2], [0, 0]


class FastConvolution(nn.Module):
    """A 3x3 convolution with padding 1 and, if `activated`, a leaky ReLU of 0.2."""

    def __init__(self, conv: nn.Conv2d, side: int, activated: bool = True) -> None:
        """`side` is that of the pictures to come; others are possible, but slower."""
        super().__init__()
        self.bias = conv.bias
        self.activation = ("leaky_relu", [0.2]) if activated else ("none", [])
        self.packed = torch.ops.mkldnn._reorder_convolution_weight(
            conv.weight.contiguous(), ONE, ONE, ONE, 1, [1, conv.in_channels, side, side]
        )
        self.winograd = None
        # Measured: at larger sides the transformed tiles leave the cache.
        if activated and side <= 16 and min(conv.weight.shape[:2]) >= 128:
            assert conv.bias is not None
            self.winograd = WinogradConvolution(conv.weight, conv.bias, FOURS)

    def forward(self, pixels: Tensor) -> Tensor:
        """(N, C_in, H, W) -> (N, C_out, H, W), channels last."""
        # Fewer tiles don't outweigh reading four times as many weights.
        if self.winograd is not None and self.winograd.tiles(pixels) >= 16:
            return functional.leaky_relu_(self.winograd(pixels), 0.2)
        name, numbers = self.activation
        return torch.ops.mkldnn._convolution_pointwise(
            pixels, self.packed, self.bias, ONE, ONE, ONE, 1, name, numbers, ""
        )


class FastSkipBlock(nn.Module):
    """A `SkipBlock` without BatchNorm, the weights of its doubling summed up beforehand."""

    def __init__(self, block: SkipBlock, side: int) -> None:
        """`side` is that of the skips."""
        super().__init__()
        below = block.conv_below
        assert below.bias is not None
        self.project = FastConvolution(block.conv_skip, side, activated=False)
        self.bias = below.bias
        self.packed = torch.ops.mkldnn._reorder_convolution_transpose_weight(
            doubling_weight(below.weight).contiguous(),
            *(ONE, NONE, TWO, ONE, 1, [1, below.in_channels, side // 2, side // 2]),
        )
        pays = below.in_channels >= 512
        self.winograd = WinogradConvolution(below.weight, below.bias, DOUBLING) if pays else None

    def forward(self, below: Tensor, projected: Tensor) -> Tensor:
        """As `SkipBlock.forward`."""
        doubled = self._double(below)
        doubled.view(len(projected), -1, *doubled.shape[1:]).add_(projected.unsqueeze(1))
        return functional.leaky_relu_(doubled, 0.2)

    def _double(self, below: Tensor) -> Tensor:
        if self.winograd is not None and self.winograd.tiles(below) >= 32:
            return self.winograd(below)
        return torch.ops.mkldnn._convolution_transpose_pointwise(
            below, self.packed, self.bias, ONE, NONE, TWO, ONE, 1, "none", [], ""
        )
