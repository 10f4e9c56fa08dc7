"""Which models there are, and when what is kept of one is out of date."""

import os
import shutil

import pytest

from demo import loading
from demo.loading import find_models


@pytest.fixture
def models(tiny_checkpoints, tmp_path):
    return shutil.copytree(tiny_checkpoints, tmp_path / "runs")


def test_a_folder_of_bundled_models_that_is_a_link_is_looked_through_once(
    models, tmp_path, monkeypatch
):
    (tmp_path / "checkpoints").symlink_to(models)
    monkeypatch.setattr(loading, "BUNDLED_MODELS", tmp_path / "checkpoints")
    assert [model.name for model in find_models(tmp_path / "checkpoints")[0]] == [
        "fixed",
        "learned",
    ]


def test_older_weights_put_back_with_their_time_are_other_weights(models):
    weights = models / "fixed" / "model.safetensors"
    os.utime(weights, (2, 2))  # older than the configuration beside them
    [before, *_], _ = find_models(models)
    os.utime(weights, (1, 1))
    [after, *_], _ = find_models(models)
    assert after.name == before.name and after != before
