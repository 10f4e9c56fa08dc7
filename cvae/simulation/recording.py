"""Run a scene and film it: the arm follows its commands, the camera takes the frames."""

from dataclasses import dataclass, field

import mujoco
import numpy as np

from cvae.data.sequence import MAX_TOYS, SEQUENCE_LENGTH, Sequence
from cvae.simulation.camera import Camera, SensorConfig, expose
from cvae.simulation.policy import Motion, PolicyConfig, follow, random_actions, random_start
from cvae.simulation.scene import Z_RANGE, SceneConfig, random_scene

NOSLIP_ITERATIONS = 3  # of the solver that keeps resting toys from creeping
FINGERS_APART = 0.014  # metres that each finger stands off when the gripper is open
ABOVE = np.array([0.0, 0.0, Z_RANGE[1]])  # where the hand waits while the toys settle


@dataclass(frozen=True)
class RecordingConfig:
    """How a scene is run and filmed.

    steps_per_frame: physics steps between two frames.
    settling_steps: physics steps in which the toys come to rest before the arm comes down.
    lowering_steps: physics steps in which the arm comes down before the first frame.
    reach: metres that the arm moves per metre commanded.
    """

    scene: SceneConfig = field(default_factory=SceneConfig)
    policy: PolicyConfig = field(default_factory=PolicyConfig)
    sensor: SensorConfig = field(default_factory=SensorConfig)
    length: int = SEQUENCE_LENGTH
    steps_per_frame: int = 14
    settling_steps: int = 360
    lowering_steps: int = 40
    reach: float = 1.75


def record(
    seed: int,
    name: str,
    *,
    actions: np.ndarray | None = None,
    masks: bool = False,
    config: RecordingConfig | None = None,
) -> Sequence:
    """Simulate the sequence `seed`; the same seed gives the same bits on one machine.

    actions: float32 (T, 4) to execute instead of the seed's own random ones; the scene and
        the arm's start stay those of the seed, and T is then the sequence's length.
    masks: whether to fill in `Sequence.masks`.
    """
    config = config or RecordingConfig()
    # Separate generators, so that other actions meet the same scene and the same noise.
    for_scene, for_policy, for_sensor = (
        np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(3)
    )
    start = random_start(for_policy)
    if actions is None:
        actions = random_actions(for_policy, config.length, config.policy)
    model = mujoco.MjModel.from_xml_string(random_scene(for_scene, config.scene))
    stage = Stage(model, config)
    stage.settle(start)
    motion = follow(start, actions, reach=config.reach)
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
        stage.move(motion.positions[t], motion.positions[t + 1], closed=bool(closed))
    camera.close()
    return np.stack(pictures), np.stack(seen) if masks else None, np.stack(toys)


class Stage:
    """The running physics of one scene."""

    def __init__(self, model: mujoco.MjModel, config: RecordingConfig) -> None:
        self.model, self.data, self.config = model, mujoco.MjData(model), config
        names = [model.body(body).name for body in range(model.nbody)]
        self.toy_bodies = [body for body, name in enumerate(names) if name.startswith("toy")]

    def settle(self, start: np.ndarray) -> None:
        """Let the toys come to rest, then bring the arm down to `start`."""
        above = start + ABOVE
        self._drive(above, above, self.config.settling_steps, closed=False)
        # From here on toys at rest stay where they are; falling ones do not need the extra work.
        self.model.opt.noslip_iterations = NOSLIP_ITERATIONS
        self._drive(above, start, self.config.lowering_steps, closed=False)

    def move(self, here: np.ndarray, there: np.ndarray, *, closed: bool) -> None:
        """Go from `here` to `there` (metres) in the time between two frames."""
        self._drive(here, there, self.config.steps_per_frame, closed=closed)

    def toys(self) -> np.ndarray:
        """float32 (MAX_TOYS, 3): centres of mass in metres, NaN where there is no toy."""
        centres = np.full((MAX_TOYS, 3), np.nan, np.float32)
        centres[: len(self.toy_bodies)] = self.data.xipos[self.toy_bodies]
        return centres

    def _drive(self, here: np.ndarray, there: np.ndarray, steps: int, *, closed: bool) -> None:
        # The hand is moved, not pushed: setting place and speed of its slides each step makes
        # positions a function of the actions, and lets contacts feel how fast it goes.
        speed = (there - here) / (steps * self.model.opt.timestep)
        self.data.ctrl[:] = 0.0 if closed else FINGERS_APART
        for step in range(steps):
            self.data.qpos[:3] = here + (there - here) * (step / steps)
            self.data.qvel[:3] = speed
            mujoco.mj_step(self.model, self.data)
        self.data.qpos[:3] = there
        mujoco.mj_forward(self.model, self.data)
