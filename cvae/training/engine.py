"""How many processes compute, and on what: Lightning Fabric for one process and for many.

Fabric finds out what `torchrun` started, sets up their communication and averages gradients;
the loop stays this project's own. One process alone takes the same path, where each of these is
nothing.
"""

import gc
import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies.ddp import DDPStrategy
from torch import Tensor, nn
from torch.distributed.constants import default_pg_timeout

from cvae.device import Precision, autocast, check_gpus
from cvae.training.synchronised import synchronise


@dataclass(frozen=True)
class Engine:
    """What a process computes with, and which of `processes` it is.

    rank: from 0; the first one writes, shows and decides when to save.
    neighbours: processes on this machine, this one included.
    """

    fabric: Fabric
    precision: Precision
    neighbours: int

    @property
    def device(self) -> torch.device:
        return self.fabric.device

    @property
    def rank(self) -> int:
        return self.fabric.global_rank

    @property
    def processes(self) -> int:
        return self.fabric.world_size

    @property
    def leads(self) -> bool:
        return self.fabric.is_global_zero

    def autocast(self) -> AbstractContextManager[Any]:
        return autocast(self.device, self.precision)

    def share_statistics(self, model: nn.Module) -> None:
        """Let BatchNorm in `model` measure the batches of all processes, not its own share."""
        if self.processes > 1:
            synchronise(model)

    def distribute(self, objective: nn.Module) -> nn.Module:
        """`objective`, such that its gradients are those of all processes."""
        return self.fabric.setup_module(objective)

    def mean(self, values: Tensor) -> Tensor:
        """The mean over the processes, which all have to ask for it at the same point."""
        mean = self.fabric.all_reduce(values, reduce_op="mean")
        assert isinstance(mean, Tensor)
        return mean

    def close(self) -> None:
        """Part from the other processes; whatever `distribute` gave out has to be gone by now.

        While an objective is left, PyTorch (2.13) waits in here for ever. After an error its
        traceback holds one, and the end of the process has to do.
        """
        if self.processes > 1:
            gc.collect()
            torch.distributed.destroy_process_group()


def launch(
    device: torch.device,
    precision: Precision,
    timeout: timedelta = default_pg_timeout,
    backend: str | None = None,
) -> Engine:
    """The engine of this process: alone, or one of those that `torchrun` started.

    timeout: how long a process waits for the others before it fails. backend: of what they
    exchange, such as "gloo", which raises an error then, where NCCL ends the process; the fastest
    one unless told otherwise.
    Raises InputError if there are more processes on this machine than GPUs.
    """
    started = torch.distributed.is_available() and torch.distributed.is_torchelastic_launched()
    processes = int(os.environ["WORLD_SIZE"]) if started else 1
    neighbours = int(os.environ["LOCAL_WORLD_SIZE"]) if started else 1
    devices: int | list[int] = neighbours
    if device.type == "cuda":
        check_gpus("cuda", neighbours)
        if processes == 1:
            devices = [device.index or 0]
    together = DDPStrategy(timeout=timeout, process_group_backend=backend)
    fabric = Fabric(
        accelerator=device.type,
        devices=devices,
        num_nodes=processes // neighbours,
        strategy=together if processes > 1 else "auto",
    )
    fabric.launch()
    return Engine(fabric, precision, neighbours)
