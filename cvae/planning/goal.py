"""How far pictures are from the one that is wanted."""

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

WINDOWS = (1, 2, 4, 8, 16, 32)  # pixels to a side of what is averaged


def distance(frames: Tensor, goal: Tensor) -> Tensor:
    """Squared error at six levels of coarseness, summed: (N, 3, H, W), (3, H, W) -> (N,).

    Both in [0, 1]. Of pixels alone an arm that is beside its goal is as far off as one at the
    other end of the table; averages over windows that overlap say which of them is nearer.
    """
    error = frames - goal
    return torch.stack([_averaged(error, side).square().mean((1, 2, 3)) for side in WINDOWS]).sum(0)


def _averaged(error: Tensor, side: int) -> Tensor:
    """Beyond the edge there is no error."""
    return avg_pool2d(error, side, stride=max(1, side // 4), padding=side // 2)
