"""A checkpoint comes back as it was saved, or is refused with a sentence."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from cvae.config import PRIORS
from cvae.errors import InputError
from cvae.model.checkpoint import find_checkpoints, find_runs, load_checkpoint, save_checkpoint


@pytest.fixture
def folder(tiny_checkpoints, tmp_path) -> Path:
    """A checkpoint to damage."""
    return shutil.copytree(tiny_checkpoints / "learned", tmp_path / "learned")


def test_saved_and_loaded_once_more_is_the_same(folder, tmp_path) -> None:
    first = load_checkpoint(folder)
    save_checkpoint(replace(first, path=tmp_path / "again"))
    second = load_checkpoint(tmp_path / "again")
    assert (second.config, second.data) == (first.config, first.data)
    for part in ("model", "state_model"):
        before, after = (getattr(c, part).state_dict() for c in (first, second))
        assert before.keys() == after.keys()
        assert all(torch.equal(before[name], after[name]) for name in before)
    assert (second.normalisation.mean == first.normalisation.mean).all()
    assert (second.normalisation.std == first.normalisation.std).all()
    assert not list((tmp_path / "again").glob(".*.new"))


def test_a_checkpoint_is_called_as_its_folder_however_that_is_named(folder, monkeypatch) -> None:
    (folder.parent / "best").symlink_to(folder)
    monkeypatch.chdir(folder / "tensorboard")
    for path, name in {
        "..": "learned",
        "../../learned/.": "learned",
        "../../learned/tensorboard/..": "learned",
        "../../best": "best",
    }.items():
        assert load_checkpoint(Path(path)).name == name
    monkeypatch.chdir(folder)
    assert load_checkpoint(Path(".")).name == "learned"


def test_a_loaded_model_is_ready_to_predict(folder) -> None:
    model = load_checkpoint(folder).model
    assert not model.training
    assert not any(parameter.requires_grad for parameter in model.parameters())
    assert {p.dtype for p in model.parameters()} == {torch.float32}


def test_only_whole_folders_are_found(folder) -> None:
    (folder.parent / "half").mkdir()
    shutil.copy(folder / "config.json", folder.parent / "half")
    (folder.parent / "record").mkdir()
    shutil.copy(folder / "config.json", folder.parent / "record")
    (folder.parent / "record" / "history.csv").write_text("epoch\n1\n")
    assert find_checkpoints(folder.parent) == [folder]
    assert find_runs(folder.parent) == [folder, folder.parent / "record"]


@pytest.mark.parametrize(
    ("part", "setting", "value", "words"),
    [
        ("model", "width", 0.125, "does not fit"),
        ("model", "prior", "fixed", "does not fit"),
        ("model", "prior", "none", " or ".join(map(repr, PRIORS))),
        ("model", "z_dim", -1, "above 0"),
        ("model", "z_dim", "four", r"config\.json"),
        ("model", "colour", 3, "colour"),
        ("training", "beta_max", -1.0, "negative"),
    ],
)
def test_a_config_that_does_not_fit_is_noticed(folder, part, setting, value, words) -> None:
    values = json.loads((folder / "config.json").read_text())
    values[part][setting] = value
    (folder / "config.json").write_text(json.dumps(values))
    with pytest.raises(InputError, match=words):
        load_checkpoint(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"model": {}}', "\u0000"])
def test_a_config_that_is_none_is_noticed(folder, text) -> None:
    (folder / "config.json").write_text(text)
    with pytest.raises(InputError, match=r"config\.json"):
        load_checkpoint(folder)


def test_missing_files_are_named(folder) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(InputError, match=r"model\.safetensors is missing"):
        load_checkpoint(folder)
    with pytest.raises(InputError, match="nowhere"):
        load_checkpoint(folder / "nowhere")
