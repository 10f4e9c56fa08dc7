"""What the KL's weight does, as a picture: KL, active dimensions and PSNR over beta_max."""

import math
from collections.abc import Iterator

from cvae.ablations.results import Row
from cvae.evaluation.curves import COLOURS
from cvae.evaluation.panel import (
    LEFT,
    UNIT,
    Panel,
    bounds,
    box_within,
    canvas,
    draw_axes,
    draw_band,
    draw_key,
    draw_line,
    webp,
)
from cvae.evaluation.rows import BEST, ONE_SAMPLE, PRIOR_MEAN
from cvae.evaluation.scores import Curve

QUESTION, FILE = "beta-max", "beta-max.webp"
WIDTH, HEIGHT, KEY = 340, 270, 26  # in points; of a panel, and of the line above all
PURPLE = "#8250df"
PANELS = ("KL, nats per frame", "Active latent dimensions", "PSNR on validation, dB")


def beta_figure(measured: list[Row]) -> bytes | None:
    """A WebP file; None unless two or more settings of the question are measured."""
    answers = [row for row in measured if row.question.name == QUESTION]
    answers.sort(key=lambda row: row.setting.config.training.beta_max)
    places = [math.log10(row.setting.config.training.beta_max) for row in answers]
    if len(answers) < 2:
        return None
    image = canvas(WIDTH * len(PANELS), KEY + HEIGHT)
    for column, (title, curves) in enumerate(zip(PANELS, _panels(answers), strict=True)):
        corner = (column * WIDTH * UNIT, KEY * UNIT)
        low, high = bounds(curves.values())
        box = box_within(corner, WIDTH, HEIGHT)
        # A little room beside the first and the last dot.
        room = 0.04 * (places[-1] - places[0])
        panel = Panel(box, places[0] - room, places[-1] + room, low, high)
        draw_axes(image, panel, title, "beta_max, logarithmic", list(_decades(places)))
        for colour, curve in curves.items():
            draw_band(image, panel, places, curve, colour)
        for colour, curve in curves.items():
            draw_line(image, panel, places, curve.mean, colour, dots=True)
    variants = {variant: COLOURS[variant] for variant in _variants(answers)}
    draw_key(image, variants, (2 * WIDTH + LEFT) * UNIT, KEY * UNIT / 2)
    return webp(image)


def _panels(answers: list[Row]) -> list[dict[str, Curve]]:
    """Of each panel the curves by their colour."""
    measured = [row.measured for row in answers]
    unknown = [None] * len(answers)
    lines = {
        COLOURS[variant]: [one.estimate(variant) for one in measured]
        for variant in _variants(answers)
    }
    return [
        {PURPLE: Curve([one.kl for one in measured], unknown)},
        {PURPLE: Curve([one.active_dims for one in measured], unknown)},
        {
            colour: Curve([e.mean for e in line], [e.half_width for e in line])
            for colour, line in lines.items()
        },
    ]


def _variants(answers: list[Row]) -> list[str]:
    """What is drawn: all that every setting has."""
    wanted = (ONE_SAMPLE, PRIOR_MEAN, BEST)
    return [v for v in wanted if all(row.measured.estimate(v).mean is not None for row in answers)]


def _decades(places: list[float]) -> Iterator[tuple[float, str]]:
    """Powers of ten from the first of `places` to the last, every second where they are many."""
    first, last = math.ceil(places[0] - 1e-9), math.floor(places[-1] + 1e-9)
    for power in range(first, last + 1, 2 if last - first > 4 else 1):
        yield power, f"1e{power}" if power else "1"
