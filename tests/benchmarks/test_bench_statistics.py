"""`bench statistics`: two ways to train, and what their models' predictions differ by."""

import re
import subprocess
from pathlib import Path

import pytest

from cvae.benchmarks.statistics import StatisticsBenchmark
from cvae.errors import InputError
from cvae.model.history import load_history
from tests.command import run_cvae

TINY = ["--windows", "24", "--width", "0.0625", "--seeds", "1", "2", "--device", "cpu"]


def bench(store: Path, out: Path) -> subprocess.CompletedProcess:
    return run_cvae("bench", "statistics", "--data", store, "--out", out, *TINY)


def test_both_ways_are_trained_and_compared(store: Path, tmp_path: Path) -> None:
    done = bench(store, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "epoch 3/3" in done.stderr
    assert not re.search("epoch|Fitting|complete", done.stdout), "the table alone is printed"
    rows = re.findall(
        r"^\| (1|2|all) \| ([\d.]+) \| ([\d.]+) \| ([+-][\d.]+) ± [\d.]+ \|", done.stdout, re.M
    )
    assert [row[0] for row in rows] == ["1", "2", "all"]
    for _, together, each, difference in rows:
        assert float(difference) == pytest.approx(float(together) - float(each), abs=0.011)
    means = [float(row[3]) for row in rows]
    assert means[2] == pytest.approx((means[0] + means[1]) / 2, abs=0.011)
    for seed in (1, 2):
        together, each = (
            load_history(tmp_path / f"{way}-{seed}") for way in ("together", "each-step")
        )
        assert len(together) == 3
        # From the same weights on the same batch, which only BatchNorm saw in another way.
        assert together.train_loss[0] == pytest.approx(each.train_loss[0], rel=0.2)
        assert together.train_loss[0] != each.train_loss[0]
    logs = {log: log.read_text() for log in tmp_path.glob("*/events.jsonl")}
    assert len(logs) == 4
    again = bench(store, tmp_path)
    table = again.stdout.partition("| seed |")[2]
    assert table == done.stdout.partition("| seed |")[2]
    assert {log: log.read_text() for log in logs} == logs, "runs that are complete are kept"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"windows": 25}, "--windows is 25: give a multiple of 24"),
        ({"seeds": ()}, "give --seeds 1"),
    ],
)
def test_bad_input(options: dict, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        StatisticsBenchmark(**options)
