"""Noise for prediction, keyed so that a seed means the same everywhere."""

import hashlib

import torch
from torch import Tensor


def keyed_generator(*key: object) -> torch.Generator:
    """A CPU generator whose state depends on `key` alone (SHA-256 of its parts)."""
    digest = hashlib.sha256("\0".join(map(str, key)).encode()).digest()
    # Seeds this new generator only; the global one, which sessions share, is never touched.
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big", signed=True))


def sample_noise(seed: int, name: str, samples: int, steps: int, z_dim: int) -> Tensor:
    """Standard normal noise (samples, steps, z_dim) on the CPU for the sequence `name`.

    Sample k is the same for any number of samples, and its first steps are the same for any
    horizon: every sample has its own generator, and every step its own draw.
    """
    return torch.stack([_one_sample(seed, name, k, steps, z_dim) for k in range(samples)])


def _one_sample(seed: int, name: str, sample: int, steps: int, z_dim: int) -> Tensor:
    generator = keyed_generator("noise", seed, name, sample)
    return torch.stack([torch.randn(z_dim, generator=generator) for _ in range(steps)])
