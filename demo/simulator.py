"""What would have happened: scenes of the simulator run again, in a process beside the app's.

Drawing with OpenGL belongs to one thread, and a library that is missing can end a process.
"""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Lock, Timer

import numpy as np
import streamlit as st

from cvae.data.bundle import SequenceSource
from cvae.data.sequence import Sequence
from cvae.errors import InputError
from demo.kept import Kept
from demo.predictions import digest
from demo.settings import PROJECT

PATIENCE = 60  # seconds; a ride takes one, and the first one two more
MOST_KEPT = 64  # rides of up to 0.6 MB


class Simulator:
    """Reruns one scene at a time, in a process that is begun when it is first asked."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    def rerun(self, recorded: Sequence, actions: np.ndarray) -> np.ndarray:
        """Frames uint8 (T, H, W, 3) of the scene of `recorded` if the arm is told `actions` (T, 4).

        Raises InputError where it can't be drawn here, or no arm can be given such commands.
        """
        asked = {
            "seed": recorded.seed,
            "name": recorded.name,
            "actions": actions.astype(float).round(4).tolist(),
        }
        with self._lock:
            try:
                header, content = self._ask(json.dumps(asked).encode() + b"\n")
            except (OSError, ValueError) as error:
                self.close()
                raise InputError(
                    "The simulator gave no answer: try `python -m cvae simulate`, which says what "
                    "it lacks, or choose what was recorded."
                ) from error
        if problem := header.get("problem"):
            raise InputError(problem)
        return np.frombuffer(content, np.uint8).reshape(header["shape"])

    def _ask(self, line: bytes) -> tuple[dict, bytes]:
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, "-m", "cvae.simulation.serving"]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT
            )
        given, answers = self._process.stdin, self._process.stdout
        assert given and answers
        too_long = Timer(PATIENCE, self._process.kill)
        too_long.start()
        try:
            given.write(line)
            given.flush()
            header = json.loads(answers.readline())
            size = int(np.prod(header.get("shape", [0])))
            content = answers.read(size)
        finally:
            too_long.cancel()
        if len(content) < size:
            raise ValueError("the answer is cut off")
        return header, content

    def close(self) -> None:
        """End the process; another one is begun when it is asked again."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


@st.cache_resource(show_spinner=False, on_release=Simulator.close)
def simulator() -> Simulator:
    """The one of this server."""
    return Simulator()


@st.cache_resource(show_spinner=False)
def kept_reruns() -> Kept[np.ndarray]:
    """Those of this server."""
    return Kept(MOST_KEPT)


def can_rerun(source: SequenceSource) -> bool:
    """Whether the scenes of `source` can be rebuilt here."""
    from cvae.simulation.rerun import require_same_simulator

    if importlib.util.find_spec("mujoco") is None:
        return False
    try:
        require_same_simulator(source, source.names[0])
    except InputError:
        return False
    return True


def would_have_happened(
    recorded: Sequence,
    actions: np.ndarray,
    in_turn: Callable[[], AbstractContextManager[None]],
) -> np.ndarray:
    """As `Simulator.rerun`, kept for all visitors; in_turn: entered before anything is computed."""
    key = (digest(recorded), actions.tobytes())
    return kept_reruns().get_or_compute(key, lambda: simulator().rerun(recorded, actions), in_turn)
