"""A simulated stand-in for the BAIR robot-pushing data (needs the optional MuJoCo)."""

import os
import sys

# MuJoCo looks for a way to draw when it is first imported. On Linux, software drawing needs
# neither a screen nor a graphics card; a user's own choice stands.
if sys.platform == "linux":
    os.environ.setdefault("MUJOCO_GL", "osmesa")
