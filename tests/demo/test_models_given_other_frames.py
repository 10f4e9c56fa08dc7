"""Models that are given two and three frames, beside each other in one comparison."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from demo.appearance import looks
from demo.comparison import Comparison, compare, psnr_table
from demo.export_files import Export
from demo.loading import Setup, find_models
from tests.tiny_data import tiny_sequence


@pytest.fixture(scope="module")
def comparison(tiny_checkpoints: Path, tmp_path_factory) -> Comparison:
    runs = shutil.copytree(tiny_checkpoints, tmp_path_factory.mktemp("given") / "runs")
    file = runs / "learned" / "config.json"
    config = json.loads(file.read_text())
    config["model"]["n_past"] = 3
    file.write_text(json.dumps(config))
    models = [model for model in find_models(runs)[0] if model.path.parent == runs]
    assert [model.n_past for model in models] == [2, 3]
    return compare(models, looks(models), tiny_sequence("mine", 9, length=30), Setup(horizon=10))


def test_all_of_them_predict_up_to_the_last_frame_that_is_shown(comparison):
    assert len(comparison.truth) == 13
    assert [one.frames.shape[1] for one in comparison.imagined] == [13, 13]
    assert [one.psnr.shape[1] for one in comparison.imagined] == [11, 10]
    for one in comparison.imagined:
        np.testing.assert_array_equal(
            one.frames[0, : one.given], comparison.truth.frames[: one.given]
        )


def test_their_numbers_stand_under_the_frames_that_they_predicted(comparison):
    table = psnr_table(comparison)
    assert list(table.columns) == [f"Frame {number}" for number in range(2, 13)]
    assert table.notna().sum(axis=1).tolist() == [11, 10, 11]
    table = Export(comparison, [0, 0], "simulated", None).table().decode()
    assert "fixed,1,2," in table and "learned,1,2," not in table and "learned,1,12," in table
