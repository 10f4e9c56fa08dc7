"""`bench rounding`: both precisions predict, and differ by rounding alone."""

import re
from pathlib import Path

import pytest

from cvae.benchmarks.rounding import RoundingBenchmark


def test_both_precisions_are_measured_on_the_same_sequences(
    store: Path, tiny_checkpoints: Path
) -> None:
    models = (tiny_checkpoints / "learned",)
    report = RoundingBenchmark(models, store, limit=3, device="cpu").run()
    rows = re.findall(
        r"^\| learned: (one sample|prior mean) \| ([\d.]+) \| ([\d.]+) "
        r"\| ([+-][\d.]+) ± [\d.]+ \| ([\d.]+) \|$",
        report,
        re.M,
    )
    assert [row[0] for row in rows] == ["one sample", "prior mean"]
    for _, exact, rounded, difference, largest in rows:
        assert float(difference) == pytest.approx(float(rounded) - float(exact), abs=0.0011)
        assert 0 < float(largest) < 0.5, "of weights that react to everything"
        assert abs(float(difference)) <= float(largest) + 5e-4
    assert "given-states, 3 sequences" in report
