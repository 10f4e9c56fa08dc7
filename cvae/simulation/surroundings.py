"""The wooden bin, what stands behind and before it, and the light on all that moves."""

import numpy as np

from cvae.data.sequence import FRAME_SIZE
from cvae.simulation.toys import numbers

BIN_CENTRE_Y = -0.028
CAMERA = "aux1"
CAMERA_POSITION = np.array([1.336, -0.04, 0.539])
FIELD_OF_VIEW = 50.0  # degrees, of the picture's height
RIGHT, UP = np.array([0.0, 1.0, 0.0]), np.array([-0.683, 0.0, 0.730])

PAINTED = ("floor", "lip", "left", "right", "back", "room", "table")
FURS = ("zebra", "grey_fur", "brown_fur")

# The walls slant outwards; the front one is the lip at the bottom of the picture. Upright unseen
# walls (group 5) keep the toys on the floor.
WOODEN_BIN = f"""
<geom class="bin" pos=".60 {BIN_CENTRE_Y} -.02" size=".33 .288 .02" material="floor"/>
<geom class="bin" pos="1.016 {BIN_CENTRE_Y} .037" size=".108 .60 .01" euler="0 -24 0"
  material="lip"/>
<geom class="bin" pos=".60 -.425 .092" size=".34 .152 .01" euler="-38 0 0" material="left"/>
<geom class="bin" pos=".60 .369 .092" size=".34 .152 .01" euler="38 0 0" material="right"/>
<geom class="bin" pos=".225 {BIN_CENTRE_Y} .045" size=".075 .26 .01" euler="0 48 0"
  material="back"/>
<geom class="bin" pos=".96 -.04 .2" size=".01 .5 .2" group="5"/>
<geom class="bin" pos=".27 -.04 .2" size=".01 .5 .2" group="5"/>
<geom class="bin" pos=".60 -.35 .2" size=".4 .01 .2" group="5"/>
<geom class="bin" pos=".60 .294 .2" size=".4 .01 .2" group="5"/>
<geom class="seen" pos=".925 -.335 .006" size=".016 .022 .006" rgba=".13 .17 .20 1"/>
<geom class="seen" pos=".925 .277 .006" size=".016 .020 .006" rgba=".20 .20 .20 1"/>"""


def camera() -> str:
    axes = numbers((*RIGHT, *UP))
    return (
        f'<camera name="{CAMERA}" pos="{numbers(tuple(CAMERA_POSITION))}" xyaxes="{axes}" '
        f'fovy="{FIELD_OF_VIEW}"/>'
    )


def screens() -> str:
    """The room behind the bin and the table's edge before it: painted, and facing the camera."""
    return screen("room", (-2.0, 14.0), distance=1.6) + screen("table", (57.3, 66.0), distance=0.4)


def screen(material: str, rows: tuple[float, float], *, distance: float) -> str:
    """A screen that fills the picture's width and the given rows, metres away from the camera."""
    scale = 2.0 * np.tan(np.radians(FIELD_OF_VIEW / 2)) * distance / FRAME_SIZE  # metres a pixel
    below = scale * (sum(rows) / 2 - FRAME_SIZE / 2)
    centre = CAMERA_POSITION - distance * np.cross(RIGHT, UP) - below * UP
    size = (scale * (FRAME_SIZE / 2 + 2), scale * (rows[1] - rows[0]) / 2, 0.001)
    return (
        f'<geom class="seen" pos="{numbers(tuple(centre))}" size="{numbers(size)}" '
        f'xyaxes="{numbers((*RIGHT, *UP))}" material="{material}"/>'
    )


def lights(rng: np.random.Generator) -> str:
    """Even light from the room, more of it from above; soft shadows are the camera's work."""
    even, above = rng.uniform(0.38, 0.44), rng.uniform(0.46, 0.54)
    return f"""
<light type="directional" dir="-.25 {rng.uniform(-0.3, 0.3):.3f} -1" ambient="{even} {even} {even}"
  diffuse="{above} {above} {above}" specular=".25 .25 .25" castshadow="false"/>
<light type="directional" dir="-1 0 -.3" ambient="0 0 0" diffuse=".16 .16 .16" specular="0 0 0"
  castshadow="false"/>"""


def materials() -> str:
    """Surfaces; those that the light is painted on are not to be lit again."""
    textures = "".join(
        f'<texture name="{name}" type="2d" file="{name}.png"/>' for name in (*PAINTED, *FURS)
    )
    painted = "".join(
        f'<material name="{name}" texture="{name}" emission="1" specular="0"/>' for name in PAINTED
    )
    furs = "".join(f'<material name="{name}" texture="{name}" specular="0"/>' for name in FURS)
    return f"""{textures}{painted}{furs}
<material name="plastic" specular=".35" shininess=".5"/>
<material name="black" rgba=".135 .115 .085 1" specular=".03" shininess=".3"/>
<material name="red" rgba=".56 .085 .11 1" specular=".2" shininess=".4"/>"""
