"""What `make` says where it can't go on."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documented import PROJECT
from tests.lacking import lacking
from tests.processes import started


@pytest.fixture(autouse=True)
def make_is_there() -> None:
    if shutil.which("make") is None:
        lacking("no make found: install the system's make package")


def failed(*words: str) -> str:
    """What `make` prints that ends with an error."""
    line = ["make", "--directory", str(PROJECT), *words]
    with started(line, stdout=subprocess.PIPE, text=True) as make:
        printed, _ = make.communicate()
    assert make.returncode == 2
    return printed


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        # --old-file: nothing is installed for a test.
        options = ("--old-file=app-environment", f"RUN={sys.executable}", f"PORT={port}")
        printed = failed(*options, "demo")
    assert f"Port {port} is taken" in printed and f"make demo PORT={port + 1}" in printed
    assert "Starting the app" not in printed


def test_a_python_that_is_too_old_is_told(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n")  # what its sys.exit(version < ..) comes to
    old.chmod(0o755)
    venv = tmp_path / "venv"
    printed = failed(f"PYTHON={old}", f"VENV={venv}", f"{venv}/bin/python")
    assert f"Python 3.11 or 3.12 is needed; found: {old}" in printed
    assert not venv.exists()
