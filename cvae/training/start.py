"""Training that starts from the weights of another model, not from random ones."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from cvae.config import ModelConfig
from cvae.errors import InputError
from cvae.model.checkpoint import load_checkpoint, name_of, of_known_weights
from cvae.model.cvae import CVAE

# What may differ from the model that is started from: another prior begins anew, and a model may
# be told more than the one before, or nothing at all.
MAY_DIFFER = {"prior", "prior_sees_condition", "condition_changes", "conditioned"}
READS_Z = "predictor.core.embed.weight"  # its columns: h, z, what is told of the condition


def start_from(model: CVAE, path: Path) -> str:
    """Give `model` the weights of the checkpoint in folder `path`; returns what it started from.

    Inputs that the older model did not have come last in a layer's row, and begin without effect.
    With a prior of another kind, or where only one of both is conditioned, the latent means
    something else: prior, posterior and the predictor's weights for z keep their random values.
    Neither optimizer nor state model is taken.
    Raises InputError if the checkpoint is damaged, or its network is another one.
    """
    older, weights = of_known_weights(path, partial(load_checkpoint, path))
    _check_same(older.config.model, model.config, path)
    found = older.model.state_dict()
    before, now = older.config.model, model.config
    another_latent = (before.prior, before.conditioned) != (now.prior, now.conditioned)
    z = slice(model.config.g_dim, model.config.g_dim + model.config.z_dim)  # after h
    drawn = model.state_dict()[READS_Z][:, z].clone()
    if not now.conditioned:
        found[READS_Z] = found[READS_Z][:, : z.stop]
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if not (another_latent and name.startswith(("prior.", "posterior."))):
                _copy(tensor, found[name], name, path)
        if another_latent:
            model.state_dict()[READS_Z][:, z] = drawn
    anew = ", latent anew" if another_latent else ""
    return f"{name_of(path)}, weights {weights[:16]}{anew}"


def _check_same(older: ModelConfig, newer: ModelConfig, path: Path) -> None:
    before, now = asdict(older), asdict(newer)
    differing = [n for n in now if n not in MAY_DIFFER and before[n] != now[n]]
    if differing:
        said = ", ".join(f"model.{n} is {before[n]!r} there, {now[n]!r} here" for n in differing)
        raise InputError(
            f"{path} can't be started from ({said}): choose the same, or another checkpoint."
        )


def _copy(target: Tensor, source: Tensor, name: str, path: Path) -> None:
    if source.shape == target.shape:
        target.copy_(source)
        return
    told_more = source.ndim == 2 and len(source) == len(target)
    if not told_more or source.shape[1] > target.shape[1]:
        raise InputError(
            f"{path} can't be started from: its {name} has the shape {tuple(source.shape)}, "
            f"{tuple(target.shape)} is needed; choose a model that is told as much or less."
        )
    target.zero_()
    target[:, : source.shape[1]].copy_(source)
