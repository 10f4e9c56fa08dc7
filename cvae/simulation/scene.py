"""One random scene: a wooden bin with toys, the arm's gripper above it, a cluttered room behind.

World coordinates are those of the real data: metres, +x towards the camera (down in the
image), +y to the right, z up, with the end effector's ranges below; the bin's floor is z = 0.
"""

from dataclasses import dataclass

import numpy as np

from cvae.data.sequence import MAX_TOYS
from cvae.simulation.surfaces import random_light, textures
from cvae.simulation.surroundings import WOODEN_BIN, camera, lights, materials, screens
from cvae.simulation.toys import numbers, random_toy

# Ranges of the end effector over the whole real set.
X_RANGE, Y_RANGE, Z_RANGE = (0.426, 0.855), (-0.308, 0.232), (0.191, 0.317)
# From the end effector's origin down to the fingertips: they clear the floor by 4 mm.
FINGER_LENGTH = 0.187

# Bits of MuJoCo's contact filter: toys touch everything, the arm touches only toys.
BIN_BIT, TOY_BIT, ARM_BIT = 1, 2, 4


@dataclass(frozen=True)
class SceneConfig:
    """What random scenes have in common.

    fewest_toys, most_toys: range of the number of toys, both ends included.
    timestep: of the physics, in seconds.
    slices: how finely round shapes are drawn; most of the drawing time goes into them.
    resolution: side of the picture that is drawn, to be averaged down to a frame.
    """

    fewest_toys: int = 12
    most_toys: int = 16
    timestep: float = 0.005
    slices: int = 12
    resolution: int = 128

    def __post_init__(self) -> None:
        if not 1 <= self.fewest_toys <= self.most_toys <= MAX_TOYS:
            raise ValueError(f"need 1 <= fewest_toys <= most_toys <= {MAX_TOYS}, got {self}")


@dataclass(frozen=True)
class Scene:
    """One scene as MuJoCo reads it.

    mjcf: the description; its bodies are `hand`, `finger0`, `finger1` and `toy0`, `toy1`, ...
    files: the textures that it names.
    """

    mjcf: str
    files: dict[str, bytes]


def random_scene(rng: np.random.Generator, config: SceneConfig) -> Scene:
    """A bin with random toys, light and surroundings."""
    light = random_light(rng)
    files = textures(rng, light)
    toys = "".join(
        toy_body(rng, index)
        for index in range(rng.integers(config.fewest_toys, config.most_toys + 1))
    )
    mjcf = f"""<mujoco>
<compiler angle="degree"/>
<option timestep="{config.timestep}" integrator="implicitfast" cone="elliptic"
  iterations="10" ls_iterations="10" sleep_tolerance=".03"><flag sleep="enable"/></option>
<size memory="8M"/>
<visual>
  <global offwidth="{config.resolution}" offheight="{config.resolution}"/>
  <quality offsamples="0" numslices="{config.slices}" numstacks="{config.slices // 2}"/>
  <map znear="0.05"/>
  <headlight active="0"/>
</visual>
<default>
  <default class="toy"><geom contype="{TOY_BIT}" conaffinity="{BIN_BIT | TOY_BIT | ARM_BIT}"
    density="150" friction="0.9 0.02 0.01" condim="6"/></default>
  <default class="bin"><geom type="box" contype="{BIN_BIT}" conaffinity="{TOY_BIT}"/></default>
  <default class="arm"><geom contype="{ARM_BIT}" conaffinity="{TOY_BIT}" density="4000"/></default>
  <default class="finger"><geom contype="{ARM_BIT}" conaffinity="{TOY_BIT}" density="4000"
    priority="1" condim="4" friction=".8 .02 .002" solref=".02 1" solimp=".5 .95 .01"/></default>
  <default class="seen"><geom type="box" contype="0" conaffinity="0"/></default>
</default>
<asset>{materials()}</asset>
<worldbody>
  {lights(rng)}
  {camera()}
  {WOODEN_BIN}
  {screens()}
  {ARM}
  {toys}
</worldbody>
<actuator>
  <position name="finger0" joint="finger0" kp="1500" dampratio="1" forcerange="-5 5"/>
  <position name="finger1" joint="finger1" kp="1500" dampratio="1" forcerange="-5 5"/>
</actuator>
</mujoco>"""
    return Scene(mjcf, files)


# The hand is driven along three slides; what collides are the fingers and the wrist.
# The fingers give way upwards: a stiff arm would press toys through the floor.
ARM = f"""
<body name="hand" gravcomp="1">
  <joint name="x" type="slide" axis="1 0 0"/><joint name="y" type="slide" axis="0 1 0"/>
  <joint name="z" type="slide" axis="0 0 1"/>
  <geom class="arm" type="cylinder" pos="0 0 -.058" size=".031 .016" material="red"/>
  <geom class="arm" type="cylinder" pos="0 0 -.032" size=".036 .012" material="black"/>
  <geom class="seen" type="cylinder" pos="0 0 .025" size=".050 .050" material="black"/>
  <geom class="seen" type="box" pos=".0 .054 .040" size=".028 .026 .032" material="black"/>
  <geom class="seen" type="box" pos=".012 .076 .052" size=".018 .006 .010" rgba=".40 .48 .56 1"/>
  <geom class="seen" type="cylinder" pos="0 0 .099" size=".057 .018" material="red"/>
  <geom class="seen" type="capsule" fromto="0 0 .14 -.03 0 .60" size=".064" material="black"/>
  <geom class="seen" type="capsule" fromto="-.04 -.03 .235 -.12 -.22 .44" size=".082"
    material="red"/>
  <body name="finger0" pos="0 -.002 0" gravcomp="1">
    <joint name="finger0" type="slide" axis="0 -1 0" range="0 .030" limited="true"/>
    <joint type="slide" axis="0 0 1" range="0 .1" limited="true" stiffness="300" springref="-.01"
      damping="10"/>
    <geom class="finger" type="box" pos="0 -.007 -{FINGER_LENGTH - 0.07}" size=".011 .007 .07"
      material="black"/>
    <geom class="seen" pos="0 -.011 -{FINGER_LENGTH - 0.074}" size=".013 .0105 .066"
      material="black"/>
  </body>
  <body name="finger1" pos="0 .002 0" gravcomp="1">
    <joint name="finger1" type="slide" axis="0 1 0" range="0 .030" limited="true"/>
    <joint type="slide" axis="0 0 1" range="0 .1" limited="true" stiffness="300" springref="-.01"
      damping="10"/>
    <geom class="finger" type="box" pos="0 .007 -{FINGER_LENGTH - 0.07}" size=".011 .007 .07"
      material="black"/>
    <geom class="seen" pos="0 .011 -{FINGER_LENGTH - 0.074}" size=".013 .0105 .066"
      material="black"/>
  </body>
</body>"""


def toy_body(rng: np.random.Generator, index: int) -> str:
    """Most toys lie in the back half of the bin; they fall from different heights."""
    back = rng.random() < 0.65
    x = rng.uniform(0.32, 0.57) if back else rng.uniform(0.40, 0.86)
    at = (x, rng.uniform(-0.32, 0.26), 0.06 + 0.05 * (index % 4))
    quaternion = rng.normal(size=4)
    quaternion /= np.linalg.norm(quaternion)
    parts = "".join(part.mjcf() for part in random_toy(rng))
    return (
        f'<body name="toy{index}" pos="{numbers(at)}" quat="{numbers(tuple(quaternion))}">'
        f'<joint type="free" damping="0.0003"/>{parts}</body>'
    )
