"""BatchNorm, in evaluation a factor and a shift a channel, put into the layer before it."""

import torch
from torch import Tensor, nn

from cvae.model.layers import SkipBlock

Norm = nn.BatchNorm1d | nn.BatchNorm2d
Layer = nn.Linear | nn.Conv2d | nn.ConvTranspose2d


def fold_norms(model: nn.Module) -> None:
    """Change `model` so that it computes in evaluation what it did, without any BatchNorm."""
    for part in model.modules():
        if isinstance(part, SkipBlock):
            factor, shift = _affine(part.norm)
            _scale(part.conv_below, factor)
            _scale(part.conv_skip, factor)
            _shift(part.conv_below, factor, shift)
            part.add_module("norm", nn.Identity())
        elif isinstance(part, nn.Sequential):
            for number, norm in enumerate(part):
                if isinstance(norm, Norm):
                    layer = part[number - 1]
                    assert isinstance(layer, Layer)
                    factor, shift = _affine(norm)
                    _scale(layer, factor)
                    _shift(layer, factor, shift)
                    part[number] = nn.Identity()


def _affine(norm: Norm) -> tuple[Tensor, Tensor]:
    """Factor and shift of each channel, in double precision."""
    assert norm.running_mean is not None and norm.running_var is not None
    deviation = (norm.running_var.double() + norm.eps).sqrt()
    factor = norm.weight.double() / deviation
    return factor, norm.bias.double() - norm.running_mean.double() * factor


def _scale(layer: Layer, factor: Tensor) -> None:
    """Multiply what `layer` puts out, but for its bias."""
    shape = [1] * layer.weight.dim()
    shape[1 if isinstance(layer, nn.ConvTranspose2d) else 0] = -1
    layer.weight.data = (layer.weight.double() * factor.view(shape)).to(layer.weight.dtype)


def _shift(layer: Layer, factor: Tensor, shift: Tensor) -> None:
    bias = torch.zeros_like(shift) if layer.bias is None else layer.bias.double()
    layer.bias = nn.Parameter((bias * factor + shift).to(layer.weight.dtype), requires_grad=False)
