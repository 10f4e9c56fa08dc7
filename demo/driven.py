"""What several models make of the same commands, beside what really happened; to show, to keep."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cvae.data.sequence import ACTION_DIM, Sequence
from cvae.evaluation.clips import gif
from cvae.evaluation.figures import Row, moments
from demo.appearance import Look
from demo.commands import Told
from demo.formatting import short_path
from demo.loading import Data, Model
from demo.rides import Ride, Start

COLUMNS = ("dx", "dy", "close_nstep", "goup_nstep")
PYTHON = """import numpy as np
from cvae.data.bundle import open_test_sequences
from cvae.inference.predictor import Predictor
from cvae.inference.steering import start, step
from cvae.model.noise import sample_noise

predictor = Predictor.load({model!r})
sequence = open_test_sequences({data!r}).by_name({sequence!r})
told = np.array([  # a row a frame: dx and dy in metres, close_nstep, goup_nstep
{told}
])
given, z_dim = {given}, predictor.checkpoint.config.model.z_dim
noise = sample_noise({seed}, sequence.name, 1, given - 1 + len(told), z_dim)[0]
places = None if sequence.positions is None else sequence.positions[:given]
scene = start(
    predictor, sequence.frames[:given], sequence.actions[: given - 1], places, noise[: given - 1]
)
frames = []  # uint8 (64, 64, 3) each
for action, drawn in zip(told, noise[given - 1 :]):
    frame, scene = step(predictor, scene, action, drawn)
    frames.append(frame)"""


@dataclass(frozen=True)
class Driven:
    """told: the commands since the start. rides: what each model makes of them, with its look."""

    start: Start
    told: Told
    rides: list[tuple[Model, Look, Ride]]

    @property
    def frames(self) -> int:
        return self.start.given + len(self.told)

    @cached_property
    def recorded(self) -> Sequence:
        """What happened, in as many frames; after its end the arm stays where it is."""
        truth = self.start.sequence.window(0, self.frames)
        missing = self.frames - len(truth)
        places = truth.positions
        return Sequence(
            truth.name,
            frames=_held(truth.frames, missing),
            actions=np.pad(truth.actions, ((0, missing), (0, 0))),
            positions=None if places is None else _held(places, missing),
        )

    @cached_property
    def ridden(self) -> list[Sequence]:
        """What each model imagines, as if it had been recorded."""
        return [
            Sequence(
                self.start.sequence.name,
                frames=np.stack(ride.frames),
                actions=self._actions(),
                positions=np.stack(ride.places),
            )
            for _, _, ride in self.rides
        ]

    def _actions(self) -> np.ndarray:
        """float32 (T, 4); nothing is told in the last frame yet."""
        before = self.start.sequence.actions[: self.start.given - 1]
        told = [command.action for command in self.told]
        return np.stack([*before, *told, np.zeros(ACTION_DIM, np.float32)])

    def gif(self) -> bytes:
        """All of it, moving; no PSNR, as the arm was told otherwise than in the recording."""
        given = self.start.given
        rows = [
            Row(look.label, np.stack(ride.frames[given:]), np.empty(0), look.colour)
            for _, look, ride in self.rides
        ]
        return gif(moments(self.recorded.frames, rows, given))

    def table(self) -> bytes:
        """CSV of what the arm is told: a row a frame, metres and commands that an order lasts."""
        told = pd.DataFrame(self._actions()[:-1], columns=list(COLUMNS)).rename_axis("frame")
        return told.to_csv(float_format="%.4f").encode()

    def python(self, data: Data) -> str:
        """What makes the frames of the first model again."""
        rows = [np.round(command.action.astype(float), 4).tolist() for command in self.told]
        lines = ",\n".join(f"    {row}" for row in rows)
        return PYTHON.format(
            model=short_path(self.rides[0][0].path),
            data=short_path(data.path),
            sequence=self.start.sequence.name,
            told=lines,
            given=self.start.given,
            seed=self.start.seed,
        )


def _held(values: np.ndarray, times: int) -> np.ndarray:
    return np.concatenate([values, np.repeat(values[-1:], times, axis=0)])
