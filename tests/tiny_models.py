"""Tiny models for tests that react to everything they are given.

Two epochs of training leave a tiny model that draws one grey picture whatever its latent, its
conditions or its seed: a test that a change has no effect could not fail on it.
"""

from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from cvae.config import TINY, ModelConfig, RunConfig
from cvae.data.dataset import CONDITION_DIM
from cvae.data.store import Store
from cvae.inference.predictor import to_float_frames
from cvae.model.checkpoint import load_checkpoint, save_checkpoint
from cvae.model.cvae import CVAE
from cvae.model.noise import keyed_generator
from cvae.training.trainer import train
from tests.tiny_data import tiny_sequence


def tiny_config(prior: str, **model) -> RunConfig:
    return replace(TINY, model=replace(TINY.model, prior=prior, **model))


def tiny_checkpoint(store: Path, path: Path, prior: str) -> Path:
    """A folder as training leaves it, with the weights of a lively model in it."""
    config = tiny_config(prior)
    train(Store.open(store), path, config, torch.device("cpu"))
    save_checkpoint(replace(load_checkpoint(path), model=lively_model(config.model)))
    return path


@torch.no_grad()
def lively_model(config: ModelConfig) -> CVAE:
    """Random weights of full gain, BatchNorm used to plausible frames; in evaluation mode."""
    generator = keyed_generator("lively", config.prior)
    model = CVAE(config, generator)
    for part in model.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            outputs = part.weight.shape[1 if isinstance(part, nn.ConvTranspose2d) else 0]
            fan_in = part.weight.numel() / outputs
            part.weight.normal_(0, (2 / fan_in) ** 0.5, generator=generator)
    frames = torch.stack([to_float_frames(tiny_sequence("", i).frames[:8]) for i in range(4)])
    model.train()
    for _ in range(20):
        conditions = torch.randn(4, 7, CONDITION_DIM, generator=generator)
        noise = torch.randn(4, 7, config.z_dim, generator=generator)
        model.observe(frames, conditions, noise, teacher_forcing=True)
    return model.eval()
