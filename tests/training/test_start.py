"""Training that starts from another model's weights."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from cvae.data.store import Store
from cvae.errors import InputError
from cvae.model.checkpoint import load_checkpoint, load_config, of_known_weights, save_checkpoint
from cvae.model.cvae import CVAE
from cvae.model.history import HISTORY, load_history, load_lineage
from cvae.model.noise import keyed_generator
from cvae.model.weights import weights_checksum
from cvae.training.start import start_from
from cvae.training.trainer import train
from tests.tiny_models import lively_model, tiny_config
from tests.training.runs import train_here


@pytest.fixture(scope="module")
def older(store, tmp_path_factory) -> Path:
    """A model that is not told how its condition changes."""
    path = tmp_path_factory.mktemp("older") / "older"
    config = tiny_config("learned", condition_changes=False)
    train(Store.open(store), path, config, torch.device("cpu"))
    save_checkpoint(replace(load_checkpoint(path), model=lively_model(config.model)))
    return path


def test_a_model_that_is_told_more_begins_as_the_older_one(older) -> None:
    generator = keyed_generator("start")
    newer = CVAE(tiny_config("learned").model, generator)
    start_from(newer, older)
    frames = torch.rand(2, 6, 3, 64, 64, generator=generator)
    conditions = torch.randn(2, 6, 7, generator=generator)
    noise = torch.randn(2, 5, newer.config.z_dim, generator=generator)
    with torch.no_grad():
        found, expected = (
            model.eval().observe(frames, conditions, noise, teacher_forcing=False)
            for model in (newer, load_checkpoint(older).model)
        )
    torch.testing.assert_close(found.frames, expected.frames)
    torch.testing.assert_close(found.prior.mean, expected.prior.mean)


def test_what_it_started_from_has_the_name_of_its_folder(older, monkeypatch) -> None:
    monkeypatch.chdir(older)
    newer = CVAE(tiny_config("learned").model)
    assert start_from(newer, Path(".")).startswith("older, weights ")


def test_weights_that_are_replaced_while_they_are_read_are_read_again(older, tmp_path) -> None:
    path, times = tmp_path / "trained on", []
    shutil.copytree(older, path)

    def load() -> torch.Tensor:
        checkpoint = load_checkpoint(path)
        weight = next(checkpoint.model.parameters())
        value = weight.clone()
        if len(times) < 2:  # another process publishes its next epoch
            weight.data.add_(1)
            save_checkpoint(checkpoint)
        times.append(value)
        return value

    found, checksum = of_known_weights(path, load)
    assert len(times) == 3 and checksum == weights_checksum(path)
    torch.testing.assert_close(found, next(load_checkpoint(path).model.parameters()))


def test_another_prior_begins_with_a_latent_of_its_own_and_takes_the_rest(older) -> None:
    config = tiny_config("fixed").model
    newer, drawn = (CVAE(config, keyed_generator("start")) for _ in range(2))
    assert start_from(newer, older).endswith(", latent anew")
    taken, random = load_checkpoint(older).model.state_dict(), drawn.state_dict()
    for name, tensor in newer.state_dict().items():
        if name == "predictor.core.embed.weight":
            h, z = config.g_dim, config.g_dim + config.z_dim
            assert torch.equal(tensor[:, :h], taken[name][:, :h])
            assert torch.equal(tensor[:, h:z], random[name][:, h:z])
            assert torch.equal(tensor[:, z : z + 7], taken[name][:, z:])
        else:
            expected = random if name.startswith("posterior.") else taken
            assert torch.equal(tensor, expected[name]), name


def test_a_model_that_is_told_nothing_begins_with_a_latent_of_its_own(older) -> None:
    config = tiny_config("learned", conditioned=False).model
    newer, drawn = (CVAE(config, keyed_generator("start")) for _ in range(2))
    start_from(newer, older)
    taken, random = load_checkpoint(older).model.state_dict(), drawn.state_dict()
    for name, tensor in newer.state_dict().items():
        if name == "predictor.core.embed.weight":
            assert torch.equal(tensor[:, : config.g_dim], taken[name][:, : config.g_dim])
            assert torch.equal(tensor[:, config.g_dim :], random[name][:, config.g_dim :])
        else:
            expected = random if name.startswith(("posterior.", "prior.")) else taken
            assert torch.equal(tensor, expected[name]), name


def test_a_model_that_is_told_less_is_refused(older, store, tmp_path) -> None:
    more = tmp_path / "more"
    train(Store.open(store), more, tiny_config("learned"), torch.device("cpu"))
    less = CVAE(load_config(older)[0].model, keyed_generator("start"))
    with pytest.raises(InputError, match="told as much or less"):
        start_from(less, more)


def test_the_run_says_what_it_started_from_and_keeps_to_it(store, older, tmp_path, capsys) -> None:
    out, options = (
        tmp_path / "run",
        ("--model.prior", "learned", "--training.learning-rate", "1e-9"),
    )
    assert train_here(store, out, *options, "--start-from", str(older)) == 0
    started = load_config(out)[1]["started_from"]
    assert started.startswith("older, weights ") and "latent anew" not in started
    near = load_checkpoint(out).model.decoder.seed[0].weight
    assert torch.allclose(near, load_checkpoint(older).model.decoder.seed[0].weight, atol=1e-3)
    assert train_here(store, out, *options) == 2
    assert "choose a new folder" in capsys.readouterr().err


def test_a_run_brings_the_epochs_of_the_runs_before(store, older, tmp_path) -> None:
    first, second, third = older, tmp_path / "second", tmp_path / "third"
    options = ("--model.prior", "learned", "--training.epochs", "3")
    assert train_here(store, second, *options, "--start-from", str(first)) == 0
    assert train_here(store, third, *options[:2], "--start-from", str(second)) == 0
    lineage = load_lineage(third)
    assert list(lineage["run"]) == [1, 1, 2, 2, 2, 3, 3]
    for run, path in enumerate((first, second, third), start=1):
        there = lineage[lineage["run"] == run].drop(columns="run").to_numpy()
        assert there == pytest.approx(load_history(path).to_numpy(), rel=1e-5)


def test_weights_without_a_history_start_a_run_that_knows_of_no_other(
    store, older, tmp_path
) -> None:
    kept, out = shutil.copytree(older, tmp_path / "kept"), tmp_path / "run"
    (kept / HISTORY).unlink()
    assert train_here(store, out, "--model.prior", "learned", "--start-from", str(kept)) == 0
    assert set(load_lineage(out)["run"]) == {1}


def test_a_damaged_history_of_the_model_started_from_is_told_before_anything_is_written(
    store, older, tmp_path, capsys
) -> None:
    kept, out = shutil.copytree(older, tmp_path / "kept"), tmp_path / "run"
    (kept / HISTORY).write_text("epoch,kl\n1,high\n")
    assert train_here(store, out, "--model.prior", "learned", "--start-from", str(kept)) == 2
    assert "history.csv holds words in place of numbers" in capsys.readouterr().err
    assert not out.exists()


def test_another_network_is_refused_before_anything_is_written(
    store, older, tmp_path, capsys
) -> None:
    options = ("--model.z-dim", "8", "--start-from", str(older))
    assert train_here(store, tmp_path / "run", *options) == 2
    assert "model.z_dim is 4 there, 8 here" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
