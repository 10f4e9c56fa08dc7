"""LPIPS: how alike two frames look to a network, where the network's weights are at hand.

Source: Zhang et al. 2018. torchmetrics computes it and brings the weights of its linear layers;
those of AlexNet, on ImageNet, come from torchvision's makers. They are 233 MB and never fetched
from here: whoever wants the column puts them where PyTorch looks for them.
"""

from functools import lru_cache
from pathlib import Path
from pickle import UnpicklingError

import torch
from einops import rearrange
from torch import Tensor, nn

from cvae.errors import InputError
from cvae.evaluation.torchvision_guard import ensure_importable

WEIGHTS = "alexnet-owt-7be5be79.pth"
FRAMES = 256  # at a time; bounds the memory


def available() -> bool:
    """Whether LPIPS can be measured here."""
    return _weights().is_file()


def lpips(predicted: Tensor, truth: Tensor) -> Tensor:
    """LPIPS with AlexNet: (..., 3, H, W) in [0, 1] twice -> (...); 0 for equal frames.

    NaN everywhere where the weights are not at hand (see `available`). Raises InputError if they
    are damaged.
    """
    predicted, truth = torch.broadcast_tensors(predicted, truth)
    shape = predicted.shape[:-3]
    if not available():
        return torch.full(shape, torch.nan, device=predicted.device)
    network = _network(_weights(), predicted.device)
    one, other = (rearrange(frames, "... c h w -> (...) c h w") for frames in (predicted, truth))
    pieces = zip(one.split(FRAMES), other.split(FRAMES), strict=True)
    with torch.inference_mode():
        return torch.cat([network(*pair, normalize=True).flatten() for pair in pieces]).view(shape)


def _weights() -> Path:
    return Path(torch.hub.get_dir()) / "checkpoints" / WEIGHTS


@lru_cache(maxsize=1)
def _network(weights: Path, device: torch.device) -> nn.Module:
    """What torchmetrics makes of AlexNet's `weights`, which it looks for where they are."""
    ensure_importable()
    from torchmetrics.image import LearnedPerceptualImagePatchSimilarity

    try:
        network = LearnedPerceptualImagePatchSimilarity(net_type="alex").net
    except (OSError, EOFError, RuntimeError, UnpicklingError) as error:
        raise InputError(
            f"{weights} is damaged ({error}); replace it, or delete it to go without LPIPS."
        ) from error
    return network.eval().to(device)
