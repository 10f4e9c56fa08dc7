"""How alike two frames are. Pure functions over (..., 3, H, W) tensors in [0, 1]."""

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor

# 100 dB: identical frames put neither inf nor NaN into a mean.
MSE_FLOOR = 1e-10

SSIM_WINDOW, SSIM_SIGMA = 11, 1.5
SSIM_K1, SSIM_K2 = 0.01, 0.03


def psnr(predicted: Tensor, truth: Tensor) -> Tensor:
    """10 log10(1 / MSE over all channels) in dB: (..., 3, H, W) -> (...)."""
    return _decibel(((predicted - truth) ** 2).mean((-3, -2, -1)))


def psnr_lab(predicted: Tensor, truth: Tensor) -> Tensor:
    """The lab's PSNR: the mean over channels of 10 log10(1 / MSE of the channel), in dB.

    Never below `psnr` for frames of 8 bits (Jensen), so the two must not stand in one column.
    """
    return _decibel(((predicted - truth) ** 2).mean((-2, -1))).mean(-1)


def psnr_where(predicted: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    """`psnr` over the pixels where `mask` (..., H, W) is true; NaN where it is empty."""
    squared = ((predicted - truth) ** 2).mean(-3)
    count = mask.sum((-2, -1))
    mse = (squared * mask).sum((-2, -1)) / count.clamp(min=1)
    return torch.where(count > 0, _decibel(mse), torch.full_like(mse, torch.nan))


def ssim(predicted: Tensor, truth: Tensor) -> Tensor:
    """Structural similarity, 11x11 Gaussian window of sigma 1.5: (..., 3, H, W) -> (...).

    The mean over channels and over the windows that lie wholly within the frame.
    Source: Wang et al. 2004. Own code because the library for it, torchmetrics, imports
    torchvision, which does not load beside a CPU build of PyTorch.
    """
    x, y = torch.broadcast_tensors(predicted, truth)
    moments = torch.stack([x, y, x * x, y * y, x * y])
    mean_x, mean_y, mean_xx, mean_yy, mean_xy = _gaussian_blur(moments)
    covariance = mean_xy - mean_x * mean_y
    variances = mean_xx - mean_x**2 + mean_yy - mean_y**2
    luminance = (2 * mean_x * mean_y + SSIM_K1**2) / (mean_x**2 + mean_y**2 + SSIM_K1**2)
    structure = (2 * covariance + SSIM_K2**2) / (variances + SSIM_K2**2)
    return (luminance * structure).mean((-3, -2, -1))


def _gaussian_blur(images: Tensor) -> Tensor:
    """(..., H, W) -> (..., H-10, W-10); the window is separable, so one axis at a time."""
    offsets = torch.arange(SSIM_WINDOW, device=images.device) - SSIM_WINDOW // 2
    window = torch.exp(-(offsets**2) / (2 * SSIM_SIGMA**2)).to(images.dtype)
    window = window / window.sum()
    flat = rearrange(images, "... h w -> (...) 1 h w")
    flat = F.conv2d(F.conv2d(flat, window.view(1, 1, -1, 1)), window.view(1, 1, 1, -1))
    return flat.reshape(*images.shape[:-2], *flat.shape[-2:])


def _decibel(mse: Tensor) -> Tensor:
    return -10 * torch.log10(mse.clamp(min=MSE_FLOOR))
