"""The convolution blocks against plain convolutions."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cvae.model.layers import SkipBlock, convolve_doubled, double_in_one
from cvae.model.noise import keyed_generator


def plain_doubled(conv: nn.Conv2d, below: torch.Tensor) -> torch.Tensor:
    return conv(below.repeat_interleave(2, 2).repeat_interleave(2, 3))


# 2 of 4x4 pixels are too few for one transposed convolution, 9 of 8x8 and 3 of 16x12 are not.
@pytest.mark.parametrize(("rows", "height", "width"), [(2, 4, 4), (9, 8, 8), (3, 16, 12)])
def test_doubling_and_convolution_in_one_are_exact_with_gradients(rows, height, width) -> None:
    generator = keyed_generator("doubling")
    conv = nn.Conv2d(5, 3, 3, padding=1).double()
    below = torch.randn(rows, 5, height, width, generator=generator, dtype=torch.double)
    upstream = torch.randn(rows, 3, 2 * height, 2 * width, generator=generator, dtype=torch.double)
    found = {}
    for way in (convolve_doubled, plain_doubled):
        leaf = below.clone().requires_grad_()
        frames = way(conv, leaf)
        found[way] = (frames, *torch.autograd.grad(frames, [leaf, *conv.parameters()], upstream))
    for values, wanted in zip(*found.values(), strict=True):
        torch.testing.assert_close(values, wanted, rtol=1e-12, atol=1e-12)


def test_few_pixels_too_are_doubled_exactly_in_one_convolution() -> None:
    generator = keyed_generator("doubling weight")
    conv = nn.Conv2d(4, 6, 3, padding=1)
    below = torch.randn(2, 4, 3, 5, generator=generator)
    torch.testing.assert_close(
        double_in_one(conv, below), plain_doubled(conv, below), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("rows", [6, 60])
def test_a_skip_block_is_one_convolution_over_both(rows) -> None:
    generator = keyed_generator("skip block")
    block = SkipBlock(4, 6, 5).eval()
    below = torch.randn(rows, 4, 4, 4, generator=generator)
    skip = torch.randn(rows // 3, 6, 8, 8, generator=generator)
    weight = torch.cat([block.conv_below.weight, block.conv_skip.weight], 1)
    doubled = F.interpolate(below, scale_factor=2, mode="nearest")
    both = torch.cat([doubled, skip.repeat_interleave(3, 0)], 1)
    plain = F.conv2d(both, weight, block.conv_below.bias, padding=1)
    expected = F.leaky_relu(block.norm(plain), 0.2)
    torch.testing.assert_close(block(below, block.project(skip)), expected, rtol=1e-4, atol=1e-5)
