"""`bench predict`: how fast predictions are made, against the plain path in the same run."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cvae.benchmarks.machine import describe_machine
from cvae.benchmarks.measurement import Measurement
from cvae.benchmarks.peak import convolution_peak, operations, timed
from cvae.benchmarks.plain import PlainModel
from cvae.config import ModelConfig, RunConfig
from cvae.data.dataset import CONDITION_DIM, Normalisation
from cvae.data.sequence import ACTION_DIM, FRAME_SIZE
from cvae.device import Precision, choose_device, has_bf16
from cvae.errors import InputError
from cvae.inference.predictor import CPU_ROWS, GPU_ROWS, Predictor
from cvae.inference.rollout import roll_out
from cvae.inference.steering import start, step
from cvae.markdown import markdown_table
from cvae.model.checkpoint import Checkpoint
from cvae.model.cvae import CVAE
from cvae.model.noise import keyed_generator
from cvae.model.state_model import StateModel

DTYPES: dict[Precision, torch.dtype] = {"float32": torch.float32, "bfloat16": torch.bfloat16}
GIVEN = 2  # frames

EXPLANATION = (
    "{given} frames given, {horizon} predicted; medians (least to greatest) of {repeats} repeats, "
    "all paths in turn. Plain: the same weights as SVG's scripts would run them (channels first, "
    "BatchNorm, one convolution over what comes from below and the skip, every frame encoded anew "
    "at every step and for every sample). Share of peak: the operations that a path needs with "
    "ordinary convolutions, against what the fastest 3x3 convolution reached between the repeats. "
    "What ours leaves out because it is the same for all steps and samples does not count; above "
    "100% its convolutions took fewer multiplications than ordinary ones. Steering: one future, a "
    "command at a time."
)


@dataclass(frozen=True)
class PredictBenchmark:
    """Measure prediction against the plain path, and frame-by-frame steering, on random weights.

    The plain path is the same network as SVG's own scripts run it. Both are repeated in turn, so
    that what else runs on the machine slows both. As set, it needs some ten minutes on two cores,
    most of them for the plain path with 100 samples.

    Example: python -m cvae bench predict --samples 1 8
    """

    width: float = 1.0
    """Channels of encoder and decoder as a share of VGG64's."""
    samples: tuple[int, ...] = (1, 8, 100)
    """Numbers of samples to measure."""
    horizon: int = 10
    """Predicted frames."""
    repeats: int = 5
    """How often each is measured."""
    device: str | None = None
    """Such as cpu or cuda; the GPU where there is one, unless told otherwise."""

    def __post_init__(self) -> None:
        if not self.samples:
            raise InputError("--samples names no number: give at least one.")
        least = {"horizon": self.horizon, "repeats": self.repeats, "samples": min(self.samples)}
        for option, number in least.items():
            if number < 1:
                raise InputError(f"--{option} is {number}: give 1 or more.")

    def run(self) -> str:
        """Measure, and tell in Markdown.

        Raises InputError if the width makes no whole channels, or the device is not there.
        """
        machine, device = describe_machine(), choose_device(self.device)
        paths = _Paths.build(ModelConfig(prior="learned", width=self.width), device)
        found = [self._measure(paths, samples) for samples in self.samples]
        peaks = ", ".join(
            f"{precision} {Measurement(tuple(v / 1e9 for f in found for v in f.peaks[precision]))}"
            for precision in paths.predictors
        )
        _tell("steering")
        steering = "; ".join(
            f"{name} {self._steering(predictor)}" for name, predictor in paths.predictors.items()
        )
        about = EXPLANATION.format(given=GIVEN, horizon=self.horizon, repeats=self.repeats)
        if "bfloat16" not in paths.predictors:
            about += " bfloat16 was not measured: this processor has no instructions for it."
        return "\n\n".join(
            [
                f"{machine}\nPrediction on {paths.predictors['float32'].device_name}.",
                _table(found, self.horizon),
                f"Peak of 3x3 convolutions, GFLOP/s: {peaks}. Steering, frames/s: {steering}.",
                about,
            ]
        )

    def _measure(self, paths: "_Paths", samples: int) -> "_Found":
        _tell(f"{samples} samples")
        asked = _asked(paths.device, samples, self.horizon)
        rows = CPU_ROWS if paths.device.type == "cpu" else GPU_ROWS

        def ours(predictor: Predictor) -> None:
            for frames, _ in roll_out(predictor.checkpoint.model, *asked, rows):
                frames.cpu()

        runs: dict[str, Callable[[], object]] = {"plain": lambda: paths.plain.imagine(*asked).cpu()}
        for precision, predictor in paths.predictors.items():
            runs[precision] = partial(ours, predictor)
        seconds: dict[str, list[float]] = {path: [] for path in runs}
        peaks: dict[Precision, list[float]] = {precision: [] for precision in paths.predictors}
        for repeat in range(self.repeats + 1):
            for precision, found in peaks.items():
                found.append(convolution_peak(paths.device, DTYPES[precision]))
            for path, run in runs.items():
                took = timed(run, paths.device)
                if repeat:  # the first is to warm up
                    seconds[path].append(took)
        work = {path: paths.work(path, samples, self.horizon) for path in runs}
        measured = {path: Measurement(tuple(values)) for path, values in seconds.items()}
        return _Found(samples, measured, work, {p: tuple(v) for p, v in peaks.items()})

    def _steering(self, predictor: Predictor) -> Measurement:
        return Measurement.repeat(lambda _: self._steer(predictor), self.repeats)

    def _steer(self, predictor: Predictor) -> float:
        """Frames a second, over the horizon."""
        pixels = np.full((GIVEN, FRAME_SIZE, FRAME_SIZE, 3), 128, np.uint8)
        command = np.zeros(ACTION_DIM, np.float32)
        generator, z_dim = keyed_generator("steering"), predictor.checkpoint.config.model.z_dim
        scene = start(predictor, pixels, np.stack([command] * (GIVEN - 1)))
        _, scene = step(predictor, scene, command)

        def steer() -> None:
            now = scene
            for _ in range(self.horizon):
                noise = torch.randn(z_dim, generator=generator)
                _, now = step(predictor, now, command, noise)

        return self.horizon / timed(steer, predictor.device)


@dataclass(frozen=True)
class _Paths:
    """The same random weights, ready to be run in each way."""

    device: torch.device
    model: CVAE
    plain: PlainModel
    predictors: dict[Precision, Predictor]

    @classmethod
    def build(cls, config: ModelConfig, device: torch.device) -> "_Paths":
        model = CVAE(config, keyed_generator("benchmark")).eval().requires_grad_(False)
        model.to(device)
        precisions: list[Precision] = ["float32"]
        if has_bf16(device):
            precisions.append("bfloat16")
        state_model = StateModel().requires_grad_(False).to(device)
        checkpoint = Checkpoint(
            Path("random"),
            RunConfig(model=config),
            {},
            model,
            state_model,
            Normalisation.identity(),
        )
        predictors = {p: Predictor(checkpoint, device, p) for p in precisions}
        return cls(device, model, PlainModel(model).eval(), predictors)

    @torch.inference_mode()
    def work(self, path: str, samples: int, horizon: int) -> float:
        """Operations of a path for so many samples: what ordinary convolutions would need."""
        imagine = self.plain.imagine if path == "plain" else self.model.imagine
        one, two = (operations(partial(imagine, *_asked(self.device, n, horizon))) for n in (1, 2))
        return one + (samples - 1) * (two - one)


@dataclass(frozen=True)
class _Found:
    """What was measured for a number of samples: seconds and operations of each path."""

    samples: int
    seconds: dict[str, Measurement]
    work: dict[str, float]
    peaks: dict[str, tuple[float, ...]]


def _asked(device: torch.device, samples: int, horizon: int) -> tuple[Tensor, Tensor, Tensor]:
    """Past, conditions and noise for one sequence."""
    generator, steps = keyed_generator("asked"), GIVEN + horizon - 1
    past = torch.rand(1, GIVEN, 3, FRAME_SIZE, FRAME_SIZE, generator=generator)
    conditions = torch.randn(1, steps, CONDITION_DIM, generator=generator)
    noise = torch.randn(1, samples, steps, ModelConfig.z_dim, generator=generator)
    return past.to(device), conditions.to(device), noise.to(device)


def _table(found: list[_Found], horizon: int) -> str:
    rows = []
    for one in found:
        for path, seconds in one.seconds.items():
            peak = Measurement(one.peaks["float32" if path == "plain" else path]).median
            rows.append(
                [
                    f"{one.samples} samples, {path}" if one.samples > 1 else f"1 sample, {path}",
                    str(Measurement(tuple(1000 * value for value in seconds.values))),
                    f"{one.samples * horizon / seconds.median:,.1f}",
                    f"{one.seconds['plain'].median / seconds.median:.2f}",
                    f"{one.work[path] / seconds.median / peak:.1%}",
                ]
            )
    return markdown_table(["", "ms", "frames/s", "ratio", "share of peak"], rows)


def _tell(step: str) -> None:
    """What is being done, beside the report: some steps take minutes."""
    print(f"bench predict: {step}", file=sys.stderr)
