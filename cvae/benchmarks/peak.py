"""How fast a machine convolves at best: what the speed of a model is a share of."""

import time

import torch
from torch import nn

SHAPES = ((64, 64), (128, 32), (256, 16), (512, 8))  # channels and side; equally much arithmetic
FORMATS = (torch.channels_last, torch.contiguous_format)
PICTURES = {"cpu": 16, "cuda": 512}  # in a call; a GPU needs many to be busy


@torch.inference_mode()
def convolution_peak(device: torch.device, dtype: torch.dtype, repeats: int) -> float:
    """The greatest speed in FLOP/s of `repeats` calls of each of several 3x3 convolutions.

    A multiplication and its addition count as two. Shapes are those of VGG64 at full width.
    """
    pictures = PICTURES[device.type]
    best = 0.0
    for channels, side in SHAPES:
        operations = 2 * 9 * channels**2 * side**2 * pictures
        for layout in FORMATS:
            conv = nn.Conv2d(channels, channels, 3, 1, 1).to(device, dtype, memory_format=layout)
            inputs = torch.ones(pictures, channels, side, side, device=device, dtype=dtype)
            inputs = inputs.contiguous(memory_format=layout)
            conv(inputs)  # prepares the kernel
            best = max(best, *(operations / _seconds(conv, inputs) for _ in range(repeats)))
    return best


def _seconds(conv: nn.Conv2d, inputs: torch.Tensor) -> float:
    finish(inputs.device)
    begun = time.perf_counter()
    conv(inputs)
    finish(inputs.device)
    return time.perf_counter() - begun


def finish(device: torch.device) -> None:
    """Wait for what a GPU was told to do: else only the telling would be timed."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
