"""`make demo` starts the app; and what `make` says where it can't go on."""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.demo.server import address_that_answers
from tests.documented import PROJECT
from tests.lacking import lacking
from tests.processes import started

MAKE = ["make", "--directory", str(PROJECT)]
# --old-file: nothing is installed for a test.
AS_IT_IS = ["--old-file=app-environment", f"RUN={sys.executable}"]


@pytest.fixture(autouse=True)
def make_is_there() -> None:
    if shutil.which("make") is None:
        lacking("no make found: install the system's make package")


def failed(*words: str) -> str:
    """What `make` prints that ends with an error."""
    with started([*MAKE, *words], stdout=subprocess.PIPE, text=True) as make:
        printed, _ = make.communicate()
    assert make.returncode == 2
    return printed


def free_port() -> int:
    """Below those that a system gives to whoever asks for any, so that it stays free."""
    for port in range(20_000, 30_000):
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def newcomer(home: Path) -> dict[str, str]:
    """Surroundings of who never started Streamlit; a browser is asked for in `home`/asked.txt."""
    for opener in ("xdg-open", "open"):  # of Linux, of macOS
        (home / opener).write_text(f'#!/bin/sh\necho "$1" >>{shlex.quote(str(home))}/asked.txt\n')
        (home / opener).chmod(0o755)
    path = os.pathsep.join((str(home), os.environ["PATH"]))
    return {**os.environ, "HOME": str(home), "PATH": path}


def test_the_first_command_starts_the_app_opens_a_browser_and_ends_with_ctrl_c(tmp_path) -> None:
    port, log, asked = free_port(), tmp_path / "log.txt", tmp_path / "asked.txt"
    line = [*MAKE, *AS_IT_IS, f"PORT={port}", "demo"]
    # Nobody is there to answer a question, and signals reach what is started here alone.
    surroundings = {"stdin": subprocess.DEVNULL, "start_new_session": True}
    surroundings["env"] = newcomer(tmp_path)
    with (
        log.open("w") as words,
        started(line, stdout=words, stderr=words, **surroundings) as make,
    ):
        address = address_that_answers(make, log)
        assert address == f"http://localhost:{port}"
        assert f"Starting the app on {address} (end it with Ctrl-C)." in log.read_text()
        for _ in range(2400):
            if asked.exists() and asked.read_text() == f"{address}\n":
                break
            time.sleep(0.05)
        else:
            raise AssertionError(f"no browser was opened:\n{log.read_text()}")
        os.killpg(make.pid, signal.SIGINT)
        make.wait(120)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        printed = failed(*AS_IT_IS, f"PORT={port}", "demo")
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
