"""3x3 convolutions with fewer multiplications, by Winograd's minimal filtering.

A tile of the picture is transformed, multiplied with transformed weights, and transformed back.
In one dimension y = output ((input d) * (weight k)), with * element by element, pixels d and the
three weights k; in two dimensions each matrix works along rows and along columns.
Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Scheme:
    """The matrices of one dimension, row by row.

    input (F, D): D neighbouring pixels, starting one before the tile -> F numbers.
    weight (F, 3): three weights -> F numbers.
    output (M, F): F products -> M output pixels.
    stride: how many input pixels a tile stands for.
    """

    input: list[list[float]]
    weight: list[list[float]]
    output: list[list[float]]
    stride: int


# F(4, 3): 36 multiplications for 4x4 outputs, in place of 144. The interpolation points are
# 0, ±2/3, ±3/2 and infinity: rounding errors are half of those with the usual 0, ±1, ±2. On a
# processor with AVX2 they are those of an ordinary convolution with 256 channels or more (at 128
# less than twice), with AVX-512 five times those.
FOURS = Scheme(
    input=[
        [1, 0, -97 / 36, 0, 1, 0],
        [0, -3 / 2, -9 / 4, 2 / 3, 1, 0],
        [0, 3 / 2, -9 / 4, -2 / 3, 1, 0],
        [0, -2 / 3, -4 / 9, 3 / 2, 1, 0],
        [0, 2 / 3, -4 / 9, -3 / 2, 1, 0],
        [0, 1, 0, -97 / 36, 0, 1],
    ],
    weight=[
        [1, 0, 0],
        [-81 / 130, -54 / 130, -36 / 130],
        [-81 / 130, 54 / 130, -36 / 130],
        [8 / 65, 12 / 65, 18 / 65],
        [8 / 65, -12 / 65, 18 / 65],
        [0, 0, 1],
    ],
    output=[
        [1, 1, 1, 1, 1, 0],
        [0, 2 / 3, -2 / 3, 3 / 2, -3 / 2, 0],
        [0, 4 / 9, 4 / 9, 9 / 4, 9 / 4, 0],
        [0, 8 / 27, -8 / 27, 27 / 8, -27 / 8, 1],
    ],
    stride=4,
)

# For a picture whose every pixel is doubled first (see `convolve_doubled`). Of pixels a b c d, b
# and c are doubled to the four of a tile, and
# y = [k0 a + (k1 + k2) b, (k0 + k1) b + k2 c, k0 b + (k1 + k2) c, (k0 + k1) c + k2 d].
# Outputs 0 and 2, and 1 and 3, are each a filter of two weights over three pixels, F(2, 2).
# 36 multiplications for 4x4 outputs, in place of 64 by one transposed convolution.
DOUBLING = Scheme(
    input=[
        [1.0, -1, 0, 0],
        [0, 1, 0, 0],
        [0, 1, -1, 0],
        [0, 1, -1, 0],
        [0, 0, 1, 0],
        [0, 0, 1, -1],
    ],
    weight=[[1.0, 0, 0], [1, 1, 1], [0, 1, 1], [1, 1, 0], [1, 1, 1], [0, 0, 1]],
    output=[[1.0, 1, 0, 0, 0, 0], [0, 0, 0, 1, 1, 0], [0, 1, -1, 0, 0, 0], [0, 0, 0, 0, 1, -1]],
    stride=2,
)


class WinogradConvolution(nn.Module):
    """A 3x3 convolution with padding 1 under a scheme, its weights transformed beforehand."""

    def __init__(self, weight: Tensor, bias: Tensor, scheme: Scheme) -> None:
        """weight (C_out, C_in, 3, 3), bias (C_out,)."""
        super().__init__()
        spread, transform, gather = (
            torch.kron(rows, rows)
            for rows in map(torch.tensor, (scheme.input, scheme.weight, scheme.output))
        )
        self.stride = scheme.stride
        self.seen, self.made = len(scheme.input[0]), len(scheme.output)
        self.spread, self.gather = spread, gather  # (F*F, D*D), (M*M, F*F)
        ordered = weight.permute(2, 3, 1, 0).flatten(0, 1)  # (9, C_in, C_out)
        self.weight = (transform @ ordered.flatten(1)).unflatten(1, ordered.shape[1:])
        self.bias = bias

    def tiles(self, pixels: Tensor) -> int:
        """How many tiles there are in (N, C, H, W)."""
        n, _, height, width = pixels.shape
        return n * (height // self.stride) * (width // self.stride)

    def forward(self, pixels: Tensor) -> Tensor:
        """(N, C_in, H, W) -> (N, C_out, H, W), doubled sides with DOUBLING; channels last.

        H and W must be multiples of the scheme's stride.
        """
        n, channels, height, width = pixels.shape
        rows, columns = height // self.stride, width // self.stride
        padded = functional.pad(pixels.permute(0, 2, 3, 1), (0, 0, 1, 1, 1, 1))
        each, down, right, _ = padded.stride()
        tiles = padded.as_strided(
            (self.seen, self.seen, n, rows, columns, channels),
            (down, right, each, down * self.stride, right * self.stride, 1),
        )
        spread = self.spread @ tiles.reshape(self.seen**2, -1)  # (F*F, tiles*C_in)
        products = torch.bmm(spread.view(len(spread), -1, channels), self.weight)
        made = self.gather @ products.view(len(products), -1)  # (M*M, tiles*C_out)
        made = made.view(self.made, self.made, n, rows, columns, -1).permute(2, 3, 0, 4, 1, 5)
        made = made.reshape(n, rows * self.made, columns * self.made, -1)
        return made.add_(self.bias).permute(0, 3, 1, 2)
