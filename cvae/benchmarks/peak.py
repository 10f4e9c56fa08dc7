"""What a processor can do at best in 3x3 convolutions: the limit to compare with."""

import time
from collections.abc import Callable
from functools import partial

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cvae.model.layers import to_layout

# (channels, side): 3x3 convolutions of VGG64 at full width, on some pictures at once.
LAYERS = ((64, 64), (128, 32), (256, 16))
CPU_PICTURES, GPU_PICTURES = 8, 256


@torch.inference_mode()
def convolution_peak(device: torch.device, dtype: torch.dtype) -> float:
    """Operations a second (a multiplication and an addition are two) in the fastest layer."""
    pictures = CPU_PICTURES if device.type == "cpu" else GPU_PICTURES
    rates = []
    for channels, side in LAYERS:
        conv = nn.Conv2d(channels, channels, 3, 1, 1, device=device, dtype=dtype)
        pixels = torch.randn(pictures, channels, side, side, device=device, dtype=dtype)
        to_layout(conv, torch.channels_last)
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        conv(pixels)
        seconds = min(timed(partial(conv, pixels), device) for _ in range(3))
        rates.append(2 * 9 * channels * pixels.numel() / seconds)
    return max(rates)


def timed(run: Callable[[], object], device: torch.device) -> float:
    """Seconds until `run` has done its work, on a GPU as well."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    began = time.perf_counter()
    run()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - began


def operations(run: Callable[[], object]) -> int:
    """Operations of all convolutions and matrix products in `run`."""
    with FlopCounterMode(display=False) as counter:
        run()
    return counter.get_total_flops()
