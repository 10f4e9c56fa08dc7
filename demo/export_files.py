"""What can be taken away from a comparison: moving pictures, a strip, numbers, all in one ZIP."""

import io
import platform
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from cvae.data.npz import npz_bytes
from cvae.errors import InputError
from cvae.evaluation.card import together
from cvae.evaluation.clips import can_write_mp4, gif, mp4, webp
from cvae.evaluation.figures import MOVING_SCALE, Row, frame_strip, moments
from demo.appearance import COPY_LAST
from demo.comparison import Comparison, Imagined
from demo.formatting import by_given_frames, predict_commands, short_path
from demo.loading import Model, stamp_of_model
from demo.settings import PROJECT

VIDEO_SCALE = 6  # H.264 blurs single pixels
PACKAGES = ("torch", "numpy", "pillow", "streamlit")
LONGEST_LABEL = 28  # letters above a pane


@dataclass(frozen=True)
class Export:
    """The files that a comparison makes; each is made when it is asked for.

    shown: for each model the number of the sample that the pictures show.
    source: where the sequence comes from, in words.
    data: where `cvae predict` finds the sequence; None for a user's own, which then goes along.
    """

    comparison: Comparison
    shown: list[int]
    source: str
    data: Path | None

    @property
    def stem(self) -> str:
        """Of the files' names."""
        models = [one.model.name for one in self.comparison.imagined]
        return file_stem(self.comparison.truth.name, models, self.comparison.setup.seed)

    def gif(self) -> bytes:
        return gif(self._moments())

    def webp(self) -> bytes:
        return webp(self._moments())

    def mp4(self) -> bytes:
        return mp4(self._moments(VIDEO_SCALE))

    def strip(self) -> bytes:
        return self._strip(self._shown_rows())

    def strip_of_all_samples(self) -> bytes:
        imagined = self.comparison.imagined
        return self._strip([self._row(one, k) for one in imagined for k in range(one.samples)])

    def table(self) -> bytes:
        """CSV: model, sample (from 1), frame (from 0), psnr in dB, ssim; the reference last."""
        given, parts = self.comparison.given, []
        for one in self.comparison.imagined:
            for k in range(one.samples):
                parts.append(_numbers(one.model.name, k + 1, one.given, one.psnr[k], one.ssim[k]))
        copied = (self.comparison.copy_last, self.comparison.copy_last_ssim)
        parts.append(_numbers(COPY_LAST.label.lower(), 1, given, *copied))
        return pd.concat(parts).to_csv(index=False, float_format="%.6f").encode()

    def archive(self) -> bytes:
        """All files, and README.txt that says how they were made."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, make in self._files().items():
                archive.writestr(name, make())
            archive.writestr("README.txt", self.readme())
        return stream.getvalue()

    def readme(self) -> str:
        """How the files were made, and how to make them again."""
        setup = self.comparison.setup
        pairs = zip(self.comparison.imagined, self.shown, strict=True)
        models = [_describe(one, sample) for one, sample in pairs]
        versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
        lines = [
            "Predictions of a stochastic video model for one sequence of robot pushing.",
            "",
            f"sequence   {self.comparison.truth.name}: {self.source}",
            f"protocol   {self._protocol()} (counted from 0); z sampled; samples a model: "
            f"{setup.samples}",
            f"seed       {setup.seed}",
            *models,
            f"versions   Python {platform.python_version()}, {versions}",
            "",
            "The same again, with the project's command line:",
            *(f"  {command}" for command in self._commands()),
            "",
            "psnr: 10 log10(1 / MSE) over all channels of a frame, levels 0..1, in dB.",
            "ssim: 11 x 11 Gaussian, sigma 1.5. Both of the 8-bit frames that the pictures show.",
            "Samples are counted from 1, frames from 0.",
            "The WebP is lossless: reduced by 4 without smoothing, its frames are the model's to",
            "the bit. A GIF has 256 colours; an MP4 is smoothed by its encoder.",
            "",
            "files      " + ", ".join(self._files()),
        ]
        return "\n".join(lines) + "\n"

    def _files(self) -> dict[str, Callable[[], bytes]]:
        files = {f"{self.stem}.gif": self.gif, f"{self.stem}.webp": self.webp}
        if can_write_mp4():
            files[f"{self.stem}.mp4"] = self.mp4
        files[f"{self.stem}.png"] = self.strip
        if self.comparison.setup.samples > 1:
            files[f"{self.stem}_all-samples.png"] = self.strip_of_all_samples
        files[f"{self.stem}.csv"] = self.table
        if self.data is None:
            truth = self.comparison.truth
            files[f"{truth.name}.npz"] = lambda: npz_bytes(truth)
        return files

    def _protocol(self) -> str:
        """How many frames were given, and which were predicted; of each model if they differ."""
        groups, end = by_given_frames(self.comparison), len(self.comparison.truth) - 1
        return "; ".join(
            f"{given} frames given, frames {given} to {end} predicted"
            + (f" by {', '.join(one.look.label for one in models)}" if len(groups) > 1 else "")
            for given, models in groups.items()
        )

    def _commands(self) -> list[str]:
        truth = self.comparison.truth
        return predict_commands(self.comparison, self.data or PROJECT / f"{truth.name}.npz")

    def _moments(self, scale: int = MOVING_SCALE) -> list[Image.Image]:
        truth = self.comparison.truth.frames
        return moments(truth, self._shown_rows(), self.comparison.given, scale)

    def _strip(self, rows: list[Row]) -> bytes:
        stream = io.BytesIO()
        strip = frame_strip(self.comparison.truth.frames, rows, self.comparison.given)
        strip.save(stream, "PNG")
        return stream.getvalue()

    def _shown_rows(self) -> list[Row]:
        imagined = self.comparison.imagined
        return [self._row(one, k) for one, k in zip(imagined, self.shown, strict=True)]

    def _row(self, one: Imagined, sample: int) -> Row:
        number = f" {sample + 1}" if one.samples > 1 else ""
        label = one.look.label
        if len(label) > LONGEST_LABEL:
            label = label[: LONGEST_LABEL - 1] + "…"
        # A model that was given more frames than the others has no PSNR for those.
        more_given = np.full(one.given - self.comparison.given, np.nan)
        psnr = np.concatenate([more_given, one.psnr[sample]])
        return Row(
            label + number, one.frames[sample, self.comparison.given :], psnr, one.look.colour
        )


def file_stem(sequence: str, models: list[str], seed: int) -> str:
    """What a file is named after: sequence, models (how many, where their names are long), seed."""
    return re.sub(r"[^\w.-]+", "-", f"{sequence}_{together(models)}_seed{seed}")


def _numbers(
    model: str, sample: int, first: int, psnr: np.ndarray, ssim: np.ndarray
) -> pd.DataFrame:
    frames = np.arange(first, first + len(psnr))
    return pd.DataFrame(
        {"model": model, "sample": sample, "frame": frames, "psnr": psnr, "ssim": ssim}
    )


def _describe(one: Imagined, shown: int) -> str:
    """A model's line of the README."""
    made = one.prediction
    told = f"positions {made.states}" if one.model.conditioned else "told no actions or positions"
    number = f"; the pictures show sample {shown + 1}" if one.samples > 1 else ""
    return (
        f"model      {one.look.label}: checkpoint {short_path(one.model.path)} "
        f"({_weights(one.model)}), {made.prior} prior, {told}, on {made.device} in "
        f"{made.dtype}{number}"
    )


def _weights(model: Model) -> str:
    """The checksum of the weights that `model` was loaded with, or why it is not known."""
    from cvae.model.checkpoint import weights_checksum

    try:
        digest = weights_checksum(model.path)[:16]
    except InputError:
        return "its weights are gone since"
    # After the file is read, or what replaces it meanwhile would be taken for what was loaded.
    if stamp_of_model(model.path) != model.stamp:
        return "its files were replaced since"
    return f"sha256 of its weights {digest}..."
