"""What a batch needs is known before it is tried, and what would fit is said."""

import re
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest
import torch

from cvae.config import DEFAULT, REPORT, RunConfig
from cvae.errors import InputError
from cvae.training import memory, trainer
from cvae.training.memory import check_memory, memory_available, memory_needed
from tests.training.runs import events, train_here

CPU = torch.device("cpu")
MEASURE = """
import sys
from dataclasses import replace
import psutil
import torch
from cvae.config import DEFAULT
from cvae.data.dataset import Batch
from cvae.device import autocast
from cvae.model.cvae import CVAE
from cvae.training.losses import elbo_loss

def taken():
    return psutil.Process().memory_info().rss

before = taken()
model = CVAE(replace(DEFAULT.model, width=0.125)).to(memory_format=torch.channels_last)
optimizer = torch.optim.Adam(model.parameters(), fused=True)
batch = Batch(torch.rand(8, 8, 3, 64, 64), torch.rand(8, 8, 7), [""] * 8)
with autocast(torch.device("cpu"), sys.argv[1]):
    noise = torch.randn(8, 7, 64)
    loss, _ = elbo_loss(model, batch, noise, beta=1.0, teacher_forcing=False)
most = taken()
loss.backward()
optimizer.step()
print(max(most, taken()) - before)
"""


def with_batch(config: RunConfig, size: int) -> RunConfig:
    return replace(config, training=replace(config.training, batch_size=size))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_need_is_what_a_real_update_takes(precision) -> None:
    config = replace(
        DEFAULT,
        model=replace(DEFAULT.model, width=0.125),
        training=replace(DEFAULT.training, n_future=6),
    )
    words = [sys.executable, "-c", MEASURE, precision]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert memory_needed(config, CPU, precision).of(8) == pytest.approx(int(done.stdout), rel=0.35)


def test_a_batch_that_does_not_fit_is_refused_and_the_largest_that_does_is_named() -> None:
    room = memory_needed(DEFAULT, CPU, "float32").of(21) + 1000
    check_memory(with_batch(DEFAULT, 21), 1, room, CPU, "float32")
    with pytest.raises(InputError, match=r"batch_size 22 needs .* GiB are free") as refused:
        check_memory(with_batch(DEFAULT, 22), 1, room, CPU, "float32")
    assert re.search(r"training.batch_size 21 would fit", str(refused.value))
    shared = memory_needed(DEFAULT, CPU, "float32", 2)
    check_memory(with_batch(DEFAULT, 42), 2, shared.of(21) + 1000, CPU, "float32")
    with pytest.raises(InputError, match=r"training.batch_size 42 would fit"):
        check_memory(with_batch(DEFAULT, 44), 2, shared.of(21) + 1000, CPU, "float32")


def test_processes_that_share_a_batch_need_more_than_their_share() -> None:
    alone, shared = (memory_needed(DEFAULT, CPU, "bfloat16", n) for n in (1, 2))
    assert shared.fixed > alone.fixed and shared.per_sequence > 1.2 * alone.per_sequence


def test_a_model_that_does_not_fit_at_all_is_told_to_be_smaller() -> None:
    room = memory_needed(REPORT, CPU, "float32").fixed // 2
    with pytest.raises(InputError, match=r"free: lower model\.width"):
        check_memory(REPORT, 1, room, CPU, "float32")


def test_what_the_system_has_is_free_where_nothing_else_limits_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(memory, "CGROUP", tmp_path / "no container")
    now = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: now)
    assert memory_available(CPU) == now.available > 0


def test_files_that_were_read_in_a_container_take_no_memory(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    (tmp_path / "memory.current").write_text("990000\n")
    facts = "anon 190000\nfile 800000\ninactive_file 500000\nactive_file 300000\n"
    (tmp_path / "memory.stat").write_text(facts)
    (tmp_path / "memory.max").write_text("1000000\n")
    now = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: now)
    assert memory_available(CPU) == 810_000
    (tmp_path / "memory.max").write_text("max\n")
    assert memory_available(CPU) == now.available


def test_a_gpu_that_fills_up_during_training_is_told_and_the_run_can_go_on(
    store, tmp_path, monkeypatch, capsys
) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    out = tmp_path / "run"
    with monkeypatch.context() as filled:
        filled.setattr(trainer, "train_epoch", full)
        assert train_here(store, out) == 2
    told = capsys.readouterr().err
    assert "no memory left for training.batch_size" in told and "Traceback" not in told
    assert events(out)[-1]["event"] == "failed"
    assert train_here(store, out) == 0
