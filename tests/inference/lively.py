"""Predictors of tiny models that react to everything, made without training."""

from dataclasses import replace
from pathlib import Path

import torch

from cvae.config import TINY, ModelConfig, RunConfig
from cvae.data.dataset import Normalisation
from cvae.inference.predictor import Predictor
from cvae.model.checkpoint import Checkpoint
from cvae.model.noise import keyed_generator
from cvae.model.state_model import StateModel
from tests.tiny_models import lively_model


def lively_checkpoint(**model) -> Checkpoint:
    """`model` sets fields of the tiny preset's configuration."""
    config: ModelConfig = replace(TINY.model, **model)
    return Checkpoint(
        Path("lively"),
        RunConfig(model=config, training=TINY.training),
        {},
        lively_model(config),
        _lively_state_model(),
        Normalisation.identity(),
    )


def lively_predictor(**model) -> Predictor:
    return Predictor(lively_checkpoint(**model), torch.device("cpu"))


def _lively_state_model() -> StateModel:
    model, generator = StateModel(), keyed_generator("state model")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.uniform_(-0.1, 0.1, generator=generator)
    return model.eval().requires_grad_(False)
