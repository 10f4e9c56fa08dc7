"""What a model imagines of a sequence, as a thing to measure and to look at."""

import io
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape

import numpy as np

from cvae.data.sequence import Sequence
from cvae.errors import InputError
from cvae.evaluation.figures import Row, comparison_gif, frame_strip, model_colours
from cvae.evaluation.metrics import psnr, ssim
from cvae.evaluation.picture import Picture
from cvae.inference.predictor import Prediction, to_float_frames


@dataclass(frozen=True, repr=False, eq=False)
class Future:
    """What a model imagines of a sequence: S samples of T frames, and what really happened.

    prediction: how it was made, with the latents.
    sequence: the true one, up to the last predicted frame.
    numbers: of the samples, from 0. drawn: how many there were in all.
    """

    prediction: Prediction
    sequence: Sequence
    numbers: range
    drawn: int

    @property
    def frames(self) -> np.ndarray:
        """uint8 (S, T, 64, 64, 3), RGB: the predicted frames of each sample."""
        return self.prediction.frames

    @property
    def truth(self) -> np.ndarray:
        """uint8 (T, 64, 64, 3), RGB: the frames that really came."""
        return self.sequence.frames[self.prediction.first :]

    @cached_property
    def psnr(self) -> np.ndarray:
        """(S, T), in dB, of each predicted frame."""
        return psnr(to_float_frames(self.frames), to_float_frames(self.truth)).numpy()

    @cached_property
    def ssim(self) -> np.ndarray:
        """(S, T), at most 1: structural similarity of each predicted frame."""
        return ssim(to_float_frames(self.frames), to_float_frames(self.truth)).numpy()

    @property
    def best(self) -> "Future":
        """The one sample with the highest PSNR (mean over its frames)."""
        return self[int(self.psnr.mean(1).argmax())]

    @property
    def worst(self) -> "Future":
        """The one sample with the lowest PSNR."""
        return self[int(self.psnr.mean(1).argmin())]

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: int) -> "Future":
        """The future that has sample `index` alone."""
        index = range(len(self))[index]
        one = slice(index, index + 1)
        made = replace(
            self.prediction,
            frames=self.prediction.frames[one],
            latents=self.prediction.latents[one],
        )
        return replace(self, prediction=made, numbers=self.numbers[one])

    def strip(self, *others: "Future") -> Picture:
        """The frames in a row, truth above the samples, then those of `others`.

        Raises InputError if the others are not of the same frames.
        """
        truth, rows, first = self._drawn(others)
        stream = io.BytesIO()
        frame_strip(truth, rows, first).save(stream, "PNG")
        return Picture(stream.getvalue(), self._alt(rows))

    def gif(self, *others: "Future") -> Picture:
        """The frames moving, truth left of the samples, then those of `others`.

        Raises InputError if the others are not of the same frames.
        """
        truth, rows, first = self._drawn(others)
        return Picture(comparison_gif(truth, rows, first), self._alt(rows))

    def _drawn(self, others: tuple["Future", ...]) -> tuple[np.ndarray, list[Row], int]:
        futures = [self, *others]
        for other in others:
            if not np.array_equal(other.sequence.frames, self.sequence.frames) or (
                other.prediction.first != self.prediction.first
            ):
                raise InputError(
                    f"The futures are not of the same frames ({self!r}; {other!r}): predict the "
                    "same sequence with the same horizon."
                )
        colours = model_colours([future.prediction.prior for future in futures])
        rows = []
        for future, colour in zip(futures, colours, strict=True):
            drawn = zip(future._labels(), future.frames, future.psnr, strict=True)
            rows += [Row(label, frames, decibel, colour) for label, frames, decibel in drawn]
        return self.sequence.frames, rows, self.prediction.first

    def _labels(self) -> list[str]:
        name = self.prediction.checkpoint
        return [name] if self.drawn == 1 else [f"{name}, sample {n}" for n in self.numbers]

    def _alt(self, rows: list[Row]) -> str:
        names = ", ".join(row.label for row in rows)
        return f"{self.sequence.name}: what happened, and what was predicted by {names}"

    def __repr__(self) -> str:
        made, by_sample = self.prediction, self.psnr.mean(1)
        range_ = f" (from {by_sample.min():.2f} to {by_sample.max():.2f})" if len(self) > 1 else ""
        many = "1 sample" if len(self) == 1 else f"{len(self)} samples"
        last = made.first + len(self.truth) - 1
        return (
            f"{made.sequence} by {made.checkpoint}: {many} of frames {made.first} to {last}, seed "
            f"{made.seed}, states {made.states}, PSNR {by_sample.mean():.2f} dB{range_}"
        )

    def _repr_html_(self) -> str:
        """Moving: all samples if they are few, else the best and the worst."""
        shown = self.gif() if len(self) < 3 else self.best.gif(self.worst)
        return f"<p>{escape(repr(self))}</p>{shown._repr_html_()}"
