"""Whether scenes can be simulated and drawn on this machine."""

import importlib.util
import subprocess
import sys

from cvae.errors import InputError

# A process of its own: a missing OpenGL library can end a process, not only raise in it.
PROBE = "from cvae.simulation.camera import drawing_context; drawing_context(64)"


def require_simulator() -> None:
    """Raises InputError, saying what to install, unless MuJoCo is there and can draw."""
    if importlib.util.find_spec("mujoco") is None:
        raise InputError(
            "MuJoCo is not installed: run `pip install -r requirements-simulation.txt`."
        )
    probe = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True)
    if probe.returncode != 0:
        reason = (probe.stderr.strip().splitlines() or ["no message"])[-1]
        raise InputError(
            f"MuJoCo can't draw here ({reason}): install a software OpenGL (Debian: "
            "libosmesa6), or set MUJOCO_GL to egl or glfw where there is a graphics card."
        )
