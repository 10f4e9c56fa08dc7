"""The pictures show the frames that they were given, at the place that they belong to."""

import io

import numpy as np
import pytest
from PIL import Image

from cvae.config import PRIORS
from cvae.evaluation.figures import Row, comparison_gif, frame_strip, model_colours
from cvae.evaluation.palette import look
from tests.moving_picture import panes

FIRST, STEPS = 2, 3

COLOURS = model_colours(["fixed", "learned"])


def plain_frames(count: int, red: int) -> np.ndarray:
    """Frames of one colour each, all different."""
    frames = np.empty((count, 64, 64, 3), np.uint8)
    for t in range(count):
        frames[t] = (red, 40 * t + 20, 90)
    return frames


@pytest.fixture
def truth() -> np.ndarray:
    return plain_frames(FIRST + STEPS, red=10)


@pytest.fixture
def rows() -> list[Row]:
    decibel = np.full(STEPS, 23.0)
    labelled = zip(("fixed", "learned"), (110, 210), COLOURS, strict=True)
    return [Row(name, plain_frames(STEPS, red), decibel, c) for name, red, c in labelled]


def place_of(colour: np.ndarray, pixels: np.ndarray) -> tuple[int, int, int]:
    """Top, left and number of the pixels that have this colour."""
    found = np.argwhere((pixels == colour).all(-1))
    return (*found.min(0), len(found)) if len(found) else (-1, -1, 0)


def test_the_strip_has_truth_above_predictions_in_columns(truth, rows) -> None:
    pixels = np.asarray(frame_strip(truth, rows, FIRST))
    shown = [[place_of(frame[0, 0], pixels) for frame in truth]]
    shown += [[place_of(frame[0, 0], pixels) for frame in row.frames] for row in rows]
    assert {count for row in shown for *_, count in row} == {128 * 128}
    tops = [{top for top, *_ in row} for row in shown]
    assert all(len(top) == 1 for top in tops)
    assert max(tops[0]) + 128 < min(tops[1]) and max(tops[1]) + 128 < min(tops[2])
    lefts = [[left for _, left, _ in row] for row in shown]
    assert lefts[0] == sorted(lefts[0])
    assert lefts[1] == lefts[2] == lefts[0][FIRST:]


def test_the_gif_runs_all_panes_in_step(truth, rows) -> None:
    with Image.open(io.BytesIO(comparison_gif(truth, rows, FIRST))) as gif:
        assert gif.n_frames == FIRST + STEPS
        assert gif.info["loop"] == 0
        for t in range(gif.n_frames):
            gif.seek(t)
            pixels = np.asarray(gif.convert("RGB")).astype(int)
            expected = [truth[t], *(truth[t] if t < FIRST else r.frames[t - FIRST] for r in rows)]
            for pane, frame in zip(panes(pixels), expected, strict=True):
                assert np.abs(pane - frame).max() <= 8  # a palette of 256 colours
            assert gif.info["duration"] == (250 if t < gif.n_frames - 1 else 1000)


def test_every_prior_has_a_colour_of_its_own() -> None:
    alone = [colour for prior in PRIORS for colour in model_colours([prior])]
    assert alone == model_colours([*PRIORS])
    assert len({*alone, *model_colours([PRIORS[0]] * 2)}) == len(PRIORS) + 1


def test_a_prior_keeps_its_colour_and_further_models_get_others() -> None:
    fixed, learned = COLOURS
    assert model_colours(["learned"]) == [learned]
    assert model_colours(["learned", "fixed"]) == [learned, fixed]
    several = model_colours(["fixed", "fixed", "learned", "learned"])
    assert several[0] == fixed
    assert several[2] == learned
    assert len(set(several)) == 4


def test_models_have_the_same_colours_in_pictures_and_in_charts() -> None:
    models = ["fixed", "learned", *["fixed"] * 4]
    assert model_colours(models) == [look(number).colour for number in range(6)]
