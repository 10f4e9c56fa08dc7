"""What computes, and the arithmetic that is fast there: bfloat16 where it has instructions."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Literal

import torch

from cvae.errors import InputError

Precision = Literal["bfloat16", "float32"]


def choose_device(name: str | None) -> torch.device:
    """`name`, such as cpu, cuda or cuda:1; without one the GPU where there is one.

    Raises InputError for a device that is not there.
    """
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise _no_device(name) from error
    # PyTorch has other kinds, and takes 200 for a negative number.
    if device.type not in ("cpu", "cuda") or str(device) != name:
        raise _no_device(name)
    if device.type == "cuda":
        check_gpus(name, (device.index or 0) + 1)
    return device


def check_gpus(asked: str, needed: int) -> None:
    """Raise InputError unless there are `needed` GPUs for the device that was `asked` for."""
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if count == 0:
        raise InputError("There is no CUDA GPU here that PyTorch can use; choose cpu.")
    if count < needed:
        raise InputError(
            f"Device {asked!r} needs {needed} GPUs on this machine, which has {count}; "
            "ask for fewer processes or another device."
        )


def has_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is fast there: a GPU, or a CPU with AVX-512 or AMX instructions for it."""
    if device.type == "cuda":
        with torch.cuda.device(device):
            return torch.cuda.is_bf16_supported(including_emulation=False)
    if not hasattr(torch.cpu, "get_capabilities"):  # PyTorch has it from 2.12 on
        return False
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def fastest(device: torch.device) -> Precision:
    return "bfloat16" if has_bf16(device) else "float32"


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager[Any]:
    """Convolutions and matrix products in bfloat16, if that is the `precision`."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")


@contextmanager
def told_without_room(device: torch.device) -> Iterator[None]:
    """Within it, a GPU that has no room for what is computed raises InputError."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise no_room(device) from error


def no_room(device: torch.device) -> InputError:
    return InputError(
        f"The memory of {device} has no room for a single prediction: end what else uses it, "
        "choose a smaller model, or predict on the CPU (device cpu)."
    )


def _no_device(name: str) -> InputError:
    return InputError(f"There is no device {name!r}; choose cpu, cuda or cuda:1.")
