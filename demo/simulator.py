"""What would have happened: scenes of the simulator run again, in a process beside the app's.

Drawing with OpenGL belongs to one thread, and a library that is missing can end a process.
"""

import contextlib
import importlib.util
import json
import subprocess
import sys
import time
from threading import Lock, Timer

import numpy as np
import streamlit as st

from cvae.data.bundle import SequenceSource
from cvae.data.sequence import Sequence
from cvae.errors import InputError
from cvae.simulation.origin import require_same_simulator
from demo.kept import Kept
from demo.predictions import digest
from demo.settings import PROJECT

COMMAND = (sys.executable, "-m", "cvae.simulation.serving")
PATIENCE = 100  # seconds; an answer takes less than one, the first two more, many on busy cores
RESTING = 60  # seconds after a failure in which nobody waits for it again
MOST_KEPT = 64  # of up to 0.6 MB
NO_ANSWER = (
    "The simulator gave no answer: try `python -m cvae simulate`, which says what it lacks, or "
    "choose what was recorded."
)


class Simulator:
    """Reruns one scene at a time, in a process that is begun when it is first asked."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()
        self._failed = -float("inf")

    def rerun(self, recorded: Sequence, actions: np.ndarray) -> Sequence:
        """The scene of `recorded` if the arm is told `actions` (T, 4).

        Raises InputError where it can't be drawn here, or no arm can be told such commands.
        """
        told = actions.astype(float).tolist()
        asked = {"seed": recorded.seed, "name": recorded.name, "actions": told}
        with self._lock:
            if time.monotonic() - self._failed < RESTING:
                raise InputError(NO_ANSWER)
            try:
                header, content = self._ask(json.dumps(asked).encode() + b"\n")
            except (OSError, ValueError) as error:
                self._failed = time.monotonic()
                raise InputError(NO_ANSWER) from error
        if problem := header.get("problem"):
            raise InputError(problem)
        return Sequence(
            recorded.name,
            # Of a bytearray: PyTorch warns of arrays that can't be written to.
            np.frombuffer(bytearray(content), np.uint8).reshape(header["shape"]),
            actions,
            np.array(header["positions"], np.float32),
        )

    def _ask(self, line: bytes) -> tuple[dict, bytes]:
        process = self._running()
        given, answers = process.stdin, process.stdout
        assert given and answers
        too_long = Timer(PATIENCE, process.kill)
        too_long.daemon = True
        too_long.start()
        try:
            given.write(line)
            given.flush()
            header = json.loads(answers.readline())
            size = int(np.prod(header["shape"])) if "shape" in header else 0
            content = answers.read(size)
            if len(content) < size:
                raise ValueError("the answer is cut off")
        except BaseException:
            self.close()  # or the next one would get what is left of this answer
            raise
        finally:
            too_long.cancel()
        return header, content

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT
            )
        return self._process

    def close(self) -> None:
        """End the process; another one is begun when it is asked again."""
        process, self._process = self._process, None
        if process:
            process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired, OSError, ValueError):
                process.communicate(timeout=5)


@st.cache_resource(show_spinner=False, on_release=Simulator.close)
def simulator() -> Simulator:
    """The one of this server."""
    return Simulator()


@st.cache_resource(show_spinner=False)
def kept_reruns() -> Kept[Sequence]:
    """Those of this server."""
    return Kept(MOST_KEPT)


def can_rerun(source: SequenceSource) -> bool:
    """Whether the scenes of `source` can be rebuilt here."""
    return is_of_this_simulator(source) and has_mujoco()


def is_of_this_simulator(source: SequenceSource) -> bool:
    try:
        require_same_simulator(source, source.names[0])
    except InputError:
        return False
    return True


def has_mujoco() -> bool:
    return importlib.util.find_spec("mujoco") is not None


def would_have_happened(recorded: Sequence, actions: np.ndarray) -> Sequence:
    """As `Simulator.rerun`, kept for all visitors.

    Not in the line of those who predict: it works beside them, and may be slow to fail.
    """

    def compute() -> Sequence:
        return simulator().rerun(recorded, actions)

    def waiting() -> contextlib.AbstractContextManager[None]:
        return st.spinner("Simulating …", show_time=True)

    key = (digest(recorded), actions.tobytes())
    return kept_reruns().get_or_compute(key, compute, waiting)
