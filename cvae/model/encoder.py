"""A frame becomes a vector h and four feature maps that the decoder may lean on."""

from torch import Tensor, nn

from cvae.model.layers import conv_block, stage_channels


class VGG64Encoder(nn.Module):
    """SVG's VGG encoder for 64x64 frames.

    Source: Denton and Fergus, Stochastic Video Generation with a Learned Prior, 2018.
    """

    def __init__(self, g_dim: int, width: float) -> None:
        super().__init__()
        c1, c2, c3, c4 = stage_channels(width)
        self.stages = nn.ModuleList(
            [
                nn.Sequential(conv_block(3, c1), conv_block(c1, c1)),
                nn.Sequential(conv_block(c1, c2), conv_block(c2, c2)),
                nn.Sequential(conv_block(c2, c3), conv_block(c3, c3), conv_block(c3, c3)),
                nn.Sequential(conv_block(c3, c4), conv_block(c4, c4), conv_block(c4, c4)),
            ]
        )
        self.head = nn.Sequential(nn.Conv2d(c4, g_dim, 4, 1, 0), nn.BatchNorm2d(g_dim), nn.Tanh())
        self.pool = nn.MaxPool2d(2, 2)

    def forward(self, frames: Tensor) -> tuple[Tensor, list[Tensor]]:
        """frames (N, 3, 64, 64) in [0, 1] -> h (N, g_dim) in (-1, 1), skips at 64, 32, 16, 8."""
        skips = []
        features = frames
        for stage in self.stages:
            features = stage(features)
            skips.append(features)
            features = self.pool(features)  # 64 -> 32 -> 16 -> 8 -> 4
        return self.head(features).flatten(1), skips
