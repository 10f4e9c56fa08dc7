"""A run goes on after whatever ended it, and ends up as if nothing had happened."""

import resource
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from zipfile import ZipFile

import pytest
import torch

from cvae.device import fastest
from cvae.training.interruption import StopSignals
from tests.processes import standing_still, started
from tests.tiny_data import tiny_store
from tests.training.runs import BATCH, EVENT, assert_same_run, command, events, train_here

# 4 epochs of 4 batches, the last of them smaller; passes over the 8 sequences end within epochs.
SETTINGS = (
    *("--training.epochs", "4", "--training.sequences-per-epoch", "14"),
    *("--training.state-updates", "5"),
)
EVERY_BATCH = ("--save-minutes", "0")


@pytest.fixture(scope="module")
def whole(store, tmp_path_factory) -> Path:
    """A run that nothing disturbed."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    assert train_here(store, out, *SETTINGS) == 0
    return out


def at(
    where: str, calls: int, store: Path, out: Path, *options: str, **popen
) -> AbstractContextManager[subprocess.Popen]:
    """A run that stands still there, and is killed in the end."""
    return standing_still(command(store, out, *SETTINGS, *options), where, calls, **popen)


@pytest.fixture(scope="module")
def killed(store, tmp_path_factory) -> Path:
    """A run of which no epoch is done, but the state model is fitted; leave it unchanged."""
    out = tmp_path_factory.mktemp("runs") / "killed"
    with at(EVENT, 2, store, out):
        pass
    return out


@pytest.fixture
def out(killed, tmp_path) -> Path:
    """A copy of it, to go on with or to damage."""
    return shutil.copytree(killed, tmp_path / "run")


def test_killed_again_and_again_equals_undisturbed(store, whole, tmp_path) -> None:
    out = tmp_path / "killed"
    # Saved after every batch, or after epochs only: then a kill loses batches.
    with at(EVENT, 4, store, out, *EVERY_BATCH):  # two of them for what is before the first batch
        pass
    with at(BATCH, 3, store, out):
        pass
    with at(BATCH, 3, store, out, *EVERY_BATCH):
        pass
    with at(EVENT, 2, store, out):
        pass
    assert train_here(store, out, *SETTINGS) == 0
    assert_same_run(out, whole)
    places = [(e["epoch"], e["batch"]) for e in events(out) if e["event"] == "resumed"]
    assert places == [(1, 2), (2, 0), (2, 2), (3, 0)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_by_a_signal_says_how_to_go_on(store, whole, tmp_path, number) -> None:
    out = tmp_path / "a run"
    with at(EVENT, 5, store, out, *EVERY_BATCH, stderr=subprocess.PIPE, text=True) as process:
        process.send_signal(number)
        process.send_signal(signal.SIGCONT)
        _, told = process.communicate()
    assert process.returncode == 128 + number
    assert events(out)[-1]["event"] == "interrupted"
    shown = next(line for line in told.splitlines() if "-m cvae train" in line)
    words = shlex.split(shown)
    assert words[0] == "python" and words[-2:] == list(EVERY_BATCH)
    again = subprocess.run([sys.executable, *words[1:]], capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert "Going on with" in again.stdout
    assert_same_run(out, whole)


@pytest.mark.parametrize(("rank", "told"), [("0", 1), ("3", 0)])
def test_of_many_processes_one_says_that_it_stops(monkeypatch, capfd, rank, told) -> None:
    monkeypatch.setenv("RANK", rank)
    with StopSignals() as stop:
        for _ in range(2):
            signal.raise_signal(signal.SIGTERM)
    assert stop.requested == signal.SIGTERM
    assert capfd.readouterr().err.count("Stopping after this batch") == told


def test_a_full_disk_keeps_the_last_state(store, whole, out) -> None:
    resume = out / "resume.pt"
    before = resume.read_bytes()

    def no_room() -> None:
        # With the optimizer's averages a state is larger than the first one was.
        room = len(before) * 5 // 4
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    words = command(store, out, *SETTINGS)
    with started(words, stderr=subprocess.PIPE, text=True, preexec_fn=no_room) as stopped:
        _, told = stopped.communicate()
    assert stopped.returncode == 2, told
    assert "resume.pt can't be written" in told and "Traceback" not in told
    assert resume.read_bytes() == before
    assert not list(out.glob(".*.new"))
    assert train_here(store, out, *SETTINGS) == 0
    assert_same_run(out, whole)


def test_two_processes_do_not_write_one_folder(store, tmp_path, capsys) -> None:
    out = tmp_path / "run"
    with at(EVENT, 1, store, out):
        assert train_here(store, out, *SETTINGS) == 2
    assert f"Another process is writing into {out}: wait for it" in capsys.readouterr().err


def test_resuming_with_other_settings_or_data_names_the_difference(
    store, out, tmp_path, capsys
) -> None:
    assert train_here(store, out, *SETTINGS, "--training.learning-rate", "0.5") == 2
    assert "training.learning_rate was 0.001, is 0.5" in capsys.readouterr().err
    other = tiny_store(tmp_path / "other", validate=3)
    assert train_here(other, out, *SETTINGS) == 2
    told = capsys.readouterr().err
    assert "data.validate was 4, is 3" in told and "data.checksum was" in told


def test_resuming_in_another_precision_is_refused(store, out, capsys) -> None:
    was = fastest(torch.device("cpu"))
    other = "float32" if was == "bfloat16" else "bfloat16"
    assert train_here(store, out, *SETTINGS, "--precision", other) == 2
    assert f"data.precision was {was!r}, is {other!r}" in capsys.readouterr().err


def test_a_run_older_than_a_setting_goes_on(store, whole, out) -> None:
    state = torch.load(out / "resume.pt", weights_only=True)
    del state["settings"]["training"]["windows"], state["settings"]["model"]["compositing"]
    torch.save(state, out / "resume.pt")
    assert train_here(store, out, *SETTINGS) == 0
    assert_same_run(out, whole)


def test_a_damaged_state_is_told(store, out, capsys) -> None:
    (out / "resume.pt").write_bytes(b"half a file")
    assert train_here(store, out, *SETTINGS) == 2
    assert "resume.pt is damaged" in capsys.readouterr().err


def test_a_state_with_a_flipped_byte_is_refused(store, out, capsys) -> None:
    file = out / "resume.pt"
    with ZipFile(file) as parts:
        weights = max(parts.infolist(), key=lambda part: part.file_size)
    content = bytearray(file.read_bytes())
    content[weights.header_offset + weights.file_size // 2] ^= 1  # PyTorch would go on with it
    file.write_bytes(content)
    assert train_here(store, out, *SETTINGS) == 2
    assert "resume.pt is damaged" in capsys.readouterr().err


def test_a_state_of_another_version_is_refused(store, out, capsys) -> None:
    torch.save({"settings": {}, "history": []}, out / "resume.pt")
    assert train_here(store, out, *SETTINGS) == 2
    assert "another version of this program" in capsys.readouterr().err
