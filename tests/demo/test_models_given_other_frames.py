"""Models that are given two and three frames, beside each other in one comparison."""

import json
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cvae.__main__ import main
from cvae.data.npz import npz_bytes
from demo.appearance import looks
from demo.comparison import Comparison, compare, metric_table
from demo.export_files import Export
from demo.formatting import making_sentence
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
    table = metric_table(comparison, "psnr")
    assert list(table.columns) == [f"Frame {number}" for number in range(2, 13)]
    assert table.notna().sum(axis=1).tolist() == [11, 10, 11]
    table = Export(comparison, [0, 0], "simulated", None).table().decode()
    assert "fixed,1,2," in table and "learned,1,2," not in table and "learned,1,12," in table


def test_the_commands_that_are_named_make_the_same_again(comparison, tmp_path, capsys):
    export = Export(comparison, [0, 0], "simulated", None)
    readme = export.readme()
    commands = [shlex.split(line) for line in readme.splitlines() if line.startswith("  python -m")]
    assert [words[words.index("--horizon") + 1] for words in commands] == ["11", "10"]
    (tmp_path / "mine.npz").write_bytes(npz_bytes(comparison.truth))
    for words, one in zip(commands, comparison.imagined, strict=True):
        words[words.index("mine.npz")] = str(tmp_path / "mine.npz")
        words[words.index("prediction")] = str(tmp_path / "again")
        assert words[:3] == ["python", "-m", "cvae"] and main(words[3:]) == 0
        assert f"{one.psnr.mean():6.2f}" in capsys.readouterr().out


def test_what_each_of_them_was_given_is_said(comparison):
    made = making_sentence(comparison).replace("\\", "")
    assert "from 2 given frames (Fixed prior) or 3 given frames (Learned prior)" in made
    assert "11 or 10 frames predicted" in made
    readme = Export(comparison, [0, 0], "simulated", None).readme()
    for said in ("2 to 12 predicted by Fixed prior", "3 to 12 predicted by Learned prior"):
        assert said in readme


def test_their_means_are_over_the_same_frames(comparison):
    def show(comparison):
        from demo.showing import show_means

        show_means(comparison)

    page = AppTest.from_function(show, args=(comparison,), default_timeout=240).run()
    assert not page.exception, page.exception
    fixed, learned = (one.psnr[0] for one in comparison.imagined)
    means = [fixed[1:].mean(), learned.mean(), comparison.copy_last["psnr"][0, 1:].mean()]
    shown = [float(re.sub(" dB", "", metric.value)) for metric in page.metric]
    np.testing.assert_allclose(shown, means, atol=0.051)
    assert page.caption[0].value.startswith("Over frames 3 to 12 alone")
