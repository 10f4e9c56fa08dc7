"""Training as a user starts it: the command line, in processes of their own."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import torch

from cvae.__main__ import main
from cvae.model.checkpoint import load_checkpoint
from cvae.model.history import load_history
from tests.command import cvae_command


def command(store: Path, out: Path, *options: str) -> list[str]:
    words = ("train", "tiny", "--data", store, "--out", out, "--device", "cpu")
    return cvae_command(*words, *options)


def train(store: Path, out: Path, *options: str) -> subprocess.CompletedProcess:
    return subprocess.run(command(store, out, *options), capture_output=True, text=True)


def train_here(store: Path, out: Path, *options: str) -> int:
    """The exit code of the command in this process, which has imported all that takes seconds."""
    try:
        return main(command(store, out, *options)[3:])
    except SystemExit as ended:  # by the parser of the options
        return ended.code


def train_together(
    processes: int, store: Path, out: Path, *options: str
) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*torchrun(processes), *command(store, out, *options)[1:]], capture_output=True, text=True
    )


def torchrun(processes: int) -> list[str]:
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    return [*launcher, "--nproc-per-node", str(processes)]


def events(out: Path) -> list[dict]:
    """What `out` tells so far; a line that is just being written is left out."""
    file = out / "events.jsonl"
    text = file.read_text() if file.is_file() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


# Where a run may be had to stand still; see tests/processes.py.
EVENT = "cvae.training.event_log:EventLog.write"
BATCH = "cvae.training.watching:Watch.batch"  # not saved yet


def wait_for_events(process: subprocess.Popen, out: Path, count: int) -> bool:
    """Whether `process` is still there when `out` tells of `count` events."""
    while process.poll() is None and len(events(out)) < count:
        time.sleep(0.01)
    return process.poll() is None


def assert_same_run(out: Path, undisturbed: Path) -> None:
    """To the bit, in history (all columns but the seconds) and weights."""
    pd.testing.assert_frame_equal(
        load_history(out).drop(columns="seconds"),
        load_history(undisturbed).drop(columns="seconds"),
        check_exact=True,
    )
    expected = load_checkpoint(undisturbed).model.state_dict()
    for name, tensor in load_checkpoint(out).model.state_dict().items():
        assert torch.equal(tensor, expected[name]), name
