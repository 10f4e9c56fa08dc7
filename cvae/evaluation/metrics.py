"""How alike two frames are. Pure functions over (..., 3, H, W) tensors in [0, 1]."""

import torch
from einops import rearrange, reduce
from torch import Tensor
from torch.nn.functional import pad

from cvae.evaluation.torchvision_guard import ensure_importable

# 100 dB: identical frames put neither inf nor NaN into a mean.
MSE_FLOOR = 1e-10

SSIM_BORDER = 5  # half the window: here it would reach over the edge
SSIM_FRAMES = 256  # at a time; each takes half a megabyte on the way
BESIDE = 8


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
    Source: Wang et al. 2004. torchmetrics computes the map; its own mean includes windows
    over a reflected border, which Wang's and scikit-image's leave out (0.01 apart here).
    """
    predicted, truth = torch.broadcast_tensors(predicted, truth)
    one, other = (rearrange(frames, "... c h w -> (...) c h w") for frames in (predicted, truth))
    pieces = zip(one.split(SSIM_FRAMES), other.split(SSIM_FRAMES), strict=True)
    return torch.cat([_ssim(*piece) for piece in pieces]).reshape(predicted.shape[:-3])


def _ssim(predicted: Tensor, truth: Tensor) -> Tensor:
    """(N, 3, H, W) twice -> (N,)."""
    # Here, not above: the import takes a second, and the app shows PSNR only.
    ensure_importable()
    from torchmetrics.functional.image import structural_similarity_index_measure

    count = len(predicted)
    # Channels do not mix, so frames can stand beside each other as channels: on a CPU 24 of them
    # take a third of the time of 8 times 3.
    filled = (pad(frames, (0, 0) * 3 + (0, -count % BESIDE)) for frames in (predicted, truth))
    one, other = (rearrange(frames, "(n k) c h w -> n (k c) h w", k=BESIDE) for frames in filled)
    _, similarity = structural_similarity_index_measure(
        one,
        other,
        gaussian_kernel=True,
        sigma=1.5,
        kernel_size=11,
        reduction="none",
        data_range=1.0,
        return_full_image=True,
    )
    inside = similarity[..., SSIM_BORDER:-SSIM_BORDER, SSIM_BORDER:-SSIM_BORDER]
    return reduce(inside, "n (k c) h w -> (n k)", "mean", k=BESIDE)[:count]


def spread(samples: Tensor) -> Tensor:
    """How much samples differ: (S, ..., 3, H, W) -> (1, ...), in grey levels of 255.

    The standard deviation (with S - 1) of each pixel over the samples, its mean over pixels;
    NaN for one sample.
    """
    if len(samples) == 1:
        return torch.full(samples.shape[:-3], torch.nan, device=samples.device)
    return 255 * samples.std(0, keepdim=True).mean((-3, -2, -1))


def _decibel(mse: Tensor) -> Tensor:
    return -10 * torch.log10(mse.clamp(min=MSE_FLOOR))
