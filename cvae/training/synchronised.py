"""BatchNorm whose statistics are those of the whole batch, however many processes share it.

PyTorch's SyncBatchNorm runs on GPUs only, so that nothing could be compared on a CPU.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional


class _SumOverProcesses(torch.autograd.Function):
    """The sum of everybody's values; its gradient is the sum of everybody's gradients."""

    @staticmethod
    def forward(_context: object, values: Tensor) -> Tensor:
        total = values.clone()
        torch.distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(_context: object, gradient: Tensor) -> Tensor:
        return _SumOverProcesses.forward(_context, gradient)


class SynchronisedBatchNorm(nn.BatchNorm2d):
    """Takes the place of a BatchNorm over (N, C) or (N, C, H, W), with its parameters and names.

    Each process has to bring equally many rows.
    """

    def __init__(self, single: nn.BatchNorm1d | nn.BatchNorm2d) -> None:
        super().__init__(single.num_features, single.eps, single.momentum)
        self.weight, self.bias = single.weight, single.bias
        for name, buffer in single.named_buffers():
            setattr(self, name, buffer)

    def forward(self, inputs: Tensor) -> Tensor:
        if not self.training:
            return functional.batch_norm(
                inputs, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        own = [0, *range(2, inputs.ndim)]
        rows = inputs.float()
        # Of equal shares: E[x] and E[x^2] are means over the processes. In double, because
        # their difference is small where the mean is large; they are C numbers each.
        mean = rows.mean(own).double()
        square = rows.var(own, unbiased=False).double() + mean**2
        world = torch.distributed.get_world_size()
        mean, square = _SumOverProcesses.apply(torch.stack([mean, square])) / world
        variance = square - mean**2
        self._remember(mean, variance, world * inputs.numel() // self.num_features)
        shape = (1, -1, *[1] * (inputs.ndim - 2))
        scale = self.weight * torch.rsqrt(variance + self.eps).float()
        shift = self.bias - mean.float() * scale
        return (rows * scale.view(shape) + shift.view(shape)).to(inputs.dtype)

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor, count: int) -> None:
        assert self.running_mean is not None and self.running_var is not None
        assert self.num_batches_tracked is not None
        unbiased = variance * count / max(1, count - 1)
        self.num_batches_tracked += 1
        # As in PyTorch, None stands for a plain mean over all batches so far.
        share = 1 / int(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.float(), share)
        self.running_var.lerp_(unbiased.float(), share)


def synchronise(model: nn.Module) -> None:
    """Let every BatchNorm of `model` see the rows of all processes."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.BatchNorm1d | nn.BatchNorm2d):
                setattr(module, name, SynchronisedBatchNorm(child))
