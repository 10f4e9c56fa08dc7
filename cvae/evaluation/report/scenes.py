"""A sequence as several models imagine it, in pieces that a page puts together."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from cvae.evaluation.clips import gif
from cvae.evaluation.figures import GIVEN, INK
from cvae.evaluation.future import Future
from cvae.evaluation.metrics import psnr
from cvae.evaluation.picture import Picture
from cvae.evaluation.report.runs import Run
from cvae.inference.predictor import to_float_frames

BORDER = 2


@dataclass(frozen=True)
class Cell:
    """A frame of a row: its picture, if it is shown, and its PSNR in dB, if it is predicted."""

    picture: Picture | None
    psnr: float | None


@dataclass(frozen=True)
class SceneRow:
    """A cell for each frame of the sequence; colour of the borders; mean PSNR in dB."""

    label: str
    colour: str
    cells: list[Cell]
    mean: float | None


@dataclass(frozen=True)
class Scene:
    """given: frames that every model is given. panes: their number in the moving picture."""

    name: str
    title: str
    simulated: bool
    given: int
    states: str
    panes: int
    moving: Picture
    rows: list[SceneRow]


def scene(runs: list[Run], futures: list[Future], title: str) -> Scene:
    """What happened beside the first sample of each of `futures`, one a run, up to one frame."""
    sequence = futures[0].sequence
    given = min(future.prediction.first for future in futures)
    truth = [Cell(_png(frame, f"frame {t}"), None) for t, frame in enumerate(sequence.frames)]
    copied = np.broadcast_to(sequence.frames[given - 1], sequence.frames[given:].shape)
    decibel = psnr(to_float_frames(copied.copy()), to_float_frames(sequence.frames[given:])).numpy()
    nothing = [Cell(None, None)] * given
    return Scene(
        name=sequence.name,
        title=title,
        simulated=sequence.simulated,
        given=given,
        states=" / ".join(sorted({future.prediction.states for future in futures})),
        panes=1 + len(futures),
        moving=_moving(sequence.frames, runs, futures),
        rows=[
            SceneRow("What happened", "", truth, None),
            *(_row(run, future) for run, future in zip(runs, futures, strict=True)),
            SceneRow(
                "Copy the last given frame",
                "",
                nothing + [Cell(None, value) for value in decibel],
                decibel.mean(),
            ),
        ],
    )


def _row(run: Run, future: Future) -> SceneRow:
    first = future.prediction.first
    shown = enumerate(zip(future.frames[0], future.psnr[0], strict=True), first)
    cells = [Cell(_png(frame, f"{run.label}, frame {t}"), value) for t, (frame, value) in shown]
    mean = future.psnr[0].mean()
    return SceneRow(run.label, run.look.colour, [Cell(None, None)] * first + cells, mean)


def _moving(truth: np.ndarray, runs: list[Run], futures: list[Future]) -> Picture:
    """Truth left, then the models; a pane's border is grey while its frames are given."""
    moments = []
    for t, frame in enumerate(truth):
        given = min(future.prediction.first for future in futures)
        panes = [_bordered(frame, GIVEN if t < given else INK)]
        for run, future in zip(runs, futures, strict=True):
            predicted = t - future.prediction.first
            if predicted < 0:
                panes.append(_bordered(frame, GIVEN))
            else:
                panes.append(_bordered(future.frames[0, predicted], run.look.colour))
        moments.append(Image.fromarray(np.hstack(panes)))
    labels = ", then ".join(["what happened", *(run.label for run in runs)])
    return Picture(gif(moments), f"{futures[0].sequence.name}, moving: {labels}")


def _bordered(frame: np.ndarray, colour: str) -> np.ndarray:
    # A pane's sides are multiples of 4: the GIF's palette is taken from every fourth pixel.
    height, width = (side + 2 * BORDER for side in frame.shape[:2])
    image = Image.new("RGB", (width, height), colour)
    image.paste(Image.fromarray(frame), (BORDER, BORDER))
    return np.asarray(image)


def _png(frame: np.ndarray, alt: str) -> Picture:
    stream = io.BytesIO()
    Image.fromarray(frame).save(stream, "PNG", optimize=True)
    return Picture(stream.getvalue(), alt)
