"""From a checkpoint and a sequence to predicted frames, repeatably."""

import time
from collections.abc import Sequence as Items
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from einops import rearrange
from torch import Tensor

from cvae.data.sequence import Sequence
from cvae.errors import InputError
from cvae.model.checkpoint import Checkpoint, load_checkpoint
from cvae.model.noise import sample_noise

States = Literal["given", "rolled out"]
Latent = Literal["sampled", "mean"]


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


class Predictor:
    """A checkpoint on a device; predicts without touching any state of its own.

    One predictor may serve several threads: randomness comes from the call's seed, recurrent
    state lives in the call.
    """

    def __init__(self, checkpoint: Checkpoint, device: torch.device) -> None:
        self.checkpoint = checkpoint
        self.device = device
        self.n_past = checkpoint.config.model.n_past

    @classmethod
    def load(cls, path: Path | str, device: str | None = None) -> "Predictor":
        """The checkpoint in folder `path`, on `device`, or on the GPU where there is one."""
        chosen = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        return cls(load_checkpoint(Path(path), chosen), chosen)

    @property
    def device_name(self) -> str:
        """In words, for people: "CPU (2 threads)" or the name of the GPU."""
        if self.device.type == "cuda":
            return f"GPU ({torch.cuda.get_device_name(self.device)})"
        return f"CPU ({torch.get_num_threads()} threads)"

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
        Raises InputError when a sequence is too short, or numbers are out of range.
        """
        if samples < 1 or horizon < 1:
            raise InputError(f"Asked for {samples} samples of {horizon} frames; both start at 1.")
        if latent == "mean":
            samples = 1
        begun = time.perf_counter()
        given = self._given(context)
        steps = given + horizon - 1
        for sequence in sequences:
            self._check(sequence, given, horizon, given, states)
        past = np.stack([sequence.frames[:given] for sequence in sequences])
        places, used = self._positions(sequences, given, steps, states)
        noise = self._noise(sequences, seed, samples, steps, latent)
        with torch.inference_mode():
            frames, latents = self.checkpoint.model.imagine(
                to_float_frames(past).to(self.device),
                self._conditions(sequences, places).to(self.device),
                noise.to(self.device),
            )
        pixels, latents = to_uint8_frames(frames), latents.float().cpu().numpy()
        seconds = time.perf_counter() - begun
        return [
            Prediction(
                frames=pixels[i],
                latents=latents[i],
                sequence=sequence.name,
                checkpoint=self.checkpoint.name,
                prior=self.checkpoint.config.model.prior,
                seed=seed,
                latent=latent,
                states=used[i],
                first=given,
                device=self.device_name,
                dtype="float32",
                seconds=seconds,
            )
            for i, sequence in enumerate(sequences)
        ]

    def reconstruct(
        self, sequences: Items[Sequence], horizon: int = 10, context: int | None = None
    ) -> np.ndarray:
        """The posterior reference: z_t is the posterior's mean of the *true* frame t.

        The one declared exception to never looking ahead: a reference, not a prediction.
        Returns uint8 (N, horizon, H, W, 3), frames free-running.
        Raises InputError when a sequence is too short.
        """
        given = self._given(context)
        length = given + horizon
        for sequence in sequences:
            self._check(sequence, given, horizon, length, "given")
        truth = np.stack([sequence.frames[:length] for sequence in sequences])
        places, _ = self._positions(sequences, given, length - 1, "given")
        z_dim = self.checkpoint.config.model.z_dim
        with torch.inference_mode():
            rollout = self.checkpoint.model.observe(
                to_float_frames(truth).to(self.device),
                self._conditions(sequences, places).to(self.device),
                torch.zeros(len(sequences), length - 1, z_dim, device=self.device),
                teacher_forcing=False,
                given=given,
            )
        return to_uint8_frames(rollout.frames[:, given - 1 :])

    def with_foreign_conditions(self, sequence: Sequence, other: Sequence) -> Sequence:
        """`sequence` with the actions of `other`, and positions rolled out from those.

        A reference that tells how much the conditions bring.
        """
        known = self._known_positions(sequence, self.n_past)
        actions = torch.from_numpy(other.actions)[None].to(self.device)
        rolled = self._roll(known[None], actions)[0]
        return replace(sequence, actions=other.actions, positions=rolled)

    def _given(self, context: int | None) -> int:
        """How many frames are given."""
        if context is None:
            return self.n_past
        if context < 1:
            raise InputError(f"Asked to predict from {context} given frames; give at least 1.")
        return context

    def _check(
        self, sequence: Sequence, given: int, horizon: int, frames: int, states: States
    ) -> None:
        """Raise InputError unless there are conditions for all steps, and `frames` frames."""
        steps = given + horizon - 1
        conditions = len(sequence.actions)
        if states == "given" and sequence.positions is not None:
            conditions = min(conditions, len(sequence.positions))
        if conditions < steps:
            raise InputError(
                f"{sequence.name} has conditions for {conditions} frames; predicting "
                f"{horizon} frames from {given} needs {steps}: "
                "choose a shorter horizon."
            )
        if len(sequence.frames) < frames:
            raise InputError(
                f"{sequence.name} has {len(sequence.frames)} frames, but {frames} are needed: "
                "choose a longer sequence."
            )

    def _noise(
        self, sequences: Items[Sequence], seed: int, samples: int, steps: int, latent: Latent
    ) -> Tensor:
        z_dim = self.checkpoint.config.model.z_dim
        if latent == "mean":
            return torch.zeros(len(sequences), 1, steps, z_dim)
        return torch.stack(
            [sample_noise(seed, sequence.name, samples, steps, z_dim) for sequence in sequences]
        )

    def _conditions(self, sequences: Items[Sequence], places: np.ndarray) -> Tensor:
        steps = places.shape[1]
        actions = np.stack([sequence.actions[:steps] for sequence in sequences])
        conditions = np.concatenate([actions, places], -1)
        return torch.from_numpy(self.checkpoint.normalisation.apply(conditions))

    def _positions(
        self, sequences: Items[Sequence], given: int, steps: int, states: States
    ) -> tuple[np.ndarray, list[str]]:
        """Positions (N, steps, 3) as `states` wants them, and for each where they came from."""
        places, used = [], []
        for sequence in sequences:
            if states == "given" and sequence.positions is not None:
                places.append(sequence.positions[:steps])
                used.append("given")
                continue
            actions = torch.from_numpy(sequence.actions[:steps])[None].to(self.device)
            places.append(self._roll(self._known_positions(sequence, given)[None], actions)[0])
            used.append("read" if sequence.positions is None else "rolled out")
        return np.stack(places), used

    def _known_positions(self, sequence: Sequence, given: int) -> Tensor:
        """Positions of the context (given, 3); read from the first frame where not recorded."""
        if sequence.positions is not None:
            return torch.from_numpy(sequence.positions[:given]).to(self.device)
        with torch.inference_mode():
            first = to_float_frames(sequence.frames[:1]).to(self.device)
            return self.checkpoint.state_model.read(first)

    def _roll(self, known: Tensor, actions: Tensor) -> np.ndarray:
        with torch.inference_mode():
            return self.checkpoint.state_model.roll(known, actions).float().cpu().numpy()


def to_float_frames(frames: np.ndarray) -> Tensor:
    """uint8 (..., H, W, 3) -> float32 (..., 3, H, W) in [0, 1]."""
    return rearrange(torch.from_numpy(frames), "... h w c -> ... c h w").float() / 255


def to_uint8_frames(frames: Tensor) -> np.ndarray:
    """float (..., 3, H, W) in [0, 1] -> uint8 (..., H, W, 3), rounded."""
    pixels = (frames.float() * 255).round().clamp(0, 255).to(torch.uint8)
    return rearrange(pixels, "... c h w -> ... h w c").cpu().numpy()
