"""Small line charts as pictures: axes, lines and the bands of their intervals."""

import io
import math
from collections.abc import Iterable
from collections.abc import Sequence as Items
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from cvae.evaluation.figures import FAINT, INK, PAPER
from cvae.evaluation.scores import Curve

# In points; drawn larger and reduced, because Pillow draws lines without smoothing.
SCALE, SMOOTHING = 2, 2
UNIT = SCALE * SMOOTHING
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 38, 34
LINE, GRID, BAND = 1.8, "#e3e6ea", 46
TICKS = 5  # on an axis, about


@dataclass(frozen=True)
class Panel:
    """Where values are drawn: a box on the canvas, and the values at its edges."""

    box: tuple[float, float, float, float]
    first: float
    last: float
    low: float
    high: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        left, top, right, bottom = self.box
        across = (x - self.first) / ((self.last - self.first) or 1)
        up = (y - self.low) / (self.high - self.low)
        return left + across * (right - left), bottom - up * (bottom - top)


def canvas(width: int, height: int) -> Image.Image:
    """An empty picture of so many points."""
    return Image.new("RGB", (width * UNIT, height * UNIT), PAPER)


def webp(image: Image.Image) -> bytes:
    """A WebP file of a `canvas`, its lines smoothed: two thirds of the PNG."""
    content = io.BytesIO()
    # An octree keeps the lines' own colours; the median cut, or 32, would merge two of them.
    few = image.reduce(SMOOTHING).quantize(
        64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    few.convert("RGB").save(content, "WEBP", lossless=True, quality=100, method=6)
    return content.getvalue()


def box_within(corner: tuple[int, int], width: int, height: int) -> tuple[int, int, int, int]:
    """The box of a panel that takes `width` x `height` points from the pixel `corner` on."""
    left, top = corner
    return (
        left + LEFT * UNIT,
        top + TOP * UNIT,
        left + (width - RIGHT) * UNIT,
        top + (height - BOTTOM) * UNIT,
    )


def bounds(curves: Iterable[Curve]) -> tuple[float, float]:
    """Room for all curves and their bands."""
    values = [
        mean + sign * (half or 0)
        for curve in curves
        for mean, half in zip(curve.mean, curve.half_width, strict=True)
        if mean is not None
        for sign in (-1, 1)
    ]
    margin = 0.05 * (max(values) - min(values)) or 1
    return min(values) - margin, max(values) + margin


def ticks(low: float, high: float) -> list[float]:
    """Round numbers from `low` to `high`, 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough)
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


def draw_axes(
    image: Image.Image, panel: Panel, title: str, across: str, marks: Iterable[tuple[float, str]]
) -> None:
    """Title, grid and numbers; `marks` are places on the x axis, with their words."""
    draw, (left, top, right, bottom) = ImageDraw.Draw(image), panel.box
    draw.text((left, top - 12 * UNIT), title, INK, font(12), anchor="ls")
    steps = ticks(panel.low, panel.high)
    digits = max(0, -math.floor(math.log10(steps[1] - steps[0]) + 1e-9)) if steps[1:] else 0
    for value in steps:
        _, y = panel.at(panel.first, value)
        draw.line([(left, y), (right, y)], GRID, UNIT)
        words = f"{value:.{digits}f}"
        draw.text((left - 6 * UNIT, y), words, FAINT, font(10), anchor="rm")
    for place, words in marks:
        x, _ = panel.at(place, panel.low)
        draw.text((x, bottom + 6 * UNIT), words, FAINT, font(10), anchor="mt")
    draw.text(((left + right) / 2, bottom + 18 * UNIT), across, FAINT, font(10), anchor="mt")


def draw_band(image: Image.Image, panel: Panel, x: Items[float], y: Curve, colour: str) -> None:
    """The interval around the mean, see-through; nothing unless every mean has one."""
    known = [
        (t, mean, half)
        for t, mean, half in zip(x, y.mean, y.half_width, strict=True)
        if mean is not None and half is not None
    ]
    if len(known) < len(x):
        return
    above = [panel.at(t, mean + half) for t, mean, half in known]
    below = [panel.at(t, mean - half) for t, mean, half in known]
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).polygon(above + below[::-1], BAND)
    image.paste(Image.new("RGB", image.size, colour), mask=mask)


def draw_line(
    image: Image.Image,
    panel: Panel,
    x: Items[float],
    y: Items[float | None],
    colour: str,
    *,
    dots: bool = False,
) -> None:
    """Points joined by a line, and with `dots` each marked."""
    draw = ImageDraw.Draw(image)
    points = [panel.at(t, value) for t, value in zip(x, y, strict=True) if value is not None]
    draw.line(points, colour, round(LINE * UNIT), joint="curve")
    for point in points if dots else ():
        draw.circle(point, 2 * LINE * UNIT, colour)


def draw_key(image: Image.Image, entries: dict[str, str], x: float, middle: float) -> None:
    """Words with their colours, side by side from `x` on, in pixels."""
    draw = ImageDraw.Draw(image)
    for words, colour in entries.items():
        draw.line([(x, middle), (x + 16 * UNIT, middle)], colour, 3 * UNIT)
        x += 21 * UNIT
        draw.text((x, middle), words, INK, font(11), anchor="lm")
        x += font(11).getlength(words) + 14 * UNIT


def font(points: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(points * UNIT)
