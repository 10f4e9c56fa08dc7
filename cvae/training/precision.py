"""Which arithmetic training uses: bfloat16 where the processor has instructions for it."""

from contextlib import AbstractContextManager
from typing import Any

import torch


def has_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is fast there: a GPU, or a CPU with AVX-512 or AMX instructions for it."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    if not hasattr(torch.cpu, "get_capabilities"):  # before torch 2.12
        return False
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def autocast(device: torch.device) -> AbstractContextManager[Any]:
    """Convolutions and matrix products in bfloat16 where that is fast."""
    return torch.autocast(device.type, torch.bfloat16, enabled=has_bf16(device))
