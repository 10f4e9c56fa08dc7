"""Line charts as SVG: where everything stands; the report's template draws it.

Colours that depend on the page (text, grid) are left to its style sheet.
"""

from collections.abc import Callable, Iterable
from collections.abc import Sequence as Items
from dataclasses import dataclass

from cvae.evaluation.palette import Look
from cvae.evaluation.panel import ticks

WIDTH, HEIGHT = 400, 230
RIGHT, TOP, BOTTOM = 10, 12, 38
CHARACTER = 6.4  # width of a digit in the labels, about


@dataclass(frozen=True)
class Line:
    """One line of a chart: `y` over `x`, None where there is no value.

    half_width: of the band around it, None where there is none.
    """

    label: str
    look: Look
    x: Items[float]
    y: Items[float | None]
    half_width: Items[float | None] = ()


@dataclass(frozen=True)
class Tick:
    place: float
    words: str


@dataclass(frozen=True)
class Drawn:
    """A line in SVG's coordinates. path, band: `d` of paths. dots: points that no line joins."""

    look: Look
    path: str
    band: str
    dots: list[tuple[float, float]]


@dataclass(frozen=True)
class Chart:
    """left .. right, top .. bottom: the box within which the lines are."""

    title: str
    across: str
    alt: str
    left: float
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    lines: list[Drawn]
    width: int = WIDTH
    height: int = HEIGHT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def line_chart(title: str, across: str, lines: list[Line], from_zero: bool = False) -> Chart:
    """A chart of `lines`; `across` names the x axis, whose values are whole numbers.

    from_zero: whether the y axis begins at 0. Lines without any value are left out.
    """
    lines = [line for line in lines if any(y is not None for y in line.y)]
    x_low, x_high = _range([x for line in lines for x in line.x])
    y_low, y_high = _range(list(_reached(lines)))
    margin = 0.05 * (y_high - y_low) or 0.5 * abs(y_high) or 1
    y_low, y_high = 0 if from_zero else y_low - margin, y_high + margin
    words = [(y, f"{y:.6g}") for y in ticks(y_low, y_high)]
    steps = ticks(x_low, x_high) if x_high > x_low else [x_low]
    left = 10 + CHARACTER * max((len(label) for _, label in words), default=1)

    def at(x: float, y: float) -> tuple[float, float]:
        share = (x - x_low) / (x_high - x_low) if x_high > x_low else 0.5
        across = left + share * (WIDTH - RIGHT - left)
        up = (y - y_low) / (y_high - y_low) * (HEIGHT - BOTTOM - TOP)
        return round(across, 1), round(HEIGHT - BOTTOM - up, 1)

    return Chart(
        title=title,
        across=across,
        alt=f"{title}: {'; '.join(map(_ends, lines)) or 'no values'}",
        left=left,
        x_ticks=[Tick(at(x, y_low)[0], f"{x:g}") for x in steps if x % 1 == 0],
        y_ticks=[Tick(at(x_low, y)[1], label) for y, label in words],
        lines=[_draw(line, at) for line in lines],
    )


def _range(values: list[float]) -> tuple[float, float]:
    return min(values, default=0), max(values, default=1)


def _reached(lines: list[Line]) -> Iterable[float]:
    """Values that lines and bands reach."""
    for line in lines:
        yield from (y for y in line.y if y is not None)
        for _, y, half in _band(line):
            yield from (y - half, y + half)


def _band(line: Line) -> list[tuple[float, float, float]]:
    points = zip(line.x, line.y, line.half_width, strict=False)
    return [(x, y, half) for x, y, half in points if y is not None and half is not None]


def _draw(line: Line, at: Callable[[float, float], tuple[float, float]]) -> Drawn:
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(line.x, line.y, strict=True):
        if y is None:
            runs.append([])
        else:
            runs[-1].append(at(x, y))
    joined = [_path(run) for run in runs if len(run) > 1]
    band = _band(line)
    outline = [at(x, y + half) for x, y, half in band]
    outline += [at(x, y - half) for x, y, half in reversed(band)]
    dots = [run[0] for run in runs if len(run) == 1]
    return Drawn(line.look, " ".join(joined), _path(outline) + "Z" if outline else "", dots)


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _ends(line: Line) -> str:
    """Where a line begins and ends, for people who can't see it."""
    known = [y for y in line.y if y is not None]
    return f"{line.label} from {known[0]:.4g} to {known[-1]:.4g}"
