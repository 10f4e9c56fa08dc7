"""What several models make of the same commands, beside what really happened; to show, to keep."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cvae.data.sequence import ACTION_DIM, Sequence
from cvae.evaluation.clips import gif
from cvae.evaluation.figures import Row, moments
from cvae.planning.commands import commands_csv
from demo.appearance import Look
from demo.arm import HOLD
from demo.commands import Told, as_recorded
from demo.export_files import file_stem
from demo.formatting import short_path
from demo.frame_metrics import frame_psnr
from demo.loading import Data, Model
from demo.rides import Ride, Start

PYTHON = """from cvae.data.bundle import open_test_sequences
from cvae.inference.predictor import Predictor
from cvae.inference.steering import start, step
from cvae.model.noise import sample_noise

predictor = Predictor.load({model!r})
sequence = open_test_sequences({data!r}).by_name({sequence!r})
given = {given}
told = [  # a row a frame: dx and dy in metres, close_nstep, goup_nstep
    *sequence.actions[given - 1 : {first}],  # the command that has begun
{told}
]
z_dim = predictor.checkpoint.config.model.z_dim
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
    """What models make of the same commands.

    told: the user's. rides: a model each, with its look.
    simulated: what would have happened, by the simulator; None where only what was recorded is at
        hand, mostly of an arm that was told otherwise.
    """

    start: Start
    told: Told
    rides: list[tuple[Model, Look, Ride]]
    simulated: Sequence | None = None

    @property
    def frames(self) -> int:
        return self.start.first + 1 + len(self.told)

    @cached_property
    def actions(self) -> np.ndarray:
        """float32 (T, 4); see `all_actions`."""
        return all_actions(self.start, self.told)

    @property
    def as_recorded(self) -> bool:
        """Whether the recording shows every frame, of an arm that was told the same.

        To a tenth of a millimetre, as the page's commands are.
        """
        sequence, first = self.start.sequence, self.start.first
        alike = self.told == as_recorded(sequence, first)[: len(self.told)]
        return alike and self.frames <= len(sequence)

    @property
    def happens(self) -> bool:
        """Whether what stands beside the models is what these commands lead to, and no other."""
        return self.simulated is not None or self.as_recorded

    @cached_property
    def beside(self) -> Sequence:
        """What stands beside the models: what would have happened, or what was recorded.

        After the end of a recording the arm stays where it is.
        """
        if self.simulated:
            return self.simulated
        truth = self.start.sequence.window(0, self.frames)
        missing = self.frames - len(truth)
        places = truth.positions
        return Sequence(
            self.name,
            frames=_held(truth.frames, missing),
            actions=np.pad(truth.actions, ((0, missing), (0, 0))),
            positions=None if places is None else _held(places, missing),
        )

    @cached_property
    def ridden(self) -> list[Sequence]:
        """What each model imagines, as if it had been recorded."""
        return [
            Sequence(self.name, np.stack(ride.frames), self.actions, np.stack(ride.places))
            for _, _, ride in self.rides
        ]

    @property
    def name(self) -> str:
        return self.start.sequence.name

    @property
    def stem(self) -> str:
        """Of the files' names."""
        models = [model.name for model, _, _ in self.rides]
        return file_stem(self.name, models, f"seed{self.start.seed}")

    @cached_property
    def psnr(self) -> list[np.ndarray]:
        """Of each model, dB of every imagined frame; empty where the arm was told otherwise."""
        if not self.happens:
            return [np.empty(0)] * len(self.rides)
        given, truth = self.start.given, self.beside.frames
        return [frame_psnr(one.frames[given:], truth[given:]) for one in self.ridden]

    def gif(self) -> bytes:
        """All of it, moving."""
        given = self.start.given
        rows = [
            Row(look.label, one.frames[given:], psnr, look.colour)
            for (_, look, _), one, psnr in zip(self.rides, self.ridden, self.psnr, strict=True)
        ]
        return gif(moments(self.beside.frames, rows, given, label=self.label_beside))

    @property
    def label_beside(self) -> str:
        """What stands beside the models, in words."""
        if self.simulated:
            return "simulated"
        return "recorded" if self.as_recorded else "recorded, told otherwise"

    def table(self) -> bytes:
        """The commands as `python -m cvae simulate` and the PNG form of data have them.

        CSV without a header: a row a frame, dx and dy in metres, close_nstep, goup_nstep.
        """
        return commands_csv(self.actions)

    def python(self, data: Data) -> str:
        """What makes the frames of the first model again."""
        rows = [np.round(command.action.astype(float), 4).tolist() for command in self.told]
        lines = ",\n".join(f"    {row}" for row in rows)
        return PYTHON.format(
            model=short_path(self.rides[0][0].path),
            data=short_path(data.path),
            sequence=self.name,
            told=lines,
            given=self.start.given,
            first=self.start.first,
            seed=self.start.seed,
        )


def all_actions(start: Start, told: Told) -> np.ndarray:
    """float32 (T, 4): what was told before, and what is told now.

    In the last frame that is nothing yet, unless a command is still held.
    """
    rows = [*start.sequence.actions[: start.first], *(command.action for command in told)]
    return np.stack([*rows, rows[-1] if len(rows) % HOLD else np.zeros(ACTION_DIM, np.float32)])


def _held(values: np.ndarray, times: int) -> np.ndarray:
    return np.concatenate([values, np.repeat(values[-1:], times, axis=0)])
