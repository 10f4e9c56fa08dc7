"""Which arithmetic training uses: bfloat16 where the processor has instructions for it."""

from contextlib import AbstractContextManager
from typing import Any, Literal

import torch

Precision = Literal["bfloat16", "float32"]


def has_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is fast there: a GPU, or a CPU with AVX-512 or AMX instructions for it."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    if not hasattr(torch.cpu, "get_capabilities"):  # before torch 2.12
        return False
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def fastest(device: torch.device) -> Precision:
    return "bfloat16" if has_bf16(device) else "float32"


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager[Any]:
    """Convolutions and matrix products in bfloat16, if that is the `precision`."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")
