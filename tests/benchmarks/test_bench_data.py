import os
import re
from pathlib import Path

import pytest

from cvae.benchmarks.data import DataBenchmark
from cvae.errors import InputError
from tests.benchmarks.table import MEASURED, cells, number
from tests.command import run_cvae

TINY = ["--sequences", "40", "--png-sequences", "16", "--windows", "20", "--repeats", "2"]


def test_prints_all_that_it_promises_and_leaves_nothing_behind(store: Path, tmp_path: Path) -> None:
    done = run_cvae("bench", "data", "--data", store, "--scratch", tmp_path, *TINY)
    assert done.returncode == 0, done.stderr
    report = done.stdout
    assert re.search(r"\d+ cores, \d+ GiB of memory, .*Python 3\.\d+.*, numpy [\d.]+", report)
    assert "Load before it began" in report
    for form, sequences in {"TFRecords": "40", "a PNG tree": "16"}.items():
        count, seconds, rate, speed, share, busy, peak = cells(report, form)
        assert count == sequences
        assert share.endswith("%") and busy.endswith("%") and peak.endswith("MiB")
        assert all(re.fullmatch(r"[\d,.]+", cell) for cell in (seconds, rate, speed))
        assert 10 < number(peak) < 1024
    assert re.search(rf"Plain sequential write of [\d.]+ GB.*: {MEASURED} MB/s", report)
    for state in ("warm", "cold"):
        in_store, in_tree, ratio = cells(report, state)
        assert re.fullmatch(MEASURED, in_store) and re.fullmatch(MEASURED, in_tree)
        # Rates are printed as whole numbers, the ratio is one of what was measured.
        least = (number(in_store) - 0.5) / (number(in_tree) + 0.5)
        most = (number(in_store) + 0.5) / max(number(in_tree) - 0.5, 1e-9)
        assert least - 0.05 <= number(ratio) <= most + 0.05
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"png_sequences": 3}, "--png-sequences is 3: give 16 or more"),
        ({"repeats": 0}, "--repeats is 0: give 1 or more"),
        ({"data": Path("absent")}, "absent"),
        ({"scratch": Path("absent")}, "absent can't be used .No such file or directory."),
        ({"sequences": 10**9}, "GB are needed: choose another place with --scratch"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_bad_input(setting: dict, sentence: str, store: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=sentence):
        DataBenchmark(**{"data": store, "scratch": tmp_path} | setting).run()
    assert os.listdir(tmp_path) == []


def test_bad_input_ends_the_command_with_code_2() -> None:
    failed = run_cvae("bench", "data", "--sequences", 3)
    assert failed.returncode == 2
    assert failed.stderr == "bench: --sequences is 3: give 16 or more.\n"
