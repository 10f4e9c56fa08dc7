"""Several processes give the numbers of one; one that is lost ends the evaluation, not the data."""

import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from cvae.__main__ import main
from tests.command import cvae_command
from tests.evaluation.runs import files
from tests.processes import is_running, standing_first, standing_still
from tests.tiny_data import tiny_store
from tests.training.runs import torchrun

SEQUENCES, SAMPLES = 16, 32  # eight chunks, as two have room for so many samples
KEPT = "cvae.evaluation.storage:Partial.keep"  # a chunk

# A dozen processes: slow on a machine that does other things.
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return tiny_store(tmp_path_factory.mktemp("data") / "store", 1, 1, SEQUENCES)


def command(data: Path, model: Path) -> list[str]:
    options = ("--protocols", "rolled-out-states", "--samples", SAMPLES)
    return cvae_command("evaluate", model, "--data", data, *options)


def finish(data: Path, model: Path) -> None:
    """The same command in this process, which has imported all that takes seconds."""
    assert main(command(data, model)[3:]) == 0


@pytest.fixture(scope="module")
def alone(data, tiny_checkpoints, tmp_path_factory) -> dict[str, bytes]:
    """What one process leaves that nothing disturbs."""
    model = shutil.copytree(tiny_checkpoints / "learned", tmp_path_factory.mktemp("a") / "learned")
    finish(data, model)
    return files(model)


@pytest.fixture
def model(tiny_checkpoints, tmp_path) -> Path:
    return shutil.copytree(tiny_checkpoints / "learned", tmp_path / "learned")


def chunks(model: Path) -> dict[Path, int]:
    """What is kept of an evaluation in progress, and when it was written."""
    found = (model / "evaluation.partial").glob("*/*.csv.xz")
    return {file: file.stat().st_mtime_ns for file in found}


def test_killed_and_continued_equals_undisturbed(data, model, alone) -> None:
    with standing_still(command(data, model), KEPT, 1):
        pass
    kept = chunks(model)
    with standing_still(command(data, model), KEPT, 1) as again:
        after = chunks(model)
        assert len(after) == len(kept) + 1
        assert {file: after[file] for file in kept} == kept, "nothing is measured twice"
        again.send_signal(signal.SIGINT)
        again.send_signal(signal.SIGCONT)
        assert again.wait() == 130
    finish(data, model)
    assert files(model) == alone
    assert not (model / "evaluation.partial").exists()


def test_a_second_evaluation_of_a_model_is_refused(data, model, alone, tmp_path, capsys) -> None:
    with standing_still(command(data, model), KEPT, 1) as first:
        kept = chunks(model)
        words = command(data, model)[3:]
        assert main(words) == 2
        assert f"Another process is writing into {model}" in capsys.readouterr().err
        assert main([*words, "--out", str(tmp_path / "elsewhere"), "--limit", "1"]) == 0
        assert chunks(model) == kept
        first.send_signal(signal.SIGCONT)
        assert first.wait() == 0
    assert files(model) == alone


def test_two_processes_give_the_numbers_of_one(data, model, alone) -> None:
    done = subprocess.run([*torchrun(2), *command(data, model)[1:]], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    row = f"learned: one sample (mean over {SAMPLES})"
    assert done.stdout.count(row) == 1, "one process prints"
    assert files(model) == alone


# That a process is dead is known at once, that one hangs only when the time is up.
@pytest.mark.parametrize(("number", "minutes"), [(signal.SIGKILL, "2"), (signal.SIGSTOP, "1")])
def test_a_lost_process_ends_all_and_the_rest_goes_on(data, model, alone, number, minutes) -> None:
    line = [*torchrun(2), *command(data, model)[1:], "--timeout-minutes", minutes]
    with standing_still(line, KEPT, 1) as launcher:
        first, other = standing_first(launcher)
        other.send_signal(number)
        first.send_signal(signal.SIGCONT)
        assert launcher.wait() != 0
    assert not is_running(first) and not is_running(other)
    assert chunks(model)
    finish(data, model)
    assert files(model) == alone
