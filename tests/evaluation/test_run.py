"""What an evaluation measures, over every sequence of a split."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cvae.data.bundle import open_test_sequences
from cvae.data.sequence import FIRST_TOY
from cvae.errors import InputError
from cvae.evaluation.columns import METRICS
from cvae.evaluation.perceptual import available as lpips_available
from cvae.evaluation.protocol import GIVEN_STATES, PROTOCOLS
from cvae.evaluation.rows import (
    BEST,
    COPY_LAST,
    FOREIGN,
    ONE_SAMPLE,
    POSTERIOR,
    PRIOR_MEAN,
    VARIANTS,
)
from cvae.evaluation.run import CHUNK, chunks, measure, measure_chunk
from cvae.evaluation.scores import COLUMNS
from cvae.evaluation.summary import overall
from cvae.evaluation.variants import predicted, with_actions_of
from cvae.inference.predictor import Predictor
from tests.inference.lively import lively_predictor
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
    return measure(predictor, source, GIVEN_STATES, samples=1)


def plain_psnr(predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """uint8 (T, H, W, 3) twice -> (T,) in dB."""
    error = (predicted.astype(np.float64) - truth.astype(np.float64)) / 255
    return -10 * np.log10(np.maximum((error**2).mean((1, 2, 3)), 1e-10))


def rows_of(scores: pd.DataFrame, variant: str, name: str) -> pd.DataFrame:
    return scores[(scores.variant == variant) & (scores.sequence == name)]


def test_every_sequence_variant_and_frame_is_there_once(scores, source) -> None:
    assert list(scores.columns) == list(COLUMNS)
    assert len(scores) == COUNT * (len(VARIANTS) - 1) * GIVEN_STATES.horizon
    assert set(VARIANTS) - set(scores.variant) == {BEST}, "of one sample"
    assert not scores.duplicated(["sequence", "variant", "frame"]).any()
    assert set(scores.sequence) == set(source.names)
    assert sorted(set(scores.frame)) == list(range(2, 12))


def test_other_conditions_are_not_tried_on_a_model_that_is_told_none(source) -> None:
    free = lively_predictor(conditioned=False)
    scores = measure(free, source, GIVEN_STATES, samples=1, limit=2)
    assert set(VARIANTS) - set(scores.variant) == {BEST, FOREIGN}


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


@pytest.mark.parametrize("n_past", [1, 3])
def test_references_of_a_model_of_another_context_know_what_the_protocol_gives(
    source, n_past
) -> None:
    sequence, following = source[0], source[1]
    model = lively_predictor(n_past=n_past)
    told = with_actions_of(model, GIVEN_STATES, sequence, following)
    assert np.array_equal(told.positions[:2], sequence.positions[:2])
    assert not np.array_equal(told.positions[2:], sequence.positions[2:11])


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


def test_without_masks_psnr_moved_is_empty(predictor, tmp_path) -> None:
    bare = open_test_sequences(tiny_store(tmp_path / "bare", 1, 1, 2, labelled=False))
    numbers = overall(measure(predictor, bare, GIVEN_STATES, samples=1))
    moved = numbers[ONE_SAMPLE]["psnr_moved"]
    assert (moved.mean, moved.half_width, moved.sequences) == (None, None, 0)
    assert numbers[ONE_SAMPLE]["psnr"].sequences == 2


def test_samples_are_averaged_and_the_best_is_one_of_them(predictor, source) -> None:
    measured = measure(predictor, source, GIVEN_STATES, samples=5, limit=2)
    for sequence in (source[0], source[1]):
        [prediction] = predictor.predict([sequence], samples=5)
        truth = sequence.frames[FUTURE]
        by_hand = np.array([plain_psnr(frames, truth) for frames in prediction.frames])
        found = rows_of(measured, ONE_SAMPLE, sequence.name)
        assert found.psnr.to_numpy() == pytest.approx(by_hand.mean(0), abs=1e-3)
        best = rows_of(measured, BEST, sequence.name)
        chosen = by_hand[by_hand.mean(1).argmax()]
        assert best.psnr.to_numpy() == pytest.approx(chosen, abs=1e-3)
        assert chosen.mean() > by_hand.mean() + 0.001
        deviation = prediction.frames.astype(float).std(0, ddof=1).mean((1, 2, 3))
        assert found.spread.to_numpy() == pytest.approx(deviation, abs=0.05)
        assert best.spread.isna().all()


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_what_comes_after_the_context_changes_no_prediction(predictor, protocol) -> None:
    sequence = tiny_sequence("seen", 77)
    frames, positions, actions = (
        array.copy() for array in (sequence.frames, sequence.positions, sequence.actions)
    )
    frames[protocol.context :] = 255 - frames[protocol.context :]
    # Given states may be looked at up to the frame before the last one; no other ones may.
    known = {"given": protocol.length - 1, "rolled out": protocol.context, "read": 0}
    positions[known[protocol.states] :] += 0.3
    actions[protocol.length - 1 :] += 1
    other = replace(sequence, frames=frames, positions=positions, actions=actions)
    for latent in ("sampled", "mean"):
        one, perturbed = (
            predicted(predictor, protocol, [protocol.shown(s)], 2, latent)
            for s in (sequence, other)
        )
        assert np.array_equal(one, perturbed)
    frames[protocol.context - 1] = 255 - frames[protocol.context - 1]
    perturbed = predicted(predictor, protocol, [protocol.shown(other)], 2)
    assert not np.array_equal(one, perturbed), "the last given frame counts"


def test_field_equals_a_sequence_that_never_had_positions(predictor) -> None:
    sequence, field = tiny_sequence("seen", 78), PROTOCOLS["field"]
    bare = replace(sequence, positions=None)
    [prediction] = predictor.predict([bare], horizon=15, context=1)
    assert prediction.states == "read"
    assert np.array_equal(
        predicted(predictor, field, [field.shown(sequence)])[0], prediction.frames
    )


def test_scores_of_a_sequence_do_not_depend_on_its_batch(predictor, source) -> None:
    together = measure_chunk(predictor, source, PROTOCOLS["field"], range(8), 1)
    alone = measure_chunk(predictor, source, PROTOCOLS["field"], range(5, 6), 1)
    same = together[together.sequence == source.names[5]].reset_index(drop=True)
    # A pixel may be rounded to the next of 255 levels; that is all.
    pd.testing.assert_frame_equal(alone, same, check_exact=False, rtol=0, atol=2e-3)


def test_sample_k_of_a_hundred_is_sample_k(predictor, source) -> None:
    shown = [GIVEN_STATES.shown(source[2])]
    hundred = predicted(predictor, GIVEN_STATES, shown, 100)
    one = predicted(predictor, GIVEN_STATES, shown, 1)
    assert hundred.shape[:2] == (1, 100)
    assert np.abs(hundred[:, :1].astype(int) - one).max() <= 1
    assert np.abs(hundred[:, 0].astype(int) - hundred[:, 99]).max() > 1


def test_chunks_are_one_call(predictor, source, scores) -> None:
    parts = [
        measure_chunk(predictor, source, GIVEN_STATES, numbers, 1)
        for numbers in chunks(source, samples=1)
    ]
    assert [part.sequence.nunique() for part in parts] == [CHUNK, COUNT - CHUNK]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), scores)


def test_many_samples_go_through_memory_few_at_a_time(source) -> None:
    for samples, largest in ((1, CHUNK), (10, 6), (1000, 1)):
        planned = chunks(source, samples=samples)
        assert max(map(len, planned)) == largest
        assert [i for numbers in planned for i in numbers] == list(range(COUNT))


def test_a_sequence_that_has_no_positions_is_measured_as_read(predictor, source) -> None:
    class Bare:
        """The split as if no positions had been recorded."""

        def __getattr__(self, name: str):
            return getattr(source, name)

        def __len__(self) -> int:
            return len(source)

        def __getitem__(self, index: int):
            return replace(source[index], positions=None)

        def motion(self, index: int):
            return source.motion(index)[0], None

    rows = measure_chunk(predictor, Bare(), GIVEN_STATES, range(1), 1)
    [read] = predictor.predict([replace(source[0], positions=None)])
    expected = plain_psnr(read.frames[0], source[0].frames[FUTURE])
    found = rows_of(rows, ONE_SAMPLE, source.names[0]).psnr.to_numpy()
    assert found == pytest.approx(expected, abs=1e-3)


def test_what_does_not_fit_is_refused(predictor, source) -> None:
    def refused(words: str, protocol=GIVEN_STATES, **options) -> None:
        with pytest.raises(InputError, match=words):
            measure(predictor, source, protocol, **{"samples": 1, **options})

    refused("needs 42", protocol=replace(GIVEN_STATES, horizon=40))
    refused("0 samples", samples=0)
    refused("0 sequences", limit=0)


def test_every_metric_is_there_for_every_variant(scores) -> None:
    for variant, rows in scores.groupby("variant"):
        for metric in set(METRICS) - ({"lpips"} if not lpips_available() else set()):
            assert rows[metric].notna().any(), (variant, metric)
