"""A vector g becomes a frame, with the details of a given frame at hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from einops import rearrange
from torch import Tensor, nn

from cvae.model.layers import SkipBlock, conv_block, stage_channels


@dataclass(frozen=True)
class Anchor:
    """The frame that the decoder leans on: the last given one, prepared once for a whole rollout.

    frame: (N, 3, 64, 64) in [0, 1].
    projected: the encoder's skips of it after each stage's `SkipBlock.project`, 8x8 first.
    """

    frame: Tensor
    projected: list[Tensor]


class VGG64Decoder(nn.Module):
    """SVG's VGG decoder, with an optional compositing head.

    With `compositing` a fourth output channel is a mask m in (0, 1), and the frame is
    m * generated + (1 - m) * anchor: what does not move need not be drawn again
    (Finn et al. 2016 and SAVP composite in this way).
    """

    def __init__(self, g_dim: int, width: float, compositing: bool) -> None:
        super().__init__()
        c1, c2, c3, c4 = stage_channels(width)
        self.compositing = compositing
        self.seed = nn.Sequential(
            nn.ConvTranspose2d(g_dim, c4, 4, 1, 0),
            nn.BatchNorm2d(c4),
            nn.LeakyReLU(0.2, inplace=True),
        )  # 1 -> 4
        self.skip_blocks = nn.ModuleList(
            [
                SkipBlock(c4, c4, c4),
                SkipBlock(c3, c3, c3),
                SkipBlock(c2, c2, c2),
                SkipBlock(c1, c1, c1),
            ]
        )
        self.stages = nn.ModuleList(
            [
                nn.Sequential(conv_block(c4, c4), conv_block(c4, c3)),
                nn.Sequential(conv_block(c3, c3), conv_block(c3, c2)),
                conv_block(c2, c1),
                nn.ConvTranspose2d(c1, 4 if compositing else 3, 3, 1, 1),
            ]
        )

    def anchor(self, frame: Tensor, skips: list[Tensor]) -> Anchor:
        """Prepare a frame (N, 3, 64, 64) and the encoder's skips of it."""
        blocks: Iterable[Any] = self.skip_blocks  # a ModuleList does not tell what it holds
        pairs = zip(blocks, reversed(skips), strict=True)
        return Anchor(frame, [block.project(skip) for block, skip in pairs])

    def forward(self, g: Tensor, anchor: Anchor) -> Tensor:
        """g (N*K, g_dim), an anchor of N frames -> frames (N*K, 3, 64, 64) in [0, 1].

        Each anchor serves K consecutive rows of g (time steps, or samples).
        """
        features = self.seed(g[:, :, None, None])  # (N*K, c4, 4, 4)
        for block, stage, projected in zip(
            self.skip_blocks, self.stages, anchor.projected, strict=True
        ):
            features = stage(block(features, projected))  # 8 -> 16 -> 32 -> 64
        drawn = torch.sigmoid(features.float())
        if not self.compositing:
            return drawn
        generated, mask = drawn[:, :3], drawn[:, 3:]
        generated = rearrange(generated, "(n k) c h w -> n k c h w", n=len(anchor.frame))
        mask = rearrange(mask, "(n k) c h w -> n k c h w", n=len(anchor.frame))
        frames = torch.lerp(anchor.frame.float().unsqueeze(1), generated, mask)
        return rearrange(frames, "n k c h w -> (n k) c h w")
