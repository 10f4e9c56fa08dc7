"""Metrics against values worked out by hand and a second implementation."""

import math

import numpy as np
import pytest
import torch

from cvae.evaluation.metrics import psnr, psnr_lab, psnr_where, spread, ssim
from cvae.evaluation.torchvision_guard import ensure_importable


@pytest.fixture
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    """Frames (2, 3, 64, 64) of 8 bits, and noisy copies with another error in each channel."""
    rng = np.random.default_rng(7)
    smooth = np.cumsum(rng.normal(0, 4, (2, 3, 64, 64)), -1) + 128
    noise = rng.normal(0, 1, smooth.shape) * np.array([2, 10, 30])[:, None, None]
    frames = [np.clip(values, 0, 255).round() / 255 for values in (smooth, smooth + noise)]
    return torch.tensor(frames[1]).float(), torch.tensor(frames[0]).float()


def test_psnr_by_hand() -> None:
    truth = torch.zeros(3, 64, 64)
    predicted = truth.clone()
    predicted[0] = 0.1  # MSE 0.01 in one channel of three
    predicted[1] = predicted[2] = 0.01
    assert psnr(predicted, truth).item() == pytest.approx(-10 * math.log10(0.0102 / 3), abs=1e-4)
    assert psnr_lab(predicted, truth).item() == pytest.approx((20 + 40 + 40) / 3, abs=1e-4)


def test_psnr_equals_torchmetrics(pair) -> None:
    ensure_importable()
    from torchmetrics.functional.image import peak_signal_noise_ratio

    for ours, dimensions in ((psnr, (1, 2, 3)), (psnr_lab, (2, 3))):
        theirs = peak_signal_noise_ratio(
            *pair, data_range=1.0, dim=dimensions, reduction="none"
        ).reshape(2, -1)
        assert ours(*pair).numpy() == pytest.approx(theirs.mean(1).numpy(), abs=1e-4)


def test_psnr_never_exceeds_psnr_lab(pair) -> None:
    predicted, truth = pair
    assert (psnr(predicted, truth) < psnr_lab(predicted, truth)).all()
    one_pixel = truth.clone()
    one_pixel[:, 0, 5, 5] += 1 / 255
    assert (psnr(one_pixel, truth) <= psnr_lab(one_pixel, truth)).all()


def test_identical_frames_give_100_db_and_ssim_1(pair) -> None:
    _, truth = pair
    everywhere = torch.ones(2, 64, 64, dtype=torch.bool)
    for value in (psnr(truth, truth), psnr_lab(truth, truth), psnr_where(truth, truth, everywhere)):
        assert value.tolist() == [100.0, 100.0]
    assert ssim(truth, truth).numpy() == pytest.approx(1.0, abs=1e-6)


def test_psnr_where_looks_at_the_masked_pixels_only() -> None:
    truth, predicted = torch.zeros(2, 3, 64, 64), torch.zeros(2, 3, 64, 64)
    predicted[:, :, :8] = 0.1
    predicted[:, :, 8:] = 0.7
    mask = torch.zeros(2, 64, 64, dtype=torch.bool)
    mask[0, :8, :5] = True
    values = psnr_where(predicted, truth, mask)
    assert values[0].item() == pytest.approx(20, abs=1e-4)
    assert values[1].isnan()


def test_psnr_where_over_all_pixels_is_psnr(pair) -> None:
    predicted, truth = pair
    everywhere = torch.ones(2, 64, 64, dtype=torch.bool)
    expected = psnr(predicted, truth).numpy()
    assert psnr_where(predicted, truth, everywhere).numpy() == pytest.approx(expected, abs=1e-4)


def test_ssim_equals_a_plain_implementation(pair) -> None:
    predicted, truth = pair
    expected = [plain_ssim(p.numpy(), t.numpy()) for p, t in zip(predicted, truth, strict=True)]
    assert ssim(predicted, truth).numpy() == pytest.approx(np.array(expected), abs=1e-4)
    assert 0.2 < min(expected) < max(expected) < 0.9


def test_ssim_of_a_frame_does_not_depend_on_the_others(pair) -> None:
    predicted, truth = (frames.repeat(150, 1, 1, 1) for frames in pair)  # several pieces
    alone = ssim(*pair).numpy()
    assert ssim(predicted, truth).reshape(150, 2).numpy() == pytest.approx(
        np.tile(alone, (150, 1)), abs=1e-6
    )


def test_spread_by_hand() -> None:
    samples = torch.zeros(3, 2, 3, 8, 8)  # three samples of two frames
    samples[1, 1, :, :4] = 0.3  # half of the second frame differs in one of the samples
    deviation = math.sqrt((2 * 0.1**2 + 0.2**2) / 2)
    values = spread(samples)
    assert values.shape == (1, 2)
    assert values[0].tolist() == pytest.approx([0, 255 * deviation / 2], abs=1e-4)
    assert spread(samples[:1]).isnan().all()


def test_leading_dimensions_are_kept_and_broadcast(pair) -> None:
    predicted, truth = pair
    samples = torch.stack([predicted, truth])[:, None]  # (2, 1, 2, 3, 64, 64)
    for metric in (psnr, psnr_lab, ssim):
        values = metric(samples, truth)
        assert values.shape == (2, 1, 2)
        assert values[0, 0].numpy() == pytest.approx(metric(predicted, truth).numpy(), abs=1e-4)


def plain_ssim(x: np.ndarray, y: np.ndarray) -> float:
    """Wang et al. 2004, equation 13, window by window in double precision."""
    offsets = np.arange(11) - 5
    weights = np.exp(-(offsets[:, None] ** 2 + offsets[None] ** 2) / (2 * 1.5**2))
    weights /= weights.sum()
    c1, c2 = 0.01**2, 0.03**2
    values = []
    for channel in range(3):
        windows = [
            np.lib.stride_tricks.sliding_window_view(image[channel].astype(np.float64), (11, 11))
            for image in (x, y)
        ]
        mean_x, mean_y = ((w * weights).sum((-2, -1)) for w in windows)
        off_x = windows[0] - mean_x[..., None, None]
        off_y = windows[1] - mean_y[..., None, None]
        var_x, var_y, cov = (
            (a * b * weights).sum((-2, -1))
            for a, b in ((off_x, off_x), (off_y, off_y), (off_x, off_y))
        )
        above = (2 * mean_x * mean_y + c1) * (2 * cov + c2)
        values.append(above / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)))
    return float(np.mean(values))
