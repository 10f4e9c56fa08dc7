"""A running average of the weights is what is published, and nothing else changes."""

import torch

from cvae.model.checkpoint import load_checkpoint, load_history
from tests.training.runs import train


def test_the_published_weights_are_averages_of_those_that_are_trained(store, tmp_path) -> None:
    decays = {"plain": [], "none-kept": ["0"], "kept": ["0.9"]}
    models, losses = {}, {}
    for name, decay in decays.items():
        options = ["--training.average-decay", *decay] if decay else []
        done = train(store, tmp_path / name, *options)
        assert done.returncode == 0, done.stderr
        models[name] = load_checkpoint(tmp_path / name).model.state_dict()
        losses[name] = list(load_history(tmp_path / name).train_loss)
    assert losses["plain"] == losses["none-kept"] == losses["kept"]
    plain, none_kept, kept = models.values()
    assert all(torch.equal(plain[name], none_kept[name]) for name in plain)
    assert not all(torch.equal(plain[name], kept[name]) for name in plain)
