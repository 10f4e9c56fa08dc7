"""A picture of an evaluation: how good each predicted frame is, with the band of its interval."""

import io
import math
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from cvae.evaluation.figures import FAINT, INK, PAPER
from cvae.evaluation.scores import (
    BEST,
    COPY_LAST,
    FOREIGN,
    ONE_SAMPLE,
    POSTERIOR,
    PRIOR_MEAN,
    Curve,
    Evaluation,
)

# Okabe and Ito's, readable for the colour-blind; grey for what no model made.
COLOURS = {
    COPY_LAST: "#6e7781",
    ONE_SAMPLE: "#0072B2",
    BEST: "#009E73",
    PRIOR_MEAN: "#E69F00",
    FOREIGN: "#CC79A7",
    POSTERIOR: "#56B4E9",
}
PANELS = {"psnr": "PSNR, dB", "ssim": "SSIM"}
# In points; drawn larger and reduced, because Pillow draws lines without smoothing.
WIDTH, HEIGHT, LEGEND, SCALE, SMOOTHING = 440, 250, 44, 2, 2
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 38, 34
GRID, BAND = "#e3e6ea", 46


@dataclass(frozen=True)
class Panel:
    """Where values are drawn: a box on the canvas, and the values at its edges."""

    box: tuple[float, float, float, float]
    frames: range
    low: float
    high: float

    def at(self, frame: float, value: float) -> tuple[float, float]:
        left, top, right, bottom = self.box
        across = (frame - self.frames[0]) / max(1, len(self.frames) - 1)
        up = (value - self.low) / (self.high - self.low)
        return left + across * (right - left), bottom - up * (bottom - top)


def curves_png(evaluations: dict[str, Evaluation]) -> bytes:
    """One row a protocol, PSNR and SSIM side by side, a line a variant: a PNG file."""
    unit = SCALE * SMOOTHING
    size = (WIDTH * len(PANELS) * unit, (LEGEND + HEIGHT * len(evaluations)) * unit)
    image = Image.new("RGB", size, PAPER)
    first = next(iter(evaluations.values()))
    _legend(image, first.checkpoint, _variants(evaluations.values()), unit)
    for row, evaluation in enumerate(evaluations.values()):
        for column, metric in enumerate(PANELS):
            corner = (column * WIDTH * unit, (LEGEND + row * HEIGHT) * unit)
            _draw_panel(image, corner, evaluation, metric, unit)
    content = io.BytesIO()
    # An octree keeps the lines' own colours; the median cut would merge two of them.
    palette = {"colors": 128, "method": Image.Quantize.FASTOCTREE, "dither": Image.Dither.NONE}
    image.reduce(SMOOTHING).quantize(**palette).save(content, "PNG", optimize=True)
    return content.getvalue()


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from `low` to `high`, 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / about
    power = 10 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough)
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _variants(evaluations: Iterable[Evaluation]) -> list[str]:
    shown = [variant for evaluation in evaluations for variant in evaluation.steps]
    return [variant for variant in COLOURS if variant in shown]


def _legend(image: Image.Image, model: str, variants: list[str], unit: int) -> None:
    draw, middle = ImageDraw.Draw(image), LEGEND * unit / 2
    x = 12 * unit
    draw.text((x, middle), model, INK, _font(14, unit), anchor="lm")
    x += _font(14, unit).getlength(model) + 20 * unit
    for variant in variants:
        draw.line([(x, middle), (x + 16 * unit, middle)], COLOURS[variant], 3 * unit)
        x += 21 * unit
        draw.text((x, middle), variant, INK, _font(11, unit), anchor="lm")
        x += _font(11, unit).getlength(variant) + 14 * unit


def _draw_panel(
    image: Image.Image, corner: tuple[int, int], evaluation: Evaluation, metric: str, unit: int
) -> None:
    left, top = corner
    box = (
        left + LEFT * unit,
        top + TOP * unit,
        left + (WIDTH - RIGHT) * unit,
        top + (HEIGHT - BOTTOM) * unit,
    )
    curves = {variant: metrics[metric] for variant, metrics in evaluation.steps.items()}
    protocol = evaluation.protocol
    panel = Panel(box, protocol.future, *_bounds(curves.values()))
    _draw_axes(image, panel, f"{protocol.name}: {PANELS[metric]}", unit)
    for variant, curve in curves.items():
        _draw_band(image, panel, curve, COLOURS[variant])
    draw = ImageDraw.Draw(image)
    for variant, curve in curves.items():
        points = [panel.at(t, v) for t, v in zip(protocol.future, curve.mean, strict=True)]
        draw.line(points, COLOURS[variant], round(1.8 * unit), joint="curve")


def _draw_axes(image: Image.Image, panel: Panel, title: str, unit: int) -> None:
    draw, (left, top, right, bottom) = ImageDraw.Draw(image), panel.box
    draw.text((left, top - 12 * unit), title, INK, _font(12, unit), anchor="ls")
    steps = ticks(panel.low, panel.high)
    digits = max(0, -math.floor(math.log10(steps[1] - steps[0]) + 1e-9)) if steps[1:] else 0
    for value in steps:
        _, y = panel.at(panel.frames[0], value)
        draw.line([(left, y), (right, y)], GRID, unit)
        words = f"{value:.{digits}f}"
        draw.text((left - 6 * unit, y), words, FAINT, _font(10, unit), anchor="rm")
    every = max(1, round(len(panel.frames) / 10))
    for frame in panel.frames[::every]:
        x, _ = panel.at(frame, panel.low)
        draw.text((x, bottom + 6 * unit), str(frame), FAINT, _font(10, unit), anchor="mt")
    draw.text(
        ((left + right) / 2, bottom + 18 * unit), "frame", FAINT, _font(10, unit), anchor="mt"
    )


def _draw_band(image: Image.Image, panel: Panel, curve: Curve, colour: str) -> None:
    """The interval around the mean, see-through; nothing where there is none."""
    if None in curve.half_width:
        return
    known = list(zip(panel.frames, curve.mean, curve.half_width, strict=True))
    above = [panel.at(t, mean + half) for t, mean, half in known]
    below = [panel.at(t, mean - half) for t, mean, half in known]
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).polygon(above + below[::-1], BAND)
    image.paste(Image.new("RGB", image.size, colour), mask=mask)


def _bounds(curves: Iterable[Curve]) -> tuple[float, float]:
    """Room for all curves and their bands."""
    values = [
        mean + sign * (half or 0)
        for curve in curves
        for mean, half in zip(curve.mean, curve.half_width, strict=True)
        for sign in (-1, 1)
    ]
    margin = 0.05 * (max(values) - min(values)) or 1
    return min(values) - margin, max(values) + margin


def _font(points: int, unit: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(points * unit)
