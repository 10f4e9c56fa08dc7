"""One random scene: a wooden bin with toys, the arm's gripper above it, a cluttered room behind.

World coordinates are those of the real data: metres, +x towards the camera (down in the
image), +y to the right, z up, with the end effector's ranges below; the bin's floor is z = 0.
"""

from dataclasses import dataclass

import numpy as np

from cvae.data.sequence import MAX_TOYS
from cvae.simulation.toys import numbers, pick, random_toy

# Ranges of the end effector over the whole real set.
X_RANGE, Y_RANGE, Z_RANGE = (0.426, 0.855), (-0.308, 0.232), (0.191, 0.317)
# From the end effector's origin down to the fingertips: they clear the floor by 4 mm.
FINGER_LENGTH = 0.187
CAMERA = "aux1"
BIN_CENTRE_Y = -0.04

# Bits of MuJoCo's contact filter: toys touch everything, the arm touches only toys.
BIN_BIT, TOY_BIT, ARM_BIT = 1, 2, 4


@dataclass(frozen=True)
class SceneConfig:
    """What random scenes have in common.

    fewest_toys, most_toys: range of the number of toys, both ends included.
    timestep: of the physics, in seconds.
    shadow_size: side of the shadow map in texels.
    slices: how finely round shapes are drawn; most of the drawing time goes into them.
    resolution: side of the picture that is drawn, to be averaged down to a frame.
    """

    fewest_toys: int = 11
    most_toys: int = 15
    timestep: float = 0.008
    shadow_size: int = 512
    slices: int = 12
    resolution: int = 128

    def __post_init__(self) -> None:
        if not 1 <= self.fewest_toys <= self.most_toys <= MAX_TOYS:
            raise ValueError(f"need 1 <= fewest_toys <= most_toys <= {MAX_TOYS}, got {self}")


def random_scene(rng: np.random.Generator, config: SceneConfig) -> str:
    """MJCF of one scene; its bodies are `hand`, `finger0`, `finger1` and `toy0`, `toy1`, ..."""
    toys = "".join(
        toy_body(rng, index)
        for index in range(rng.integers(config.fewest_toys, config.most_toys + 1))
    )
    return f"""<mujoco>
<compiler angle="degree"/>
<option timestep="{config.timestep}" integrator="implicitfast" iterations="8"
  ls_iterations="8"/>
<size memory="8M"/>
<visual>
  <global offwidth="{config.resolution}" offheight="{config.resolution}"/>
  <quality shadowsize="{config.shadow_size}" offsamples="0"
    numslices="{config.slices}" numstacks="{config.slices // 2}"/>
  <map znear="0.05"/>
  <headlight active="0"/>
</visual>
<default>
  <default class="toy"><geom contype="{TOY_BIT}" conaffinity="{BIN_BIT | TOY_BIT | ARM_BIT}"
    density="150" friction="0.9 0.02 0.01" condim="6"/></default>
  <default class="bin"><geom type="box" contype="{BIN_BIT}" conaffinity="{TOY_BIT}"/></default>
  <default class="arm"><geom contype="{ARM_BIT}" conaffinity="{TOY_BIT}" density="4000"/></default>
  <default class="seen"><geom type="box" contype="0" conaffinity="0"/></default>
</default>
<asset>{materials(rng)}</asset>
<worldbody>
  {lights(rng)}
  <camera name="{CAMERA}" pos="1.336 {BIN_CENTRE_Y} 0.539" xyaxes="0 1 0 -.683 0 .730" fovy="50"/>
  {WOODEN_BIN}
  {room(rng)}
  {ARM}
  {toys}
</worldbody>
<actuator>
  <position name="finger0" joint="finger0" kp="300" dampratio="1" forcerange="-6 6"/>
  <position name="finger1" joint="finger1" kp="300" dampratio="1" forcerange="-6 6"/>
</actuator>
</mujoco>"""


def lights(rng: np.random.Generator) -> str:
    """Much even light from the room, and one lamp above the bin that throws shadows."""
    even, lamp = rng.uniform(0.60, 0.66), rng.uniform(0.16, 0.22)
    x, y = rng.uniform(0.45, 0.75), rng.uniform(-0.25, 0.17)
    return f"""
<light directional="true" dir="-.5 0 -1" ambient="{even} {even} {even}" diffuse=".18 .18 .18"
  specular="0 0 0" castshadow="false"/>
<light pos="{x:.3f} {y:.3f} 2.2" dir="0 0 -1" diffuse="{lamp} {lamp} {lamp}" specular=".3 .3 .3"
  castshadow="true" cutoff="60"/>"""


def materials(rng: np.random.Generator) -> str:
    """Textures and surfaces; the wood's tint differs a little from scene to scene."""
    tint = np.array([0.84, 0.80, 0.69]) * rng.uniform(0.94, 1.04) + rng.normal(0, 0.004, 3)

    def texture(name: str, first: np.ndarray, mark: np.ndarray, share: float, size: str) -> str:
        return (
            f'<texture name="{name}" type="2d" builtin="flat" rgb1="{numbers(tuple(first))}" '
            f'mark="random" markrgb="{numbers(tuple(mark))}" random="{share}" {size}/>'
        )

    wide, small = 'width="128" height="32"', 'width="8" height="8"'
    one = np.ones(3)
    return f"""
{texture("wood", tint, tint * 0.90, 0.3, wide)}
{texture("lip", tint * 0.3 + 0.70, tint * 0.3 + 0.64, 0.2, wide)}
{texture("zebra", 0.88 * one, 0.10 * one, 0.42, small)}
{texture("grey", 0.62 * one, 0.44 * one, 0.35, small)}
{texture("brown", np.array([0.34, 0.22, 0.14]), np.array([0.18, 0.11, 0.07]), 0.3, small)}
<material name="wood" texture="wood" texrepeat="1 3" specular=".25" shininess=".3"/>
<material name="lip" texture="lip" specular=".5" shininess=".6"/>
<material name="zebra" texture="zebra" texrepeat="2 2" specular="0"/>
<material name="grey_fur" texture="grey" texrepeat="2 2" specular="0"/>
<material name="brown_fur" texture="brown" texrepeat="2 2" specular="0"/>
<material name="plastic" specular=".35" shininess=".5"/>
<material name="black" rgba=".045 .04 .035 1" specular=".15" shininess=".4"/>
<material name="red" rgba=".54 .05 .07 1" specular=".2" shininess=".4"/>"""


# The walls slant outwards; the front one is the bright lip at the bottom of the picture, with
# the table's dark edge below it. Upright unseen walls (group 5) keep toys on the floor.
WOODEN_BIN = """
<geom class="bin" pos=".63 -.04 -.02" size=".31 .30 .02" material="wood"/>
<geom class="bin" pos="1.025 -.04 .037" size=".104 .60 .01" euler="0 -24 0" material="lip"/>
<geom class="bin" pos=".63 -.40 .068" size=".31 .115 .01" euler="-38 0 0" material="wood"/>
<geom class="bin" pos=".63 .32 .068" size=".31 .115 .01" euler="38 0 0" material="wood"/>
<geom class="bin" pos=".27 -.04 .06" size=".09 .26 .01" euler="0 48 0" material="lip"/>
<geom class="bin" pos=".96 -.04 .2" size=".01 .5 .2" group="5"/>
<geom class="bin" pos=".30 -.04 .2" size=".01 .5 .2" group="5"/>
<geom class="bin" pos=".63 -.38 .2" size=".4 .01 .2" group="5"/>
<geom class="bin" pos=".63 .30 .2" size=".4 .01 .2" group="5"/>
<geom class="seen" pos="1.122 -.04 .066" size=".006 .8 .012" rgba=".40 .36 .26 1"/>
<geom class="seen" pos="1.10 -.04 -.1" size=".004 .8 .14" rgba=".42 .29 .12 1"/>
<geom class="seen" pos="1.112 -.165 -.1" size=".004 .012 .14" rgba=".60 .60 .55 1"/>
<geom class="seen" pos="1.112 .085 -.1" size=".004 .012 .14" rgba=".60 .60 .55 1"/>"""


def room(rng: np.random.Generator) -> str:
    """What stands behind the bin: a bright wall, grey panels at the sides, all kinds of things."""
    white = rng.uniform(0.86, 1.0)
    things = [
        f'<geom class="seen" pos="-.25 -.04 .0" size=".02 2 1.0" rgba="{white} {white} {white} 1"/>'
        '<geom class="seen" pos=".3 -.55 .10" size=".20 .006 .13" euler="0 0 -28" '
        'rgba=".52 .58 .63 1"/>'
        '<geom class="seen" pos=".3 .47 .10" size=".20 .006 .13" euler="0 0 28" '
        'rgba=".50 .56 .61 1"/>'
        '<geom class="seen" pos=".8 -.72 .05" size=".5 .12 .01" euler="-20 0 0" '
        'rgba=".72 .74 .80 1"/>'
        '<geom class="seen" pos=".8 .64 .05" size=".5 .12 .01" euler="20 0 0" '
        'rgba=".70 .72 .76 1"/>'
    ]
    looks = ((0.15, 0.13, 0.12), (0.35, 0.30, 0.26), (0.80, 0.82, 0.86), (0.55, 0.16, 0.18))
    looks += ((0.55, 0.62, 0.70), (0.74, 0.62, 0.44), (0.20, 0.28, 0.40))
    for _ in range(rng.integers(8, 14)):
        y = BIN_CENTRE_Y + rng.choice((-1, 1)) * rng.uniform(0.22, 0.75)
        size = (0.02, rng.uniform(0.02, 0.09), rng.uniform(0.02, 0.07))
        at = (rng.uniform(-0.15, 0.15), y, rng.uniform(-0.1, 0.10))
        things.append(
            f'<geom class="seen" pos="{numbers(at)}" size="{numbers(size)}" '
            f'rgba="{numbers(pick(rng, looks))} 1"/>'
        )
    return "".join(things)


# The hand is driven along three slides; what collides are the fingers and the wrist.
ARM = f"""
<body name="hand" gravcomp="1">
  <joint name="x" type="slide" axis="1 0 0"/><joint name="y" type="slide" axis="0 1 0"/>
  <joint name="z" type="slide" axis="0 0 1"/>
  <geom class="arm" type="cylinder" pos="0 0 -.056" size=".032 .020" material="red"/>
  <geom class="arm" type="cylinder" pos="0 0 -.024" size=".036 .014" material="black"/>
  <geom class="seen" type="box" pos=".0 .052 .008" size=".02 .018 .03" material="black"/>
  <geom class="seen" type="cylinder" pos="0 0 .010" size=".047 .024" material="black"/>
  <geom class="seen" type="cylinder" pos="0 0 .090" size=".056 .058" material="black"/>
  <geom class="seen" type="cylinder" pos="0 0 .165" size=".060 .020" material="red"/>
  <geom class="seen" type="capsule" fromto="0 0 .19 -.05 0 .60" size=".064" material="black"/>
  <body name="finger0" pos="0 -.002 0" gravcomp="1">
    <joint name="finger0" type="slide" axis="0 -1 0" range="0 .024" limited="true"/>
    <geom class="arm" type="box" pos="0 -.007 -{FINGER_LENGTH - 0.07}" size=".011 .007 .07"
      material="black" friction="1.5"/>
  </body>
  <body name="finger1" pos="0 .002 0" gravcomp="1">
    <joint name="finger1" type="slide" axis="0 1 0" range="0 .024" limited="true"/>
    <geom class="arm" type="box" pos="0 .007 -{FINGER_LENGTH - 0.07}" size=".011 .007 .07"
      material="black" friction="1.5"/>
  </body>
</body>"""


def toy_body(rng: np.random.Generator, index: int) -> str:
    """Most toys lie in the back half of the bin; they fall from different heights."""
    back = rng.random() < 0.7
    x = rng.uniform(0.38, 0.60) if back else rng.uniform(0.40, 0.86)
    at = (x, rng.uniform(-0.31, 0.23), 0.06 + 0.05 * (index % 4))
    quaternion = rng.normal(size=4)
    quaternion /= np.linalg.norm(quaternion)
    parts = "".join(part.mjcf() for part in random_toy(rng))
    return (
        f'<body name="toy{index}" pos="{numbers(at)}" quat="{numbers(tuple(quaternion))}">'
        f'<joint type="free" damping="0.0003"/>{parts}</body>'
    )
