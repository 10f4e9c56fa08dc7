"""From sequences to batches: windows of frames with standardised conditions.

dataset = SequenceDataset(store.split("train"), normalisation, length=12)
sampler = dataset.sampler("random", seed=1, draws_per_epoch=800)
sampler.begin(epoch)
for packed in DataLoader(dataset, 16, sampler=sampler, collate_fn=dataset.collate):
    batch = packed.to(device)
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from einops import rearrange
from torch import Tensor
from torch.utils.data import Dataset

from cvae.data.bundle import SequenceSource
from cvae.data.sampler import EpochSampler, Window
from cvae.data.sequence import ACTION_DIM, POSITION_DIM, Sequence
from cvae.errors import InputError

CONDITION_DIM = ACTION_DIM + POSITION_DIM
STILL = 1e-6  # the standard deviation of a column that never changes, at most


def conditions_of(sequence: Sequence) -> np.ndarray:
    """[action, position] of every frame as recorded, float32 (T, 7).

    Raises InputError if the sequence has no positions.
    """
    if sequence.positions is None:
        raise InputError(
            f"{sequence.name} has no positions, which a model is told beside the actions: record "
            "them, or leave the sequence out."
        )
    return np.concatenate([sequence.actions, sequence.positions], axis=1)


def _finite_rows(rows: np.ndarray) -> np.ndarray:
    return rows[np.isfinite(rows).all(1)]


def divisors(deviations: np.ndarray, margin: float = 0.0) -> np.ndarray:
    """What columns with these standard deviations, float32, are divided by: those plus `margin`.

    One that never changes is divided by 1, as there is nothing to standardise: divided by next to
    nothing, the first other value would be millions.
    """
    return np.where(deviations > STILL, deviations + np.float32(margin), np.float32(1))


@dataclass(frozen=True)
class Normalisation:
    """Mean and deviation that conditions are standardised by, float32 (7,) each."""

    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def fit(cls, split: SequenceSource) -> "Normalisation":
        """Statistics over all frames of `split` (the training split).

        Sequences without positions count for the actions only, odd numbers nowhere.
        Raises InputError if no sequence has positions.
        """
        motions = [split.motion(index) for index in range(len(split))]
        actions = _finite_rows(np.concatenate([actions for actions, _ in motions]))
        recorded = [_finite_rows(places) for _, places in motions if places is not None]
        if not recorded:
            raise InputError(
                "No training sequence has positions: record them, or train on other data."
            )
        positions = np.concatenate(recorded)
        statistics = []
        for statistic in (np.mean, np.std):
            both = [statistic(values, axis=0, dtype=np.float64) for values in (actions, positions)]
            statistics.append(np.concatenate(both).astype(np.float32))
        mean, std = statistics
        return cls(mean, divisors(std))

    @classmethod
    def identity(cls) -> "Normalisation":
        """Leaves conditions as they were recorded."""
        return cls(np.zeros(CONDITION_DIM, np.float32), np.ones(CONDITION_DIM, np.float32))

    def apply(self, conditions: np.ndarray) -> np.ndarray:
        """Standardised conditions, float32 (..., 7)."""
        return ((conditions - self.mean) / self.std).astype(np.float32)


@dataclass(frozen=True)
class Batch:
    """What the model reads.

    frames: float32 (B, T, 3, H, W) in [0, 1].
    conditions: float32 (B, T, 7), standardised; `conditions[:, t]` belongs to frame t.
    names: of the B sequences.
    """

    frames: Tensor
    conditions: Tensor
    names: list[str]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class PackedBatch:
    """A batch on its way to the device: a quarter of the bytes of a `Batch`.

    pixels: uint8 (B, T, H, W, 3).
    conditions: float32 (B, T, 7), standardised.
    names: of the B sequences.
    """

    pixels: Tensor
    conditions: Tensor
    names: list[str]

    def to(self, device: torch.device | str) -> Batch:
        pixels = self.pixels.to(device)
        frames = rearrange(pixels, "b t h w c -> b t c h w").contiguous().float() / 255
        return Batch(frames, self.conditions.to(device), self.names)


class SequenceDataset(Dataset[Sequence]):
    """Windows of `length` frames: `dataset[i]` is the first of sequence i, in every split.

    `dataset[Window(i, start)]` is the one from frame `start` on; an `EpochSampler` draws such
    windows. The data set itself draws nothing.

    conditioned: whether the model is told the conditions; else `collate` gives it zeros.

    Raises InputError if the sequences are shorter than `length`.
    """

    def __init__(
        self,
        split: SequenceSource,
        normalisation: Normalisation,
        length: int,
        conditioned: bool = True,
    ) -> None:
        if length > split.length:
            raise InputError(
                f"Windows of {length} frames do not fit into sequences of {split.length}: "
                "choose fewer past or future frames."
            )
        self.split = split
        self.normalisation = normalisation
        self.length = length
        self.conditioned = conditioned

    def __len__(self) -> int:
        return len(self.split)

    def __getitem__(self, key: int | Window) -> Sequence:
        index, start = key if isinstance(key, Window) else (key, 0)
        return self.split.window(index, start, self.length)

    def collate(self, sequences: list[Sequence]) -> PackedBatch:
        """Windows as a batch, for a DataLoader's `collate_fn`.

        Raises InputError if conditions are told, and a window has no positions.
        """
        conditions = [
            self.normalisation.apply(conditions_of(sequence))
            if self.conditioned
            else np.zeros((len(sequence), CONDITION_DIM), np.float32)
            for sequence in sequences
        ]
        return PackedBatch(
            pixels=torch.from_numpy(np.stack([sequence.frames for sequence in sequences])),
            conditions=torch.from_numpy(np.stack(conditions)),
            names=[sequence.name for sequence in sequences],
        )

    def sampler(
        self, windows: Literal["random", "first"], *, seed: int, draws_per_epoch: int
    ) -> EpochSampler:
        """A shuffled training order over this data set, with random windows or first ones."""
        starts = self.split.length - self.length + 1 if windows == "random" else 1
        return EpochSampler(len(self), starts, seed=seed, draws_per_epoch=draws_per_epoch)
