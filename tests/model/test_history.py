"""Epochs of the runs before, which a model that was trained on brings along."""

import re
from pathlib import Path

import pytest

from cvae.errors import InputError
from cvae.model.history import counted_on, load_lineage, own_epochs


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of two epochs, after one of three and one of one."""
    (tmp_path / "history.csv").write_text("epoch,kl\n1,0.2\n2,0.1\n")
    (tmp_path / "earlier.csv").write_text("run,epoch,kl\n1,1,9\n1,2,8\n1,3,7\n2,1,3\n")
    return tmp_path


def test_the_epochs_of_earlier_runs_come_first(run: Path) -> None:
    lineage = load_lineage(run)
    assert list(lineage["run"]) == [1, 1, 1, 2, 3, 3]
    assert list(lineage["epoch"]) == [1, 2, 3, 1, 1, 2]
    assert list(lineage["kl"]) == [9, 8, 7, 3, 0.2, 0.1]
    assert list(counted_on(lineage)["epoch"]) == [1, 2, 3, 4, 5, 6]
    assert list(own_epochs(lineage)["kl"]) == [0.2, 0.1]


def test_a_run_from_random_weights_is_the_only_one(run: Path) -> None:
    (run / "earlier.csv").unlink()
    lineage = load_lineage(run)
    assert list(lineage["run"]) == [1, 1] and list(counted_on(lineage)["epoch"]) == [1, 2]
    assert own_epochs(lineage).equals(lineage)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "can't be read (No columns"),
        ("run,epoch,kl\n", "has no epochs"),
        ("epoch,kl\n1,2\n", "lacks run"),
        ("run,epoch\n1,1\n", "lacks kl"),
        ("run,epoch,kl\n1,1,high\n", "holds words in place of numbers"),
        ("run,epoch,kl\n2,1,9\n", "has runs that do not follow each other"),
        ("run,epoch,kl\n1,1,9\n3,1,9\n", "has runs that do not follow each other"),
        ("run,epoch,kl\n,1,9\n", "has runs that do not follow each other"),
        ("run,epoch,kl\n1,1,9\n2,2,9\n2,1,9\n", "has epochs that do not follow each other"),
    ],
)
def test_what_is_no_table_of_earlier_runs_is_refused(run: Path, text: str, said: str) -> None:
    (run / "earlier.csv").write_text(text)
    with pytest.raises(InputError, match=re.escape(f"earlier.csv {said}")) as refused:
        load_lineage(run, ("kl",))
    assert str(refused.value).endswith("restore it, or delete it to go without the runs before.")
