"""Surveys of models that are not complete."""

import shutil
from pathlib import Path

import pytest

from cvae.__main__ import main
from tests.evaluation.runs import QUICK


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
