"""The camera above the bin: pictures and masks of a scene, and its noise."""

import atexit
from dataclasses import dataclass
from functools import cache

import mujoco
import numpy as np

from cvae.data.sequence import ARM, BACKGROUND, FIRST_TOY, FRAME_SIZE
from cvae.simulation.shadows import cast_shadows
from cvae.simulation.surroundings import CAMERA


class Camera:
    """Pictures and masks of one scene."""

    def __init__(self, model: mujoco.MjModel) -> None:
        self.resolution = int(model.vis.global_.offwidth)
        drawing_context(self.resolution)
        self.context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_50)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self.context)
        self.model = model
        self.scene = mujoco.MjvScene(model, maxgeom=300)
        self.view, self.option = mujoco.MjvCamera(), mujoco.MjvOption()
        self.view.type = mujoco.mjtCamera.mjCAMERA_FIXED
        self.view.fixedcamid = model.camera(CAMERA).id
        self.labels = body_labels(model)

    def look(self, data: mujoco.MjData) -> None:
        """Take in where everything is now."""
        mujoco.mjv_updateScene(
            self.model, data, self.option, None, self.view, mujoco.mjtCatBit.mjCAT_ALL, self.scene
        )
        self.things = self.scene.ngeom
        cast_shadows(self.scene, self.model, data)

    def picture(self) -> np.ndarray:
        """float32 (FRAME_SIZE, FRAME_SIZE, 3), 0..255, averaged down from what is drawn."""
        scale = self.resolution // FRAME_SIZE
        drawn = self._render(self.resolution).astype(np.float32)
        return drawn.reshape(FRAME_SIZE, scale, FRAME_SIZE, scale, 3).mean((1, 3))

    def mask(self) -> np.ndarray:
        """uint8 (FRAME_SIZE, FRAME_SIZE): what each pixel's centre shows, see `Sequence.masks`."""
        drawn, self.scene.ngeom = self.scene.ngeom, self.things  # shadows are no things
        flags = self.scene.flags
        flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = 1
        ids = self._render(FRAME_SIZE).astype(np.int32) @ np.array([1, 256, 65536])
        flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = 0
        self.scene.ngeom = drawn
        label_of = np.full(self.scene.ngeom + 1, BACKGROUND, np.uint8)
        for geom in self.scene.geoms[: self.scene.ngeom]:
            if geom.objtype == mujoco.mjtObj.mjOBJ_GEOM:
                label_of[geom.segid + 1] = self.labels[self.model.geom_bodyid[geom.objid]]
        return label_of[ids]

    def _render(self, size: int) -> np.ndarray:
        pixels = np.empty((size, size, 3), np.uint8)
        viewport = mujoco.MjrRect(0, 0, size, size)
        mujoco.mjr_render(viewport, self.scene, self.context)
        mujoco.mjr_readPixels(pixels, None, viewport, self.context)
        return pixels[::-1]  # OpenGL counts rows from the bottom

    def close(self) -> None:
        self.context.free()


def body_labels(model: mujoco.MjModel) -> np.ndarray:
    """uint8 (bodies,): label of `Sequence.masks` for each body."""
    labels = np.full(model.nbody, BACKGROUND, np.uint8)
    for body in range(model.nbody):
        name = model.body(body).name
        if name.startswith("toy"):
            labels[body] = FIRST_TOY + int(name.removeprefix("toy"))
        elif name.startswith(("hand", "finger")):
            labels[body] = ARM
    return labels


@cache
def drawing_context(resolution: int) -> mujoco.GLContext:
    """Makes one OpenGL context and makes it current.

    One per process, kept until the process ends: making it takes longer than filming.
    """
    context = mujoco.GLContext(resolution, resolution)
    context.make_current()
    # Before Python takes its modules apart: later, PyOpenGL can't free anything any more.
    atexit.register(context.free)
    return context


PIVOT = 195.0  # grey level that contrast leaves alone


@dataclass(frozen=True)
class SensorConfig:
    """What the camera makes of the light.

    exposure: factor on the drawn brightness; what passes white is lost, as in the real frames.
    contrast: factor on the distance from the level PIVOT.
    exposure_spread, warmth_spread: standard deviations over sequences, of the exposure and of
        the share by which red rises and blue falls.
    most_automatic: the highest exponent with which the camera answers a darker picture by a
        longer exposure. The real one does so a lot in some sequences and hardly in others: the
        still front lip gets brighter by up to 0.9 % for each per cent that the rest gets darker.
    automatic_balance: that exponent in each channel, in multiples of the brightness's.
    blur: share of its light that a pixel gives to each of its four neighbours.
    noise: standard deviation of each pixel's noise, grey levels.
    """

    exposure: float = 1.0
    contrast: float = 1.07
    exposure_spread: float = 0.03
    warmth_spread: float = 0.012
    most_automatic: float = 0.9
    automatic_balance: tuple[float, float, float] = (0.85, 1.0, 1.25)
    blur: float = 0.05
    noise: float = 1.3


def expose(pictures: np.ndarray, rng: np.random.Generator, config: SensorConfig) -> np.ndarray:
    """uint8 frames from drawn pictures, float32 (T, H, W, 3) in 0..255.

    Frame t depends on pictures 0..t only. Row 0 and column 0 are black, as in the real data.
    """
    warmth = 1.0 + rng.normal(0.0, config.warmth_spread) * np.array([0.5, 0.0, -1.0])
    gain = config.exposure * rng.normal(1.0, config.exposure_spread) * warmth
    automatic = config.most_automatic * rng.uniform() * np.array(config.automatic_balance)
    brightness = pictures.mean((1, 2, 3), dtype=np.float64)
    answer = (brightness[0] / brightness)[:, None] ** automatic  # (T, 3)
    light = PIVOT + config.contrast * (pictures - PIVOT)
    light = light.clip(0.0) * (gain * answer)[:, None, None].astype(np.float32)
    light = blurred(light, config.blur)
    light += config.noise * rng.standard_normal(light.shape, dtype=np.float32)
    frames = np.clip(np.rint(light), 0, 255).astype(np.uint8)
    frames[:, 0] = 0
    frames[:, :, 0] = 0
    return frames


def blurred(pictures: np.ndarray, share: float) -> np.ndarray:
    """Pictures (T, H, W, 3) whose pixels give `share` to each of their four neighbours."""
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    rows, columns = padded[:, :, 1:-1], padded[:, 1:-1]
    around = rows[:, :-2] + rows[:, 2:] + columns[:, :, :-2] + columns[:, :, 2:]
    return (1.0 - 4.0 * share) * pictures + share * around
