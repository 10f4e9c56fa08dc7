"""A picture of an evaluation: how good each predicted frame is, with the band of its interval."""

from collections.abc import Iterable

from PIL import Image, ImageDraw

from cvae.evaluation.figures import INK
from cvae.evaluation.panel import (
    UNIT,
    Panel,
    bounds,
    box_within,
    canvas,
    draw_axes,
    draw_band,
    draw_key,
    draw_line,
    font,
    webp,
)
from cvae.evaluation.rows import BEST, COPY_LAST, FOREIGN, ONE_SAMPLE, POSTERIOR, PRIOR_MEAN
from cvae.evaluation.scores import Evaluation

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
WIDTH, HEIGHT, LEGEND = 440, 250, 44  # in points; of a panel, and of the line above all


def curves_webp(evaluations: dict[str, Evaluation]) -> bytes:
    """One row a protocol, PSNR and SSIM side by side, a line a variant: a WebP file."""
    image = canvas(WIDTH * len(PANELS), LEGEND + HEIGHT * len(evaluations))
    first = next(iter(evaluations.values()))
    _legend(image, first.checkpoint, _variants(evaluations.values()))
    for row, evaluation in enumerate(evaluations.values()):
        for column, metric in enumerate(PANELS):
            corner = (column * WIDTH * UNIT, (LEGEND + row * HEIGHT) * UNIT)
            _draw_panel(image, corner, evaluation, metric)
    return webp(image)


def _variants(evaluations: Iterable[Evaluation]) -> list[str]:
    shown = [variant for evaluation in evaluations for variant in evaluation.steps]
    return [variant for variant in COLOURS if variant in shown]


def _legend(image: Image.Image, model: str, variants: list[str]) -> None:
    middle, x = LEGEND * UNIT / 2, 12 * UNIT
    ImageDraw.Draw(image).text((x, middle), model, INK, font(14), anchor="lm")
    after = x + font(14).getlength(model) + 20 * UNIT
    draw_key(image, {variant: COLOURS[variant] for variant in variants}, after, middle)


def _draw_panel(
    image: Image.Image, corner: tuple[int, int], evaluation: Evaluation, metric: str
) -> None:
    curves = {variant: metrics[metric] for variant, metrics in evaluation.steps.items()}
    protocol, frames = evaluation.protocol, evaluation.protocol.future
    box = box_within(corner, WIDTH, HEIGHT)
    panel = Panel(box, frames[0], frames[-1], *bounds(curves.values()))
    every = max(1, round(len(frames) / 10))
    marks = [(frame, str(frame)) for frame in frames[::every]]
    draw_axes(image, panel, f"{protocol.name}: {PANELS[metric]}", "frame", marks)
    for variant, curve in curves.items():
        draw_band(image, panel, frames, curve, COLOURS[variant])
    for variant, curve in curves.items():
        draw_line(image, panel, frames, curve.mean, COLOURS[variant])
