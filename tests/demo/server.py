"""The app as a process of its own, and where a browser is found that opens it."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

APP = Path(__file__).parents[2] / "demo" / "app.py"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class App:
    """address: without a slash at its end. log: what the server has said so far."""

    address: str
    process: subprocess.Popen
    log: Path


@contextmanager
def running_app(arguments: list[str], folder: Path) -> Iterator[App]:
    """`streamlit run demo/app.py -- ARGUMENTS` on a free port, started in `folder`.

    Raises AssertionError with the server's words where it does not answer.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(APP)]
    command += ["--server.port", str(port), "--server.headless", "true", "--", *arguments]
    log = folder / "log.txt"
    with (
        log.open("w") as words,
        subprocess.Popen(command, cwd=folder, stdout=words, stderr=words) as server,
    ):
        app = App(f"http://localhost:{port}", server, log)
        try:
            _wait_until_it_answers(app)
            yield app
        finally:
            server.terminate()


def _wait_until_it_answers(app: App) -> None:
    for _ in range(1200):
        if app.process.poll() is not None:
            break
        try:
            with urlopen(f"{app.address}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"the app does not answer at {app.address}:\n{app.log.read_text()}")


def find_chromium() -> str | None:
    """The system's Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")
