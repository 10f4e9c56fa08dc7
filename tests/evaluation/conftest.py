"""What the tests of both commands share: refusals, and models to write into."""

import shutil
from pathlib import Path

import pytest

from cvae.__main__ import main


@pytest.fixture
def refuses(capsys):
    """Calls the command line in this process; it must end with code 2 and one sentence."""

    def call(arguments: tuple, *words: object) -> None:
        capsys.readouterr()
        assert main([str(argument) for argument in arguments]) == 2
        [sentence] = capsys.readouterr().err.strip().splitlines()
        assert all(str(word) in sentence for word in words), sentence

    return call


@pytest.fixture
def checkpoints(tiny_checkpoints, tmp_path) -> Path:
    """A copy to write into and to damage."""
    return shutil.copytree(tiny_checkpoints, tmp_path / "checkpoints")
