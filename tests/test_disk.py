"""Files are whole whoever writes them, and a killed writer leaves nothing for long."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path

from cvae.disk import (
    drop_cut_off_line,
    has_owner,
    is_leftover,
    sole_owner,
    write_text,
    write_whole,
)
from tests.processes import started

WRITES = "import os, signal, sys; from pathlib import Path; from cvae.disk import write_whole; "
# Not before the other process is there, too.
TOGETHER = """
file, letter, other = Path(sys.argv[1]), *sys.argv[2:]
(file.parents[1] / letter).touch()
while not (file.parents[1] / other).exists():
    pass
for _ in range(20):
    write_whole(file, letter.encode() * 100_000)
"""


def begin(file: Path, then: str) -> AbstractContextManager[subprocess.Popen]:
    """A process that writes `file`, or does `then` once all is written but for the name."""
    code = f"os.fsync = lambda file: {then}; write_whole(Path(sys.argv[1]), b'theirs')"
    return started([sys.executable, "-c", WRITES + code, str(file)])


def test_several_processes_write_one_file(tmp_path) -> None:
    file = tmp_path / "folder" / "file"
    words = [sys.executable, "-c", WRITES + TOGETHER, str(file)]
    seen = set()
    with started([*words, "a", "b"]) as one, started([*words, "b", "a"]) as other:
        while one.poll() is None or other.poll() is None:
            seen.add(file.read_bytes() if file.exists() else b"")
    assert (one.returncode, other.returncode) == (0, 0)
    assert seen <= {b"", b"a" * 100_000, b"b" * 100_000}
    assert list(file.parent.iterdir()) == [file]


def test_what_a_kill_leaves_is_removed_by_the_next_who_writes(tmp_path) -> None:
    file, other = tmp_path / "file", tmp_path / ".other.1.new"
    other.write_bytes(b"another file's")
    write_whole(file, b"before")
    for _ in range(2):  # it does not pile up
        with begin(file, "os.kill(os.getpid(), signal.SIGKILL)") as killed:
            assert killed.wait() == -signal.SIGKILL
        assert file.read_bytes() == b"before"
        [left] = set(tmp_path.iterdir()) - {file, other}
        assert is_leftover(left, "file") and not is_leftover(left, "fil")
    write_whole(file, b"after")
    assert {path.name for path in tmp_path.iterdir()} == {"file", ".other.1.new"}
    assert file.read_bytes() == b"after"


def test_what_another_process_is_writing_is_not_taken_for_a_leftover(tmp_path) -> None:
    file = tmp_path / "file"
    with begin(file, "os.kill(os.getpid(), signal.SIGSTOP)") as slow:
        os.waitpid(slow.pid, os.WUNTRACED)
        write_whole(file, b"ours")
        assert file.read_bytes() == b"ours"
        while slow.poll() is None:  # it stops once more, to have the folder on the disk
            slow.send_signal(signal.SIGCONT)
    assert slow.returncode == 0
    assert file.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [file]


def test_who_only_looks_keeps_nobody_out(tmp_path, monkeypatch) -> None:
    looking = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH)  # as has_owner does for a moment
    monkeypatch.setattr(time, "sleep", lambda _: os.close(looking))
    with sole_owner(tmp_path):
        assert has_owner(tmp_path)
    assert not has_owner(tmp_path)


def test_what_is_interrupted_leaves_nothing(tmp_path) -> None:
    file = tmp_path / "file"
    with begin(file, "os.kill(os.getpid(), signal.SIGINT)") as stopped:
        assert stopped.wait() == -signal.SIGINT
    assert list(tmp_path.iterdir()) == []


def test_a_last_line_that_is_cut_off_is_dropped(tmp_path) -> None:
    file = tmp_path / "new" / "lines"
    write_text(file, "one\ntwo\nhal")
    assert drop_cut_off_line(file) == file.read_bytes() == b"one\ntwo\n"
    write_text(file, "hal")
    assert drop_cut_off_line(file) == file.read_bytes() == b""
