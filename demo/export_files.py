"""What can be taken away from a comparison: moving pictures, a strip, numbers, all in one ZIP."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from cvae.data.npz import npz_bytes
from cvae.evaluation.card import together
from cvae.evaluation.clips import can_write_mp4, gif, mp4, webp
from cvae.evaluation.figures import MOVING_SCALE, Row, frame_strip, moments
from demo.appearance import COPY_LAST, LONGEST_LABEL, shortened
from demo.comparison import Comparison, Imagined
from demo.components.frame_player.page import player_page
from demo.export_readme import write_readme
from demo.formatting import predict_commands
from demo.frame_metrics import Measured
from demo.loading import DRAWN, PRIOR_MEAN, Setup
from demo.settings import PROJECT

VIDEO_SCALE = 6  # H.264 blurs single pixels


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
        """Of the files' names: no two different predictions of a sequence have one."""
        models = [one.model.name for one in self.comparison.imagined]
        return file_stem(self.comparison.truth.name, models, *_parts(self.comparison.setup))

    def gif(self) -> bytes:
        return gif(self._moments())

    def webp(self) -> bytes:
        return webp(self._moments())

    def mp4(self) -> bytes:
        return mp4(self._moments(VIDEO_SCALE))

    def strip(self) -> bytes:
        return self._strip(self.shown_rows())

    def strip_of_all_samples(self) -> bytes:
        imagined = self.comparison.imagined
        return self._strip([self._row(one, k) for one in imagined for k in range(one.samples)])

    def table(self) -> bytes:
        """CSV: model, sample (from 1), frame (from 0), the metrics; the reference last."""
        numbers = [
            _numbers(one.model.name, one.given, one.measured, self._columns())
            for one in self.comparison.imagined
        ]
        copied, given = self.comparison.copy_last, self.comparison.given
        numbers.append(_numbers(COPY_LAST.label.lower(), given, copied, self._columns()))
        return pd.concat(numbers).to_csv(index=False, float_format="%.6f").encode()

    def page(self) -> bytes:
        """The player as one HTML file, with what `readme` says."""
        return player_page(self.comparison, self.shown, self.readme())

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
        truth = self.comparison.truth
        commands = predict_commands(self.comparison, self.data or PROJECT / f"{truth.name}.npz")
        return write_readme(
            self.comparison, self.shown, self.source, commands, self._columns(), list(self._files())
        )

    def _files(self) -> dict[str, Callable[[], bytes]]:
        files = {f"{self.stem}.gif": self.gif, f"{self.stem}.webp": self.webp}
        if can_write_mp4():
            files[f"{self.stem}.mp4"] = self.mp4
        files[f"{self.stem}.html"] = self.page
        files[f"{self.stem}.png"] = self.strip
        if self.comparison.setup.samples > 1:
            files[f"{self.stem}_all-samples.png"] = self.strip_of_all_samples
        files[f"{self.stem}.csv"] = self.table
        if self.data is None:
            truth = self.comparison.truth
            files[f"{truth.name}.npz"] = lambda: npz_bytes(truth)
        return files

    def _columns(self) -> list[str]:
        """The metrics of the table: PSNR also as the lab computes it."""
        return ["psnr", "psnr_lab", *self.comparison.metrics[1:]]

    def _moments(self, scale: int = MOVING_SCALE) -> list[Image.Image]:
        truth = self.comparison.truth.frames
        return moments(truth, self.shown_rows(), self.comparison.given, scale)

    def _strip(self, rows: list[Row]) -> bytes:
        stream = io.BytesIO()
        strip = frame_strip(self.comparison.truth.frames, rows, self.comparison.given)
        strip.save(stream, "PNG")
        return stream.getvalue()

    def shown_rows(self) -> list[Row]:
        """The models of the pictures, each with its label and its frames that were not given."""
        imagined = self.comparison.imagined
        return [self._row(one, k) for one, k in zip(imagined, self.shown, strict=True)]

    def _row(self, one: Imagined, sample: int) -> Row:
        number = f" {sample + 1}" if one.samples > 1 else ""
        label = shortened(one.look.label, LONGEST_LABEL - len(one.mark))
        # A model that was given more frames than the others has no PSNR for those.
        more_given = np.full(one.given - self.comparison.given, np.nan)
        psnr = np.concatenate([more_given, one.psnr[sample]])
        return Row(
            label + one.mark + number,
            one.frames[sample, self.comparison.given :],
            psnr,
            one.look.colour,
            "reference" if one.rollout.is_reference else "predicted",
        )


def file_stem(sequence: str, models: list[str], *parts: str) -> str:
    """What a file is named after: sequence, models (how many, where their names are long), parts.

    parts: how the frames were made, such as "seed3".
    """
    return re.sub(r"[^\w.-]+", "-", "_".join([sequence, together(models), *parts]))


def _parts(setup: Setup) -> list[str]:
    """All of `setup` that makes another prediction; what is as usual is left out."""
    usual = Setup()
    if setup.latent == DRAWN:
        parts = [f"seed{setup.seed}"]
    else:
        parts = ["z-mean" if setup.latent == PRIOR_MEAN else "posterior-reference"]
    parts += [f"{setup.samples}-samples"] if setup.samples != usual.samples else []
    parts += [f"{setup.horizon}-frames"] if setup.horizon != usual.horizon else []
    parts += [f"states-{setup.states}"] if setup.states != usual.states else []
    return parts


def _numbers(model: str, first: int, measured: Measured, metrics: list[str]) -> pd.DataFrame:
    """A row a sample and frame; `first` is the number of the first of the frames."""
    values = {metric: measured[metric] for metric in metrics}  # (S, T) each
    samples, frames = values["psnr"].shape
    table = {
        "model": model,
        "sample": np.repeat(np.arange(1, samples + 1), frames),
        "frame": np.tile(np.arange(first, first + frames), samples),
    }
    return pd.DataFrame(table | {name: found.ravel() for name, found in values.items()})
