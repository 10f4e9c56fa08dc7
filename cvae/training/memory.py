"""How much memory a batch takes, known before the first step."""

from dataclasses import dataclass
from pathlib import Path

import psutil
import torch
from torch import Tensor

from cvae.config import RunConfig
from cvae.data.dataset import CONDITION_DIM, Batch
from cvae.data.sequence import FRAME_SIZE
from cvae.device import Precision, autocast
from cvae.errors import InputError
from cvae.model.cvae import CVAE
from cvae.training.losses import elbo_loss

# Weights, gradients, Adam's two averages, and a state that is being saved: its three in memory.
COPIES_OF_WEIGHTS = 4 + 3
# Several processes besides: gradients on their way, and rows that are kept as float32 for the
# batch statistics of all (31.8 in place of 24.4 MiB a sequence at width 1/8, measured on a CPU).
SHARED_GRADIENTS = 1
SYNCHRONISED = {"bfloat16": 1.3, "float32": 1.0}
SMALLER = "lower model.width or training.n_future"
CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Need:
    """Bytes that training takes in a process: as such, and for every sequence of its batch."""

    fixed: int
    per_sequence: int

    def of(self, sequences: int) -> int:
        return self.fixed + self.per_sequence * sequences


def memory_needed(
    config: RunConfig, device: torch.device, precision: Precision, processes: int = 1
) -> Need:
    """What the weights and a free-running rollout take, which keeps most for the backward pass.

    That grows by the step and by the sequence: it is counted over two short rollouts. processes:
    how many share a batch, each of which needs so much.
    """
    model = CVAE(config.model).to(device)
    weights = sum(parameter.nbytes for parameter in model.parameters())
    short, longer = (_kept(model, config.model.n_past + n, device, precision) for n in (1, 2))
    of_two = short + (longer - short) * (config.training.n_future - 1)
    if processes == 1:
        return Need(COPIES_OF_WEIGHTS * weights, of_two // 2)
    kept = round(of_two * SYNCHRONISED[precision])
    return Need((COPIES_OF_WEIGHTS + SHARED_GRADIENTS) * weights, kept // 2)


def _kept(model: CVAE, length: int, device: torch.device, precision: Precision) -> int:
    """Bytes kept for the backward pass of two sequences of `length` frames."""
    own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept: dict[int, torch.UntypedStorage] = {}  # held, so that no address is used again

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage
        return tensor

    frames = torch.zeros(2, length, 3, FRAME_SIZE, FRAME_SIZE, device=device)
    conditions = torch.zeros(2, length, CONDITION_DIM, device=device)
    noise = torch.zeros(2, length - 1, model.config.z_dim, device=device)
    batch = Batch(frames, conditions, ["", ""])
    with (
        torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor),
        autocast(device, precision),
    ):
        _loss = elbo_loss(model, batch, noise, beta=0.0, teacher_forcing=False)
    return sum(storage.nbytes() for storage in kept.values())


def memory_available(device: torch.device) -> int:
    """Bytes that may still be taken: of the GPU, or of the machine or its container."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    available = psutil.virtual_memory().available
    limit = CGROUP / "memory.max"
    if limit.is_file() and limit.read_text().strip() != "max":
        available = min(available, int(limit.read_text()) - _used_in_container())
    return available


def _used_in_container() -> int:
    """Bytes that can't be had back: files that were read count as used, and are given up first."""
    facts = dict(line.split() for line in (CGROUP / "memory.stat").read_text().splitlines())
    cached = sum(int(facts[name]) for name in ("active_file", "inactive_file"))
    return int((CGROUP / "memory.current").read_text()) - cached


def check_memory(
    config: RunConfig, processes: int, available: int, device: torch.device, precision: Precision
) -> None:
    """Raise InputError if a batch that `processes` share does not fit into `available` bytes each.

    What would fit is said.
    """
    share = config.training.batch_size // processes
    need = memory_needed(config, device, precision, processes)
    if need.of(share) <= available:
        return
    advice = SMALLER
    fitting = (available - need.fixed) // need.per_sequence
    if fitting >= 2:
        advice = f"training.batch_size {fitting * processes} would fit, or {advice}"
    raise InputError(
        f"training.batch_size {config.training.batch_size} needs {need.of(share) / 2**30:.1f} GiB "
        f"of memory in each process, but {available / 2**30:.1f} GiB are free: {advice}."
    )


def out_of_memory(config: RunConfig, processes: int) -> InputError:
    """What a GPU that is full in the middle of training is told by; the last state is kept."""
    return InputError(
        f"The GPU has no memory left for training.batch_size {config.training.batch_size} in "
        f"{processes} process(es): end what else uses it and run the same command again, which "
        f"goes on from the last state, or begin anew with a smaller batch, or {SMALLER}."
    )
