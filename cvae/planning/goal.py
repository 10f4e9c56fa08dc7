"""What a plan is to lead to, and how far what is imagined is from it."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from cvae.inference.predictor import Predictor, to_float_frames

WINDOWS = (1, 2, 4, 8, 16, 32)  # pixels to a side of what is averaged


@dataclass(frozen=True)
class Goal:
    """A picture, and where a model sees the arm in it.

    picture: (3, H, W) in [0, 1]. place: (3,), metres, as the state model reads it.
    """

    picture: Tensor
    place: Tensor

    @classmethod
    def seen_by(cls, predictor: Predictor, frame: np.ndarray) -> "Goal":
        """`frame` uint8 (H, W, 3) as the model of `predictor` sees it."""
        picture = to_float_frames(frame)
        read = predictor.checkpoint.state_model.read(picture[None].to(predictor.device))
        return cls(picture, read[0].float().cpu())


def unlike(frames: Tensor, picture: Tensor) -> Tensor:
    """Squared error at six levels of coarseness, summed: (N, 3, H, W), (3, H, W) -> (N,).

    Both in [0, 1]; from 0 to about 6. Of pixels alone an arm that is beside its goal is as far
    off as one at the other end of the table; averages over windows that overlap say which of them
    is nearer.
    """
    error = frames - picture
    return torch.stack([_averaged(error, side).square().mean((1, 2, 3)) for side in WINDOWS]).sum(0)


def away(places: Tensor, place: Tensor) -> Tensor:
    """Squared distance of the arm: (N, 3), (3,) in metres -> (N,) in square metres."""
    return (places - place).square().sum(1)


def _averaged(error: Tensor, side: int) -> Tensor:
    """Beyond the edge there is no error."""
    return avg_pool2d(error, side, stride=max(1, side // 4), padding=side // 2)
