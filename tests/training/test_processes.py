"""Several processes train one model, as one process would."""

import signal
import sys

import pytest

from cvae.commands.train import this_command
from cvae.model.history import load_history
from tests.processes import is_running, standing_first, standing_still
from tests.training.runs import EVENT, command, events, torchrun, train, train_together

# Exact arithmetic: what is compared is the sharing, not the rounding of bfloat16.
SETTINGS = (
    *("--training.epochs", "3", "--training.batch-size", "8"),
    *("--training.state-updates", "5", "--precision", "float32"),
)


def test_two_processes_give_the_loss_curve_of_one(store, tmp_path) -> None:
    alone, together = tmp_path / "alone", tmp_path / "together"
    assert train(store, alone, *SETTINGS).returncode == 0
    done = train_together(2, store, together, *SETTINGS)
    assert done.returncode == 0, done.stderr
    one, two = load_history(alone), load_history(together)
    assert list(two.columns) == list(one.columns)
    for column in ("train_loss", "train_mse", "kl"):
        assert (two[column] - one[column]).abs().max() < 1e-4, column
    assert (two.validation_psnr - one.validation_psnr).abs().max() < 0.1
    assert events(together)[0]["processes"] == 2
    assert [e["event"] for e in events(together)].count("epoch") == 3, "one process writes"
    assert done.stdout.count(f"{together} is complete.") == 1, "one process prints"
    again = train_together(2, store, together, *SETTINGS)
    assert (again.returncode, again.stdout) == (0, f"{together} is already complete.\n")


def test_a_killed_process_ends_all_and_another_number_goes_on(store, tmp_path) -> None:
    out = tmp_path / "run"
    line = [*torchrun(2), *command(store, out, *SETTINGS, "--save-minutes", "0")[1:]]
    with standing_still(line, EVENT, 4) as launcher:  # the first one, which writes
        first, other = standing_first(launcher)
        other.kill()
        first.send_signal(signal.SIGCONT)
        assert launcher.wait() != 0
    assert not is_running(first) and not is_running(other)
    done = train(store, out, *SETTINGS)
    assert done.returncode == 0, done.stderr
    assert list(load_history(out).epoch) == [1, 2, 3]


@pytest.mark.parametrize(
    ("machines", "where"), [(1, ""), (3, "   (on each of the 3 machines, as before)")]
)
def test_who_is_stopped_under_torchrun_is_told_its_command(machines, where, monkeypatch) -> None:
    monkeypatch.setattr(sys, "argv", ["__main__.py", "train", "tiny", "--out", "a run"])
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "any")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    monkeypatch.setenv("GROUP_WORLD_SIZE", str(machines))
    words = "torchrun --nproc-per-node 2 -m cvae train tiny --out 'a run'"
    assert this_command() == words + where


def test_a_batch_that_can_not_be_shared_is_refused(store, tmp_path) -> None:
    refused = train_together(2, store, tmp_path / "run", "--training.batch-size", "3")
    assert refused.returncode != 0
    assert "training.batch_size 3 can't be shared evenly by 2 processes" in refused.stderr
    assert not (tmp_path / "run").exists()
