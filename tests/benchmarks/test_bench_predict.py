import re

import pytest

from cvae.benchmarks.predict import PredictBenchmark
from cvae.errors import InputError
from tests.benchmarks.table import MEASURED, cells, number
from tests.command import run_cvae


def test_prints_all_that_it_promises() -> None:
    tiny = ["--width", 1 / 16, "--samples", 1, 3, "--horizon", 2, "--repeats", 2]
    done = run_cvae("bench", "predict", *tiny, "--device", "cpu")
    assert done.returncode == 0, done.stderr
    report = done.stdout
    assert re.search(r"\d+ cores, \d+ GiB of memory, .*Python 3\.\d+.*, torch [\d.]+", report)
    assert re.search(r"Prediction on CPU \(\d+ threads?\)", report)
    for samples in ("1 sample", "3 samples"):
        plain, *_ = cells(report, f"{samples}, plain")
        ours, frames, ratio, share = cells(report, f"{samples}, float32")
        assert re.fullmatch(MEASURED, plain) and re.fullmatch(MEASURED, ours)
        # Milliseconds are printed as whole numbers, the ratio is one of what was measured.
        least = (number(plain) - 0.5) / (number(ours) + 0.5)
        most = (number(plain) + 0.5) / max(number(ours) - 0.5, 1e-9)
        assert least - 0.01 <= number(ratio) <= most + 0.01
        assert number(frames) > 0 and number(share) > 0 and share.endswith("%")
    assert re.search(rf"GFLOP/s: float32 {MEASURED}", report)
    assert re.search(rf"Steering, frames/s: float32 {MEASURED}", report)
    measured = re.search(r"3 samples, bfloat16", report)
    assert bool(measured) != ("no instructions for it" in report)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"repeats": 0}, "--repeats is 0: give 1 or more"),
        ({"samples": ()}, "--samples names no number"),
        ({"samples": (1, 0)}, "--samples is 0: give 1 or more"),
        ({"device": "tpu"}, "no device 'tpu'; choose cpu"),
        ({"width": 0.3}, "whole channel counts"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_bad_input(setting: dict, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        PredictBenchmark(**setting).run()
