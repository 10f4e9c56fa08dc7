"""`python -m cvae.simulation.serving`: scenes rerun for another process, which can't draw itself.

A line of JSON in, {"seed", "name", "actions"}; a line of JSON out, {"shape", "positions"} and then
the frames' bytes, or {"problem"} in words. It ends when its input does.
"""

import json
import os
import sys
from typing import Any, BinaryIO

import numpy as np

from cvae.data.sequence import Sequence
from cvae.errors import InputError
from cvae.simulation.rerun import rerun


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer each line of `requests`, in turn."""
    for line in requests:
        try:
            made = _rerun(json.loads(line))
        except InputError as error:
            answers.write(_line({"problem": str(error)}))
        else:
            assert made.positions is not None
            told = {"shape": made.frames.shape, "positions": made.positions.tolist()}
            answers.write(_line(told) + made.frames.tobytes())
        answers.flush()


def _rerun(asked: dict[str, Any]) -> Sequence:
    nothing = np.empty(0)
    recorded = Sequence(asked["name"], nothing, nothing, seed=asked["seed"])
    return rerun(recorded, np.array(asked["actions"]))


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"


if __name__ == "__main__":
    # What libraries print goes to the log: the answers have the output to themselves.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        serve(sys.stdin.buffer, answers)
