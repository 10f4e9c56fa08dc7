"""Surveys of models that are not complete, and of data that are not packed."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cvae.__main__ import main
from cvae.data.npz import npz_bytes
from cvae.data.store import Store
from cvae.evaluation import sharing
from cvae.evaluation.run import measure_chunk
from cvae.evaluation.scores import load_evaluations, load_scores
from tests.evaluation.runs import QUICK
from tests.tiny_data import tiny_png_tree


@pytest.fixture
def models(tiny_checkpoints, tmp_path) -> Path:
    """Copies to write into."""
    return shutil.copytree(tiny_checkpoints, tmp_path / "models")


def evaluate(data: Path, *words: Path | str) -> int:
    return main(["evaluate", *map(str, words), "--data", str(data), *QUICK])


def test_a_model_without_a_history_is_measured_and_so_are_those_after_it(models, store) -> None:
    """Stopped in its first epoch, a run leaves weights and no history."""
    (models / "fixed" / "history.csv").unlink()
    assert evaluate(store, models / "fixed", models / "learned") == 0
    cards = {name: (models / name / "README.md").read_text() for name in ("fixed", "learned")}
    assert "There is no `history.csv`: how long it was trained" in cards["fixed"]
    assert "## Training" not in cards["fixed"] and "per training epoch" not in cards["fixed"]
    assert "## Training" in cards["learned"] and "There is no" not in cards["learned"]
    for name, card in cards.items():
        assert f"| {name}: one sample (mean over 2) |" in card and "cvae train tiny" in card


def test_a_damaged_history_is_told_before_anything_is_measured(
    models, store, tmp_path, capsys
) -> None:
    (models / "learned" / "history.csv").write_text("epoch,kl\n1,2\n")
    before = set(models.rglob("*"))
    assert evaluate(store, models / "fixed", models / "learned") == 2
    assert "history.csv lacks active_dims" in capsys.readouterr().err
    assert set(models.rglob("*")) == before
    assert evaluate(store, models / "learned", "--out", tmp_path / "out") == 0, "no card, no need"


@pytest.fixture
def tree(tmp_path) -> Path:
    return tiny_png_tree(tmp_path / "tree", 1, 0, 3)


def test_data_that_are_not_packed_are_measured_as_if_they_were(
    models, store, tmp_path, capsys
) -> None:
    packed, folder = Store.open(store).split("test"), tmp_path / "files"
    folder.mkdir()
    for index in range(len(packed)):
        (folder / f"{packed.names[index]}.npz").write_bytes(npz_bytes(packed[index]))
    for data in (store, folder):
        assert evaluate(data, models / "fixed", "--out", tmp_path / data.name) == 0
    capsys.readouterr()
    of_store, of_files = (tmp_path / data.name / "fixed" for data in (store, folder))
    assert load_evaluations(of_files)["field"].source == "NPZ files"
    assert {file.name for file in of_files.iterdir()} == {file.name for file in of_store.iterdir()}
    columns = ["sequence", "variant", "frame", "psnr", "ssim"]
    pd.testing.assert_frame_equal(load_scores(of_files)[columns], load_scores(of_store)[columns])


@pytest.mark.parametrize("changed", [False, True])
def test_unless_the_data_changed_an_evaluation_of_a_png_tree_goes_on(
    models, tree, tmp_path, monkeypatch, changed
) -> None:
    measured = []

    def interrupted(*given: object) -> pd.DataFrame:
        if measured:
            raise KeyboardInterrupt
        measured.append(given)
        return measure_chunk(*given)

    out = tmp_path / "out"
    monkeypatch.setattr(sharing, "measure_chunk", interrupted)
    assert evaluate(tree, models / "fixed", "--out", out) == 130
    if changed:
        picture = next(tree.glob("test/*/*/29.png"))
        Image.fromarray(255 - np.asarray(Image.open(picture))).save(picture)
    measured.clear()
    monkeypatch.setattr(
        sharing, "measure_chunk", lambda *given: measured.append(given) or measure_chunk(*given)
    )
    assert evaluate(tree, models / "fixed", "--out", out) == 0
    assert len(measured) == (2 if changed else 1), "chunks, one a protocol"
    assert load_evaluations(out / "fixed")["field"].sequences == 3
    assert not (out / "fixed" / "evaluation.partial").exists()
