"""Run a scene and film it: the arm follows its commands, the camera takes the frames."""

from dataclasses import dataclass, field
from itertools import pairwise

import mujoco
import numpy as np

from cvae.data.sequence import MAX_TOYS, SEQUENCE_LENGTH, Sequence
from cvae.simulation.camera import Camera, SensorConfig, expose
from cvae.simulation.policy import (
    FollowConfig,
    Motion,
    PolicyConfig,
    follow,
    random_actions,
    random_start,
)
from cvae.simulation.scene import Z_RANGE, Scene, SceneConfig, random_scene

NOSLIP_ITERATIONS = 3  # of the solver that keeps resting toys from creeping
FINGERS_APART = 0.014  # metres that each finger stands off when the gripper is open
# Newtons with which a finger holds what is between them, and gives way to what it is pushed
# over when it is open: else a toy could get wedged in and would never fall out.
CLOSED_FORCE, OPEN_FORCE = 5.0, 0.3
ABOVE = np.array([0.0, 0.0, Z_RANGE[1]])  # where the hand waits while the toys settle


@dataclass(frozen=True)
class RecordingConfig:
    """How a scene is run and filmed.

    falling_steps: physics steps in which the toys fall and roll.
    settling_steps: physics steps in which they come to rest before the arm comes down.
    lowering_steps: physics steps in which the arm comes down.
    resting_steps: physics steps before the first frame, in which toys it hit come to rest.
    """

    scene: SceneConfig = field(default_factory=SceneConfig)
    policy: PolicyConfig = field(default_factory=PolicyConfig)
    follow: FollowConfig = field(default_factory=FollowConfig)
    sensor: SensorConfig = field(default_factory=SensorConfig)
    length: int = SEQUENCE_LENGTH
    falling_steps: int = 260
    settling_steps: int = 640
    lowering_steps: int = 60
    resting_steps: int = 320


def record(
    seed: int, name: str, *, actions: np.ndarray | None = None, masks: bool = False
) -> Sequence:
    """Simulate the sequence `seed`; the same seed gives the same bits on one machine.

    actions: float32 (T, 4) to execute instead of the seed's own random ones; the scene and
        the arm's start stay those of the seed, and T is then the sequence's length.
    masks: whether to fill in `Sequence.masks`.
    """
    config = RecordingConfig()
    # Separate generators, so that other actions meet the same scene and the same noise.
    for_scene, for_policy, for_sensor = (
        np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(3)
    )
    start = random_start(for_policy)
    if actions is None:
        actions = random_actions(for_policy, config.length, config.policy)
    stage = Stage(random_scene(for_scene, config.scene), config)
    stage.settle(start)
    motion = follow(start, actions, config.follow)
    pictures, seen, toys = film(stage, motion, masks=masks)
    return Sequence(
        name=name,
        frames=expose(pictures, for_sensor, config.sensor),
        actions=np.asarray(actions, np.float32),
        positions=motion.positions[: len(actions)],
        masks=seen,
        toys=toys,
        seed=seed,
    )


def film(
    stage: "Stage", motion: Motion, *, masks: bool
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """Pictures float32 (T, H, W, 3), masks uint8 (T, H, W) if asked for, toys (T, MAX_TOYS, 3)."""
    camera = Camera(stage.model)
    pictures, seen, toys = [], [], []
    for t, closed in enumerate(motion.closed):
        camera.look(stage.data)
        pictures.append(camera.picture())
        if masks:
            seen.append(camera.mask())
        toys.append(stage.toys())
        if t + 1 < len(motion.closed):
            stage.move(motion.between(t), closed=bool(closed))
    camera.close()
    return np.stack(pictures), np.stack(seen) if masks else None, np.stack(toys)


class Stage:
    """The running physics of one scene."""

    def __init__(self, scene: Scene, config: RecordingConfig) -> None:
        self.config = config
        self.model = mujoco.MjModel.from_xml_string(scene.mjcf, scene.files)
        self.data = mujoco.MjData(self.model)
        names = [self.model.body(body).name for body in range(self.model.nbody)]
        self.toy_bodies = [body for body, name in enumerate(names) if name.startswith("toy")]

    def settle(self, start: np.ndarray) -> None:
        """Let the toys come to rest, then bring the arm down to `start`."""
        above = start + ABOVE
        self._wait(above, self.config.falling_steps)
        # From here on toys at rest stay where they are; falling ones do not need the extra work.
        self.model.opt.noslip_iterations = NOSLIP_ITERATIONS
        self._wait(above, self.config.settling_steps)
        self.move(np.linspace(above, start, self.config.lowering_steps + 1), closed=False)
        self._wait(start, self.config.resting_steps)

    def _wait(self, place: np.ndarray, steps: int) -> None:
        self.move(np.tile(place, (steps + 1, 1)), closed=False)

    def toys(self) -> np.ndarray:
        """float32 (MAX_TOYS, 3): centres of mass in metres, NaN where there is no toy."""
        centres = np.full((MAX_TOYS, 3), np.nan, np.float32)
        centres[: len(self.toy_bodies)] = self.data.xipos[self.toy_bodies]
        return centres

    def move(self, path: np.ndarray, *, closed: bool) -> None:
        """Go along `path` (steps + 1, 3), metres, from one place to the next in a physics step."""
        # The hand is moved, not pushed: setting place and speed of its slides each step makes
        # positions a function of the actions, and lets contacts feel how fast it goes.
        self.data.ctrl[:] = 0.0 if closed else FINGERS_APART
        self.model.actuator_forcerange[:, 0] = -(CLOSED_FORCE if closed else OPEN_FORCE)
        for here, there in pairwise(path):
            self.data.qpos[:3] = here
            self.data.qvel[:3] = (there - here) / self.model.opt.timestep
            mujoco.mj_step(self.model, self.data)
        self.data.qpos[:3] = path[-1]
        mujoco.mj_forward(self.model, self.data)
