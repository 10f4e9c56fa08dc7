"""`python -m cvae`: every command explains itself, and bad words end with code 2."""

import subprocess
import sys

import pytest

from cvae.__main__ import COMMANDS
from cvae.data.bundle import open_test_sequences
from cvae.data.store import Store


def cvae(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "cvae", *words], capture_output=True, text=True)


def test_help_lists_every_command() -> None:
    done = cvae("--help")
    assert done.returncode == 0
    for name in COMMANDS:
        assert f"  {name} " in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_a_help_worth_reading(name) -> None:
    done = cvae(name, "--help")
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.replace("│", " ").split())
    assert f"python -m cvae {name}" in text
    assert len(text) > 400, "a help page tells what the command does and what each option means"


def test_an_unknown_command_names_those_that_exist() -> None:
    done = cvae("traim")
    assert done.returncode == 2
    assert "'traim'" in done.stderr
    assert "train" in done.stderr


def test_an_unknown_option_ends_with_code_2(tmp_path) -> None:
    assert cvae("train", "tiny", "--daat", "x").returncode == 2


def test_bundle_writes_sequences_with_a_title_and_then_the_first_others(store, tmp_path) -> None:
    done = cvae("bundle", str(store), str(tmp_path / "bundle"), "--count", "3")
    assert done.returncode == 0, done.stderr
    bundled, test = open_test_sequences(tmp_path / "bundle"), Store.open(store).split("test")
    others = [name for name in test.names if name not in bundled.titles]
    assert bundled.names == [*bundled.titles, *others][:3]
    for sequence, name in zip(bundled, bundled.names, strict=True):
        assert (sequence.frames == test.by_name(name).frames).all()


def test_bundle_refuses_more_than_there_are(store, tmp_path) -> None:
    done = cvae("bundle", str(store), str(tmp_path / "bundle"), "--count", "99")
    assert done.returncode == 2
    assert "has 4 test sequences" in done.stderr
    assert not (tmp_path / "bundle").exists()
