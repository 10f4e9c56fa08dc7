"""From a checkpoint and a sequence to predicted frames, repeatably."""

import time
from collections.abc import Iterator
from collections.abc import Sequence as Items
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cvae.data.sequence import Sequence
from cvae.device import Precision, choose_device, has_bf16, told_without_room
from cvae.errors import InputError
from cvae.inference.prepared import prepare
from cvae.inference.rollout import observe_free, roll_out
from cvae.inference.task import (
    Latent,
    States,
    Task,
    given_frames,
    known_positions,
    make_posterior_task,
    make_task,
    roll_positions,
    to_float_frames,
    to_uint8_frames,
)
from cvae.model.checkpoint import Checkpoint, load_checkpoint

__all__ = ["Latent", "Prediction", "PredictionStep", "Predictor", "States", "to_float_frames"]

# Futures computed at a time: enough for large matrix products, few enough to bound the memory.
CPU_ROWS, GPU_ROWS = 16, 256


@dataclass(frozen=True)
class Prediction:
    """Frames that a model imagined for one sequence, and all it takes to make them again.

    frames: uint8 (S, T, H, W, 3), the predicted frames first .. first+T-1 of each sample.
    latents: float32 (S, first+T-1, z_dim), z_1 onwards.
    first: number of the first predicted frame in the sequence's own count.
    states: "given", "rolled out" or, where a sequence has no positions, "read".
    seconds: wall time of this call's whole batch.
    """

    frames: np.ndarray
    latents: np.ndarray
    sequence: str
    checkpoint: str
    prior: str
    seed: int
    latent: Latent
    states: str
    first: int
    device: str
    dtype: str
    seconds: float


@dataclass(frozen=True)
class PredictionStep:
    """One point in time of all futures that were asked for.

    t: number of these frames in the sequences' own count.
    frames: uint8 (N, S, H, W, 3), S samples of each of N sequences.
    latents: float32 (N, S, K, z_dim), the latents since the step before: z_t alone, but
        z_1 .. z_t at the first step.
    """

    t: int
    frames: np.ndarray
    latents: np.ndarray


class Predictor:
    """A checkpoint prepared for prediction on a device; it keeps no state of any call.

    One predictor may serve several threads: randomness comes from the call's seed, recurrent
    state lives in the call. `checkpoint.model` is a prepared copy: it gives the numbers of the
    trained model, but is not to be saved or trained, and does not follow what becomes of that.
    """

    def __init__(
        self, checkpoint: Checkpoint, device: torch.device, precision: Precision = "float32"
    ) -> None:
        """Raises InputError for bfloat16 where the processor has no instructions for it."""
        if precision == "bfloat16" and not has_bf16(device):
            raise InputError(
                f"Precision bfloat16 was asked for, but this {device.type.upper()} has no "
                "instructions for it: use float32, which is faster here and exact."
            )
        self.checkpoint = replace(checkpoint, model=prepare(checkpoint.model, device, precision))
        self.device = device
        self.precision = precision
        self.n_past = checkpoint.config.model.n_past

    @classmethod
    def load(
        cls, path: Path | str, device: str | None = None, precision: Precision = "float32"
    ) -> "Predictor":
        """The checkpoint in folder `path`, on `device` (see `choose_device`).

        Raises InputError if the checkpoint is damaged, the device or its bfloat16 not there, or
        its memory full.
        """
        chosen = choose_device(device)
        with told_without_room(chosen):
            return cls(load_checkpoint(Path(path), chosen), chosen, precision)

    @property
    def device_name(self) -> str:
        """In words, for people: "CPU (2 threads)" or the name of the GPU."""
        if self.device.type == "cuda":
            return f"GPU ({torch.cuda.get_device_name(self.device)})"
        threads = torch.get_num_threads()
        return "CPU (1 thread)" if threads == 1 else f"CPU ({threads} threads)"

    def predict(
        self,
        sequences: Items[Sequence],
        *,
        seed: int = 0,
        samples: int = 1,
        horizon: int = 10,
        latent: Latent = "sampled",
        states: States = "given",
        context: int | None = None,
    ) -> list[Prediction]:
        """Predict frames context .. context+horizon-1 of each sequence from its first `context`.

        context: given frames; as many as in training, n_past, unless told otherwise.

        latent "mean" takes the prior's (and before, the posterior's) mean instead of a draw, and
        makes one sample. A sequence without positions gets them read from its first frame and
        rolled out. Its later frames are never looked at: they may be missing or black.
        Raises InputError when a sequence is too short, numbers are out of range, or the GPU has no
        room for a single future.
        """
        begun = time.perf_counter()
        options = {"horizon": horizon, "latent": latent, "states": states, "context": context}
        task = self._task(sequences, seed=seed, samples=samples, **options)
        steps = list(self._steps(task))
        frames = np.stack([step.frames for step in steps], 2)  # (N, S, T, H, W, 3)
        latents = np.concatenate([step.latents for step in steps], 2)
        seconds = time.perf_counter() - begun
        return [
            Prediction(
                frames=frames[i],
                latents=latents[i],
                sequence=sequence.name,
                checkpoint=self.checkpoint.name,
                prior=self.checkpoint.config.model.prior,
                seed=seed,
                latent=latent,
                states=task.states[i],
                first=steps[0].t,
                device=self.device_name,
                dtype=self.precision,
                seconds=seconds,
            )
            for i, sequence in enumerate(sequences)
        ]

    def stream(
        self,
        sequences: Items[Sequence],
        *,
        seed: int = 0,
        samples: int = 1,
        horizon: int = 10,
        latent: Latent = "sampled",
        states: States = "given",
        context: int | None = None,
    ) -> Iterator[PredictionStep]:
        """As `predict`, one time step after the other, each as soon as it is made.

        What does not fit is refused by the call itself, before the first step. A stream that is
        left before its end costs nothing more.
        """
        options = {"horizon": horizon, "latent": latent, "states": states, "context": context}
        return self._steps(self._task(sequences, seed=seed, samples=samples, **options))

    def reconstruct(
        self, sequences: Items[Sequence], horizon: int = 10, context: int | None = None
    ) -> np.ndarray:
        """The posterior reference: z_t is the posterior's mean of the *true* frame t.

        The one declared exception to never looking ahead: a reference, not a prediction.
        Returns uint8 (N, horizon, H, W, 3), frames free-running.
        Raises InputError when a sequence is too short, or the GPU has no room.
        """
        with told_without_room(self.device):
            truth, conditions, given = make_posterior_task(
                self.checkpoint, self.device, sequences, horizon, context
            )
            frames = observe_free(self.checkpoint.model, truth, conditions, given)
            return to_uint8_frames(frames)

    def with_foreign_conditions(
        self, sequence: Sequence, other: Sequence, context: int | None = None
    ) -> Sequence:
        """`sequence` with the actions of `other`, and positions rolled out from those.

        The positions of its first `context` frames, n_past unless told otherwise, stay its own.
        A reference that tells how much the conditions bring.
        """
        given = given_frames(self.checkpoint, context)
        known = known_positions(self.checkpoint, self.device, sequence, given)
        rolled = roll_positions(self.checkpoint, known, other.actions)
        return replace(sequence, actions=other.actions, positions=rolled)

    def _task(self, sequences: Items[Sequence], **options: Any) -> Task:
        with told_without_room(self.device):
            return make_task(self.checkpoint, self.device, sequences, **options)

    def _steps(self, task: Task) -> Iterator[PredictionStep]:
        rows = CPU_ROWS if self.device.type == "cpu" else GPU_ROWS
        steps = roll_out(self.checkpoint.model, task.past, task.conditions, task.noise, rows)
        for t, (frames, latents) in enumerate(steps, task.past.shape[1]):
            yield PredictionStep(t, to_uint8_frames(frames), latents.float().cpu().numpy())
