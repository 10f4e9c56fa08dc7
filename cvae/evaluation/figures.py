"""Pictures of predictions beside the truth: a labelled strip of frames, and moving ones."""

import itertools
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cvae.config import PRIORS
from cvae.evaluation.clips import gif
from cvae.evaluation.palette import COLOURS

PAPER, INK, FAINT = "#ffffff", "#1f2328", "#6e7781"
GIVEN = "#8c959f"
BORDER, GAP = 3, 8
HEAD, FOOT = 34, 30  # above and below the panes of a moving picture, for words
STRIP_SCALE, MOVING_SCALE = 2, 4  # pixels for one of a frame


@dataclass(frozen=True)
class Row:
    """One prediction: `frames` uint8 (T, H, W, 3), of `psnr` (T,) in dB against the truth.

    Where one model was given more frames than the others, its psnr is NaN for those; in
    moving pictures it is empty where what stands beside is another future, and no truth.
    made: what the frames are, in a word under moving ones.
    """

    label: str
    frames: np.ndarray
    psnr: np.ndarray
    colour: str
    made: str = "predicted"

    def said(self, t: int) -> str:
        """PSNR of frame t as a number, "given", or nothing where there is none."""
        if not self.psnr.size:
            return ""
        return "given" if np.isnan(self.psnr[t]) else f"{self.psnr[t]:.1f}"


def model_colours(priors: list[str]) -> list[str]:
    """A colour for each model: its prior's own for the first of a prior, others after that."""
    own: dict[str, str] = dict(zip(PRIORS, COLOURS, strict=False))
    others = itertools.cycle(COLOURS[len(own) :])
    return [
        own[prior] if prior not in priors[:number] else next(others)
        for number, prior in enumerate(priors)
    ]


def frame_strip(
    truth: np.ndarray, rows: list[Row], first: int, label: str = "truth"
) -> Image.Image:
    """Time runs to the right; the truth stands above the predictions, PSNR under each frame.

    truth: uint8 (first + T, H, W, 3), of which the first `first` frames were given; named `label`.
    """
    side = truth.shape[1] * STRIP_SCALE + 2 * BORDER
    text, small = _font(15), _font(13)
    widths = [text.getlength(name) for name in (label, *(row.label for row in rows))]
    left, top, line = GAP * 3 + round(max(widths)), GAP * 2 + 22, side + GAP
    caption = 20  # PSNR under the frames of a prediction
    height = top + line + len(rows) * (line + caption) + GAP
    image = Image.new("RGB", (left + len(truth) * (side + GAP) + GAP, height), PAPER)
    draw = ImageDraw.Draw(image)

    def column(t: int) -> int:
        return left + t * (side + GAP)

    def place(frame: np.ndarray, t: int, y: int, colour: str) -> None:
        image.paste(_framed(frame, STRIP_SCALE, colour), (column(t), y))

    for t, frame in enumerate(truth):
        words = f"{t} given" if t < first else f"{t}"
        draw.text((column(t) + side / 2, top - GAP), words, FAINT, small, anchor="ms")
        place(frame, t, top, GIVEN if t < first else INK)
    draw.text((GAP * 2, top + side / 2), label, INK, text, anchor="lm")
    for number, row in enumerate(rows):
        y = top + line + number * (line + caption)
        draw.text((GAP * 2, y + side / 2 - 10), row.label, row.colour, text, anchor="lm")
        mean = f"mean {np.nanmean(row.psnr):.2f} dB"
        draw.text((GAP * 2, y + side / 2 + 10), mean, FAINT, small, anchor="lm")
        for i, frame in enumerate(row.frames):
            place(frame, first + i, y, row.colour)
            middle = column(first + i) + side / 2
            draw.text((middle, y + side + 4), row.said(i), FAINT, small, anchor="mt")
    return image


def comparison_gif(truth: np.ndarray, rows: list[Row], first: int) -> bytes:
    """The `moments` as a looping GIF."""
    return gif(moments(truth, rows, first))


def moments(
    truth: np.ndarray,
    rows: list[Row],
    first: int,
    scale: int = MOVING_SCALE,
    label: str = "truth",
) -> list[Image.Image]:
    """A picture a frame: truth left, predictions right, all at the same frame.

    truth: uint8 (first + T, H, W, 3), named `label` above it. While frames are given every pane
    shows the given one, with a grey border; a predicted frame has its model's colour. The sides of
    the pictures are even where those of the frames are.
    """
    return [_moment(truth, rows, first, t, scale, label) for t in range(len(truth))]


def _moment(
    truth: np.ndarray, rows: list[Row], first: int, t: int, scale: int, name: str
) -> Image.Image:
    side = truth.shape[1] * scale + 2 * BORDER
    text, small = _font(17), _font(15)
    size = (GAP + (1 + len(rows)) * (side + GAP), HEAD + side + FOOT)
    image = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(image)
    given = t < first
    panes = [(name, truth[t], INK)]
    panes += [(row.label, truth[t] if given else row.frames[t - first], row.colour) for row in rows]
    for number, (label, frame, colour) in enumerate(panes):
        x = GAP + number * (side + GAP)
        draw.text((x + side / 2, HEAD - 11), label, colour, text, anchor="ms")
        image.paste(_framed(frame, scale, GIVEN if given else colour), (x, HEAD))
        words = f"frame {t}, given" if given else f"frame {t}"
        if number and not given:
            made, said = rows[number - 1].made, rows[number - 1].said(t - first)
            words += {"given": ", given", "": f", {made}"}.get(said, f", {made}: {said} dB")
        draw.text((x + side / 2, HEAD + side + 7), words, FAINT, small, anchor="mt")
    return image


def _framed(frame: np.ndarray, scale: int, colour: str) -> Image.Image:
    """The frame upscaled without smoothing, with a border."""
    height, width = (side * scale for side in frame.shape[:2])
    image = Image.new("RGB", (width + 2 * BORDER, height + 2 * BORDER), colour)
    picture = Image.fromarray(frame).resize((width, height), Image.Resampling.NEAREST)
    image.paste(picture, (BORDER, BORDER))
    return image


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
