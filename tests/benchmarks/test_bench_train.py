"""`bench train`: all variants are the same step, and the report holds what it promises."""

import os
import platform
import re
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import torch

from cvae.benchmarks.processes import TwoProcesses
from cvae.benchmarks.train import TrainBenchmark, measures_on
from cvae.benchmarks.training_steps import Setting, Trials
from cvae.benchmarks.variants import OURS, PLAIN, Variant, build
from cvae.config import TINY
from cvae.data.dataset import CONDITION_DIM, Batch
from cvae.device import has_bf16
from cvae.errors import InputError
from cvae.inference.predictor import to_float_frames
from cvae.model.cvae import CVAE
from cvae.model.noise import keyed_generator
from cvae.training.losses import elbo_loss
from tests.benchmarks.table import cells, number
from tests.command import cvae_command, run_cvae
from tests.processes import is_running, started
from tests.tiny_data import tiny_sequence
from tests.tiny_models import lively_model

CPU = torch.device("cpu")
SIZE = 4  # sequences in a batch; of two, BatchNorm would make +1 and -1 whatever their difference
TINY_OPTIONS = ["--width", "0.0625", "--batch-size", "2", "--quick", "--device", "cpu"]
MEASURES = [measure.name for measure in measures_on(CPU)]
VARIANTS = {
    variant: f"{measure.name}, {side}"
    for measure in measures_on(CPU)
    for side, variant in {"without": measure.left, "with": measure.taken}.items()
}
EVERY_STEP_BY_ITSELF = [
    replace(PLAIN, encodes_once=True),
    replace(OURS, batched_time=False),
    replace(OURS, batched_time=False, channels_last=False, skip_split=False),
]


@pytest.fixture(scope="module")
def model() -> CVAE:
    return lively_model(replace(TINY.model, prior="learned"))


@pytest.fixture(scope="module")
def batch() -> Batch:
    sequences = [tiny_sequence(str(i), i) for i in range(SIZE)]
    frames = torch.stack([to_float_frames(sequence.frames[:6]) for sequence in sequences])
    conditions = torch.randn(SIZE, 6, CONDITION_DIM, generator=keyed_generator("conditions"))
    return Batch(frames, conditions, [sequence.name for sequence in sequences])


def step(variant: Variant, model: CVAE, batch: Batch, forced: bool, training: bool) -> list[float]:
    """Loss, and the size of the gradient."""
    _, observer = build(variant, model)
    observer.train(training)
    noise = torch.randn(SIZE, 5, model.config.z_dim, generator=keyed_generator("noise"))
    loss, _ = elbo_loss(observer, batch, noise, beta=1e-3, teacher_forcing=forced)
    loss.backward()
    gradients = [weight.grad for weight in observer.parameters()]
    return [loss.item(), torch.nn.utils.get_total_norm(gradients).item()]


@pytest.mark.parametrize("forced", [True, False], ids=["forced", "free"])
@pytest.mark.parametrize("variant", VARIANTS, ids=VARIANTS.get)
def test_every_variant_computes_what_the_plain_path_computes(variant, forced, model, batch) -> None:
    loss, norm = step(PLAIN, model, batch, forced, training=False)
    found_loss, found_norm = step(variant, model, batch, forced, training=False)
    assert found_loss == pytest.approx(loss, rel=1e-4)
    # With AVX-512 some layouts' gradients are rounded to 5e-4 of what float64 gives.
    assert found_norm == pytest.approx(norm, rel=2e-3)


@pytest.mark.parametrize("forced", [True, False], ids=["forced", "free"])
@pytest.mark.parametrize("variant", EVERY_STEP_BY_ITSELF)
def test_a_call_a_step_measures_what_the_plain_path_measures(variant, forced, model, batch) -> None:
    loss, norm = step(PLAIN, model, batch, forced, training=True)
    found_loss, found_norm = step(variant, model, batch, forced, training=True)
    assert found_loss == pytest.approx(loss, rel=1e-4)
    assert found_norm == pytest.approx(norm, rel=1e-2)
    # And that could have come out differently.
    assert step(OURS, model, batch, forced, training=True)[0] != pytest.approx(loss, rel=1e-4)


def test_prints_all_that_it_promises(store: Path) -> None:
    done = run_cvae("bench", "train", *TINY_OPTIONS, "--data", store)
    assert done.returncode == 0, done.stderr
    report = done.stdout
    assert re.search(r"\d+ cores, .* torch [\d.]+", report)
    plain, ours = cells(report, "plain path, float32"), cells(report, "ours, float32")
    assert len(plain) == len(ours) == 3
    for slow, fast, gain in zip(
        plain, ours, cells(report, "ours, float32: times as fast"), strict=True
    ):
        # One repeat, whose rates and ratio are rounded to two digits each.
        assert number(gain) == pytest.approx(
            number(fast) / number(slow), abs=0.006 + 0.006 * (1 + number(gain)) / number(slow)
        )
    # The whole run is a mixture of both kinds of batches, so its rate lies between theirs.
    forced, free, whole = map(number, plain)
    assert min(forced, free) <= whole <= max(forced, free)
    assert "63% of the batches are teacher-forced" in report
    for name in MEASURES:
        assert all(number(cell) > 0 for cell in cells(report, name)[:2])
    for row in ("ours, bfloat16", "autocast to bfloat16"):
        assert cells(report, row)[0].startswith("not measured") != has_bf16(CPU)
    assert number(re.search(r"GFLOP/s: ([\d,]+) in float32", report)[1]) > 0
    assert re.search(r"apart by \de[-+]\d+ of it at most, .* gradient by \de[-+]\d+", report)
    assert re.search(r"Waiting for data: [\d.]+% .* of 2 batches", report)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"batch_size": 1}, "--batch-size is 1: give 2 or more"),
        ({"repeats": 0}, "--repeats is 0: give 1 or more"),
        ({"width": 0.3, "batch_size": 2}, "width is 0.3"),
        ({"batch_size": 50}, "has 4 sequences, fewer than --batch-size 50"),
        ({"data": Path("absent")}, "absent"),
        ({"device": "quantum"}, "quantum"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_bad_input(setting: dict, sentence: str, store: Path) -> None:
    with pytest.raises(InputError, match=sentence):
        TrainBenchmark(**{"data": store} | setting).run()


def _kept(_trials: Trials) -> int:
    """MiB of a freed block that are still this process's."""
    before = psutil.Process().memory_info().rss
    block = bytearray(b"1") * (200 << 20)
    del block
    return (psutil.Process().memory_info().rss - before) >> 20


def _end(_trials: Trials) -> None:
    os._exit(1)  # as a process that the system kills


def test_one_process_keeps_memory_and_the_end_of_one_is_told(store: Path) -> None:
    with TwoProcesses(Setting(store, 1 / 16, 2, CPU)) as processes:
        if platform.libc_ver()[0] == "glibc":
            assert processes.ask(True, _kept) > 150
            assert processes.ask(False, _kept) < 50
        with pytest.raises(InputError, match="lower --batch-size"):
            processes.ask(False, _end)


def test_a_killed_benchmark_leaves_nothing_running(store: Path) -> None:
    command = cvae_command("bench", "train", *TINY_OPTIONS, "--data", store)
    with started(command, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if "operations" in line:  # both processes are there, and have computed something
                break
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
    assert len(children) >= 2
    deadline = time.monotonic() + 60
    while any(map(is_running, children)):
        assert time.monotonic() < deadline, "something it started is still running"
        time.sleep(0.1)
