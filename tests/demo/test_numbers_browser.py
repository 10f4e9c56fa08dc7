"""What the player says and draws in a real browser is what the models' frames come to."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator

from cvae.data.bundle import open_test_sequences
from cvae.evaluation.metrics import psnr
from cvae.inference.predictor import Predictor, to_float_frames
from tests.demo.visit import CompareVisit

FIRST, LAST_FRAME = 2, 11  # of those that are predicted
PICKED = [2, 1]  # numbers, from 0, of the samples on view
FRAMES = np.arange(FIRST, LAST_FRAME + 1)
NUMBER = r"\d+\.\d\d"

pytestmark = pytest.mark.browser


Scores = list[np.ndarray]
"""(S, T) PSNR of the samples of each model."""


@pytest.fixture
def measured(store: Path, tiny_checkpoints: Path) -> Scores:
    """Of the fixed and the learned model, and of showing the last given frame again."""
    sequence = open_test_sequences(store)[0]
    truth = to_float_frames(sequence.frames[FRAMES])
    shown = [
        Predictor.load(tiny_checkpoints / name, "cpu").predict([sequence], samples=3)[0].frames
        for name in ("fixed", "learned")
    ]
    copied = np.repeat(sequence.frames[None, FIRST - 1 : FIRST], len(FRAMES), axis=1)
    return [psnr(to_float_frames(frames), truth).numpy() for frames in (*shown, copied)]


def test_legend_chart_and_samples_hold_the_psnr_of_what_is_shown(visit, measured):
    picked = "".join(f"&picked={number + 1}" for number in PICKED)
    with visit(f"?samples=3&models=fixed&models=learned{picked}") as seen:
        *models, copied = measured
        on_view = [scores[k] for scores, k in zip(measured, [*PICKED, 0], strict=True)]
        check_legend(seen, on_view, models)
        chart = seen.player.locator(".chart")
        # The reference is drawn first, and the first model last, above all.
        check_curves(chart, [scores.mean(0) for scores in (copied, *reversed(models))])
        check_bands(chart, models)
        seen.show_frame(LAST_FRAME)
        check_marks(chart, [scores[-1] for scores in reversed(on_view)])
        for number, scores in enumerate(models):
            whose = seen.player.get_by_label("Model whose samples are shown")
            whose.select_option(index=number)
            check_samples(seen, scores.mean(1))


def check_legend(seen: CompareVisit, on_view: Scores, models: Scores) -> None:
    for frame in (FIRST, 7, LAST_FRAME):
        seen.show_frame(frame)
        numbers = [float(number) for number in re.findall(NUMBER, " ".join(seen.numbers()))]
        fixed, learned, copied = (scores[frame - FIRST] for scores in on_view)
        means = [scores[:, frame - FIRST].mean() for scores in models]
        np.testing.assert_allclose(numbers, [fixed, means[0], learned, means[1], copied], atol=0.01)


def check_curves(chart: Locator, curves: Scores) -> None:
    drawn = read_off(chart, corners(chart.locator("polyline")))
    for found, scores in zip(drawn, curves, strict=True):
        np.testing.assert_allclose(found, np.stack([FRAMES, scores], axis=1), atol=0.01)


def check_bands(chart: Locator, models: Scores) -> None:
    there_and_back = np.concatenate([FRAMES, FRAMES[::-1]])
    drawn = read_off(chart, corners(chart.locator(".band")))
    for found, scores in zip(drawn, models, strict=True):
        edge = np.concatenate([scores.max(0), scores.min(0)[::-1]])
        np.testing.assert_allclose(found, np.stack([there_and_back, edge], axis=1), atol=0.01)


def check_marks(chart: Locator, scores: list[float]) -> None:
    """Where the curves are at the last frame."""
    places = chart.locator(".now").evaluate_all(
        "all => all.map(c => [Number(c.getAttribute('cx')), Number(c.getAttribute('cy'))])"
    )
    [found] = read_off(chart, [np.array(places)])
    np.testing.assert_allclose(found, [[LAST_FRAME, score] for score in scores], atol=0.01)


def check_samples(seen: CompareVisit, means: np.ndarray) -> None:
    tiles = seen.player.locator(".sample")
    said = " ".join(tiles.locator("span").all_text_contents())
    np.testing.assert_allclose([float(n) for n in re.findall(NUMBER, said)], means, atol=0.01)
    ranks = ["", "", ""]
    ranks[means.argmax()], ranks[means.argmin()] = "best", "worst"
    assert tiles.locator("em").all_text_contents() == ranks
    [best] = seen.player.locator(".sample.best span").all_text_contents()
    assert best.startswith(f"{means.argmax() + 1} · ")


def read_off(chart: Locator, places: list[np.ndarray]) -> list[np.ndarray]:
    """Pixels (N, 2) -> [frame, decibels], as the labels of the two axes have them."""
    get = "all => all.map(one => Number(one.getAttribute('{}')))"
    across, up = (chart.locator(f"text[text-anchor={anchor}]") for anchor in ("middle", "end"))
    frames = np.polyfit(across.evaluate_all(get.format("x")), labels(across), 1)
    decibels = np.polyfit(chart.locator(".rule").evaluate_all(get.format("y1")), labels(up), 1)
    assert frames[0] > 0 > decibels[0], "later is further right, better is higher up"
    return [
        np.stack([np.polyval(frames, x), np.polyval(decibels, y)], axis=1)
        for x, y in (place.T for place in places)
    ]


def labels(texts: Locator) -> list[float]:
    return [float(text) for text in texts.all_text_contents()]


def corners(lines: Locator) -> list[np.ndarray]:
    """(N, 2): where each of `lines` has its points, in pixels."""
    drawn = lines.evaluate_all("all => all.map(line => line.getAttribute('points'))")
    return [np.array(re.split("[ ,]", points), float).reshape(-1, 2) for points in drawn]
