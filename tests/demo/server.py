"""The app as a process of its own, and where a browser is found that opens it."""

import re
import shutil
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
def running_app(
    arguments: list[str], folder: Path, script: Path = APP, port: int = 0
) -> Iterator[App]:
    """`streamlit run SCRIPT -- ARGUMENTS` on `port`, or a free one, started in `folder`.

    Raises AssertionError with the server's words where it does not answer.
    """
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    # Port 0: the system chooses while the server binds it, so that nobody can come in between.
    command += ["--server.port", str(port), "--server.headless", "true", "--", *arguments]
    log = folder / "log.txt"
    with (
        log.open("w") as words,
        subprocess.Popen(command, cwd=folder, stdout=words, stderr=words) as server,
    ):
        try:
            yield App(address_that_answers(server, log), server, log)
        finally:
            server.terminate()


def address_that_answers(server: subprocess.Popen, log: Path) -> str:
    """Where the server, whose words are in `log`, says it can be seen, as soon as it can.

    Raises AssertionError with these words where it does not answer.
    """
    for _ in range(2400):
        if server.poll() is not None:
            break
        said = re.search(r"URL: (http://\S+)\n", log.read_text())
        if said:
            try:
                with urlopen(f"{said[1]}/_stcore/health", timeout=5):
                    return said[1]
            except OSError:
                pass
        time.sleep(0.05)
    raise AssertionError(f"the app does not answer:\n{log.read_text()}")


def find_chromium() -> str | None:
    """The system's Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")
