"""Where the end of the arm is: the first thing that a person compares."""

import torch
from torch import Tensor
from torch.fft import irfft2, rfft2
from torch.nn.functional import max_pool2d, pad

REACH = 10  # pixels round the tip that are looked for
MARGIN = 3  # pixels of what is beside the arm that are part of it: its edge is what can be found
SEARCH = 16  # pixels to each side
FEWEST = 20  # pixels of an arm that is more than a shadow at the edge


def tip_error(predicted: Tensor, truth: Tensor, arm: Tensor) -> Tensor:
    """How far the arm's end is from where it should be: (S, T, 3, H, W) -> (S, T), in pixels.

    The lower end of the arm in the true frame, with a narrow margin, is laid over the predicted
    frame and shifted by up to SEARCH pixels each way: the error is the length of the shift under
    which it fits best in squared error. A picture without an arm fits nowhere, and any length up
    to 16 times the root of two may come out.
    truth (T, 3, H, W) in [0, 1]; arm bool (T, H, W), its pixels in the true frames. NaN where no
    end of it is in view.
    """
    errors = torch.full(predicted.shape[:2], torch.nan, device=predicted.device)
    for t in range(len(truth)):
        tip = _tip(arm[t])
        if tip is not None:
            errors[:, t] = _best_shift(predicted[:, t], truth[t], arm[t], tip)
    return errors


def _tip(arm: Tensor) -> tuple[int, int] | None:
    """Row and column of the lowest pixels, (H, W) -> their middle; None if they are out of view."""
    rows, columns = torch.nonzero(arm, as_tuple=True)
    if len(rows) < FEWEST or rows.max() == len(arm) - 1:
        return None
    lowest = int(rows.max())
    return lowest, int(columns[rows >= lowest - 2].double().mean().round())


def _best_shift(predicted: Tensor, truth: Tensor, arm: Tensor, tip: tuple[int, int]) -> Tensor:
    """predicted (S, 3, H, W), the rest of one frame -> (S,)."""
    thick = max_pool2d(arm[None].double(), 2 * MARGIN + 1, stride=1, padding=MARGIN)
    weight = _cut(thick[None], tip, REACH, "constant")[0]
    pattern = _cut(truth[None].double(), tip, REACH, "constant")[0]
    looked_at = _cut(predicted.double(), tip, REACH + SEARCH, "replicate")
    # The sum of weight * (shifted - pattern)^2 but for what is the same under every shift.
    square = _slide((looked_at**2).sum(1, keepdim=True), weight)
    product = _slide(looked_at, weight * pattern)
    best = (square - 2 * product).flatten(1).argmin(1)
    side = 2 * SEARCH + 1
    return torch.hypot((best // side - SEARCH).float(), (best % side - SEARCH).float())


def _slide(frames: Tensor, kernel: Tensor) -> Tensor:
    """frames (N, C, H, H), kernel (C, K, K) -> (N, H-K+1, H-K+1): the products under each shift.

    By Fourier transforms, in a thirtieth of the time that a convolution this wide takes.
    """
    side, shifts = frames.shape[-1], frames.shape[-1] - kernel.shape[-1] + 1
    spectrum = rfft2(frames) * rfft2(kernel, s=(side, side)).conj()
    return irfft2(spectrum.sum(1), s=(side, side))[..., :shifts, :shifts]


def _cut(frames: Tensor, middle: tuple[int, int], reach: int, outside: str) -> Tensor:
    """The square of 2 * reach + 1 pixels round `middle`, (N, C, H, W) -> (N, C, side, side)."""
    padded = pad(frames, (reach, reach, reach, reach), mode=outside)
    row, column = middle
    return padded[..., row : row + 2 * reach + 1, column : column + 2 * reach + 1]
