"""Soft shadows on the bin's floor: flat dark discs, laid over each other so that they fade out.

The room's light comes from everywhere, so a thing darkens the floor beside it the more the lower
it is. A lamp's hard-edged shadow map, which is what OpenGL offers, looks nothing like it.
"""

import mujoco
import numpy as np

from cvae.simulation.scene import FINGER_LENGTH

# Radii in multiples of the caster's own; each disc takes this share of the light away.
RINGS = ((1.5, 0.045), (1.2, 0.06), (0.95, 0.08))
HEIGHT = 0.0015  # metres above the floor of the lowest disc, and between discs
FADING = 0.07  # metres up at which a shadow has lost 1 - 1/e of its depth


def cast_shadows(scene: mujoco.MjvScene, model: mujoco.MjModel, data: mujoco.MjData) -> None:
    """Add to `scene` the shadows of all toys and of the gripper."""
    for body in range(model.nbody):
        name = model.body(body).name
        if name.startswith("toy"):
            # As if it were a ball of the same inertia: thin and small things darken less.
            inertia = model.body_inertia[body].sum() / (3.0 * model.body_mass[body])
            radius = 1.15 * np.sqrt(2.5 * inertia)
            _blot(scene, data.xipos[body], radius, data.xipos[body][2] - radius)
        elif name.startswith("hand"):
            tip = data.xpos[body] - np.array([0.0, 0.0, FINGER_LENGTH])
            _blot(scene, tip, 0.035, tip[2])
            _blot(scene, tip - np.array([0.02, 0.0, 0.0]), 0.075, tip[2] + 0.04)


def _blot(scene: mujoco.MjvScene, above: np.ndarray, radius: float, height: float) -> None:
    fade = np.exp(-max(height, 0.0) / FADING)
    for ring, (wider, share) in enumerate(RINGS):
        geom = scene.geoms[scene.ngeom]
        mujoco.mjv_initGeom(
            geom,
            mujoco.mjtGeom.mjGEOM_CYLINDER,
            np.array([wider * radius, 0.0002, 0.0]),
            np.array([above[0], above[1], HEIGHT * (1 + ring)]),
            np.eye(3).ravel(),
            np.array([0.05, 0.04, 0.02, share * fade], np.float32),
        )
        # mjv_initGeom leaves these as memory happens to be, and drawing depends on them.
        geom.objtype, geom.objid, geom.segid = mujoco.mjtObj.mjOBJ_UNKNOWN, -1, -1
        geom.category, geom.camdist, geom.transparent = mujoco.mjtCatBit.mjCAT_DECOR, 0.0, 1
        scene.ngeom += 1
