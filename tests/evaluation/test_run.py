"""What an evaluation measures, over every sequence of a split."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cvae.data.bundle import open_test_sequences
from cvae.data.sequence import FIRST_TOY
from cvae.errors import InputError
from cvae.evaluation.protocol import GIVEN_STATES
from cvae.evaluation.run import CHUNK, measure, moved_toys
from cvae.evaluation.scores import (
    COPY_LAST,
    FOREIGN,
    ONE_SAMPLE,
    POSTERIOR,
    PRIOR_MEAN,
    VARIANTS,
    estimate,
    overall,
    per_step,
)
from cvae.inference.predictor import Predictor
from tests.tiny_data import tiny_sequence, tiny_store

COUNT = CHUNK + 2  # a last chunk that is smaller than the others
FUTURE = slice(2, 12)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return open_test_sequences(tiny_store(tmp_path_factory.mktemp("eval") / "s", 1, 1, COUNT))


@pytest.fixture(scope="module")
def predictor(tiny_checkpoints) -> Predictor:
    return Predictor.load(tiny_checkpoints / "learned", "cpu")


@pytest.fixture(scope="module")
def scores(predictor, source) -> pd.DataFrame:
    return measure(predictor, source, GIVEN_STATES)


def plain_psnr(predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """uint8 (T, H, W, 3) twice -> (T,) in dB."""
    error = (predicted.astype(np.float64) - truth.astype(np.float64)) / 255
    return -10 * np.log10(np.maximum((error**2).mean((1, 2, 3)), 1e-10))


def rows_of(scores: pd.DataFrame, variant: str, name: str) -> pd.DataFrame:
    return scores[(scores.variant == variant) & (scores.sequence == name)]


def test_every_sequence_variant_and_frame_is_there_once(scores, source) -> None:
    assert len(scores) == COUNT * len(VARIANTS) * GIVEN_STATES.horizon
    assert not scores.duplicated(["sequence", "variant", "frame"]).any()
    assert set(scores.sequence) == set(source.names)
    assert sorted(set(scores.frame)) == list(range(2, 12))


def test_the_mean_counts_every_sequence_once(scores, predictor, source) -> None:
    by_hand = []
    for sequence in source:
        [prediction] = predictor.predict([sequence], seed=0)
        by_hand.append(plain_psnr(prediction.frames[0], sequence.frames[FUTURE]).mean())
    measured = overall(scores)[ONE_SAMPLE]["psnr"]
    assert measured.sequences == COUNT
    assert measured.mean == pytest.approx(np.mean(by_hand), abs=2e-3)
    assert abs(np.mean(by_hand[CHUNK:]) - np.mean(by_hand)) > 0.01  # not the last batch's mean
    spread = np.std(by_hand, ddof=1)
    assert measured.half_width == pytest.approx(1.96 * spread / np.sqrt(COUNT), abs=2e-3)


def test_copy_last_repeats_the_last_given_frame(scores, source) -> None:
    sequence = source[COUNT - 1]
    expected = plain_psnr(np.repeat(sequence.frames[1:2], 10, 0), sequence.frames[FUTURE])
    assert rows_of(scores, COPY_LAST, sequence.name).psnr.to_numpy() == pytest.approx(
        expected, abs=1e-3
    )


@pytest.mark.parametrize("number", [0, COUNT - 1])
def test_references_are_what_they_are_called(scores, predictor, source, number) -> None:
    sequence, following = source[number], source[(number + 1) % COUNT]
    foreign = predictor.with_foreign_conditions(sequence, following)
    expected = {
        PRIOR_MEAN: predictor.predict([sequence], latent="mean")[0].frames[0],
        FOREIGN: predictor.predict([foreign], seed=0)[0].frames[0],
        POSTERIOR: predictor.reconstruct([sequence])[0],
    }
    for variant, frames in expected.items():
        decibel = plain_psnr(frames, sequence.frames[FUTURE])
        measured = rows_of(scores, variant, sequence.name).psnr.to_numpy()
        assert measured == pytest.approx(decibel, abs=0.02), variant


def test_psnr_never_exceeds_psnr_lab(scores) -> None:
    assert (scores.psnr <= scores.psnr_lab + 1e-5).all()


def test_psnr_moved_is_over_moved_toys_only(scores, source) -> None:
    sequence = source[3]
    for frame in range(2, 12):
        shift = np.linalg.norm(sequence.toys[frame] - sequence.toys[1], axis=-1)
        labels = [FIRST_TOY + toy for toy in np.flatnonzero(shift > 0.01)]
        pixels = np.isin(sequence.masks[frame], labels)
        row = rows_of(scores, COPY_LAST, sequence.name).set_index("frame").loc[frame]
        if not pixels.any():
            assert np.isnan(row.psnr_moved)
            continue
        error = (sequence.frames[1].astype(float) - sequence.frames[frame])[pixels] / 255
        assert row.psnr_moved == pytest.approx(-10 * np.log10((error**2).mean()), abs=1e-3)
    assert rows_of(scores, COPY_LAST, sequence.name).psnr_moved.notna().any()


def test_a_toy_that_stays_is_no_moved_toy() -> None:
    sequence = tiny_sequence("still", 5)
    centres = np.repeat(sequence.toys[:1], len(sequence), 0)
    centres[5:, 1, 0] += 0.011  # the second toy moves by 11 mm at frame 5,
    centres[5:, 2, 0] += 0.009  # the third by 9 mm
    moved = moved_toys(replace(sequence, toys=centres), 1, range(2, 8))
    expected = sequence.masks[2:8] == FIRST_TOY + 1
    expected[:3] = False
    assert expected.any()
    assert np.array_equal(moved, expected)


def test_without_masks_psnr_moved_is_empty(predictor, tmp_path) -> None:
    bare = open_test_sequences(tiny_store(tmp_path / "bare", 1, 1, 2, labelled=False))
    numbers = overall(measure(predictor, bare, GIVEN_STATES))
    moved = numbers[ONE_SAMPLE]["psnr_moved"]
    assert (moved.mean, moved.half_width, moved.sequences) == (None, None, 0)
    assert numbers[ONE_SAMPLE]["psnr"].sequences == 2


def test_intervals_leave_out_what_is_missing() -> None:
    values = estimate(np.array([20.0, np.nan, 22.0, 27.0]))
    assert values.sequences == 3
    assert values.mean == pytest.approx(23.0)
    assert values.half_width == pytest.approx(1.96 * np.sqrt(13.0) / np.sqrt(3))
    alone = estimate(np.array([20.0]))
    assert (alone.mean, alone.half_width, alone.sequences) == (20.0, None, 1)


def test_step_means_are_over_sequences(scores) -> None:
    steps = per_step(scores)
    chosen = scores[(scores.variant == ONE_SAMPLE) & (scores.frame == 4)]
    assert steps[ONE_SAMPLE]["psnr"][2] == pytest.approx(chosen.psnr.mean())
    assert len(steps[ONE_SAMPLE]["psnr"]) == GIVEN_STATES.horizon
    json.dumps(steps, allow_nan=False)


def test_more_samples_are_averaged(predictor, source) -> None:
    protocol = replace(GIVEN_STATES, samples=3)
    measured = measure(predictor, source, protocol, limit=1)
    [prediction] = predictor.predict([source[0]], samples=3)
    by_hand = [plain_psnr(frames, source[0].frames[FUTURE]) for frames in prediction.frames]
    found = rows_of(measured, ONE_SAMPLE, source.names[0]).psnr.to_numpy()
    assert found == pytest.approx(np.mean(by_hand, 0), abs=1e-3)


def test_a_model_for_another_context_is_refused(predictor, source) -> None:
    with pytest.raises(InputError, match="2 given frames"):
        measure(predictor, source, replace(GIVEN_STATES, n_past=3))
    with pytest.raises(InputError, match="needs 42"):
        measure(predictor, source, replace(GIVEN_STATES, horizon=40))
