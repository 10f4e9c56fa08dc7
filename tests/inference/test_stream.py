"""Frame after frame, chunks and threads: all the same futures."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from cvae.data.sequence import Sequence
from cvae.errors import InputError
from cvae.inference import predictor as prediction
from cvae.inference.predictor import Predictor
from cvae.inference.rollout import roll_out
from cvae.inference.task import make_task
from tests.inference.lively import lively_checkpoint, lively_predictor
from tests.tiny_data import tiny_sequence

HORIZON = 4


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return lively_predictor(prior="learned")


@pytest.fixture(scope="module")
def sequences() -> list[Sequence]:
    return [tiny_sequence(f"seen-{i}", 100 + i) for i in range(3)]


def test_a_stream_ends_up_with_the_prediction(predictor, sequences) -> None:
    expected = predictor.predict(sequences, seed=3, samples=2, horizon=HORIZON)
    steps = list(predictor.stream(sequences, seed=3, samples=2, horizon=HORIZON))
    assert [step.t for step in steps] == [2, 3, 4, 5]
    for i in range(len(sequences)):
        frames = np.stack([step.frames[i] for step in steps], 1)
        latents = np.concatenate([step.latents[i] for step in steps], 1)
        assert np.array_equal(frames, expected[i].frames)
        assert np.array_equal(latents, expected[i].latents)


def test_a_frame_comes_before_the_next_is_made(predictor, sequences, monkeypatch) -> None:
    made = []
    model = predictor.checkpoint.model
    advance = model.advance
    monkeypatch.setattr(model, "advance", lambda *given: made.append(1) or advance(*given))
    stream = predictor.stream(sequences[:1], horizon=HORIZON)
    for count in range(1, HORIZON + 1):
        next(stream)
        assert len(made) == count


def test_a_stream_leaves_the_callers_mode_alone(predictor, sequences) -> None:
    """A mode that stayed on between two frames would follow the caller everywhere."""
    for _ in predictor.stream(sequences[:1], horizon=2):
        assert not torch.is_inference_mode_enabled()
        assert torch.ones(1, requires_grad=True).mul(2).requires_grad


def test_a_stream_refuses_at_once(predictor, sequences) -> None:
    with pytest.raises(InputError, match="shorter horizon"):
        predictor.stream(sequences, horizon=99)
    with pytest.raises(InputError, match="at least one"):
        predictor.stream([])


@pytest.mark.parametrize("rows", [1, 2, 4, 5])
def test_chunks_make_no_difference(predictor, sequences, rows) -> None:
    options = {"seed": 1, "samples": 5, "horizon": HORIZON, "latent": "sampled"}
    task = make_task(
        predictor.checkpoint,
        predictor.device,
        sequences,
        states="given",
        context=None,
        **options,
    )

    def rolled(rows: int) -> tuple[torch.Tensor, torch.Tensor]:
        asked = task.past, task.conditions, task.noise
        steps = list(roll_out(predictor.checkpoint.model, *asked, rows))
        return torch.stack([f for f, _ in steps], 2), torch.cat([z for _, z in steps], 2)

    for found, expected in zip(rolled(rows), rolled(1000), strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


def test_sample_k_is_the_same_among_a_hundred(predictor, sequences) -> None:
    [one], [many] = (predictor.predict(sequences[:1], samples=n, horizon=HORIZON) for n in (1, 100))
    assert np.abs(one.frames[0].astype(int) - many.frames[0]).max() <= 1
    assert np.abs(one.latents[0] - many.latents[0]).max() < 1e-5
    assert len(np.unique(many.latents[:, -1, 0])) == 100


def test_memory_does_not_grow_with_samples(predictor, sequences, monkeypatch) -> None:
    """However many samples are asked for, the decoder never gets more than so many at once."""
    monkeypatch.setattr(prediction, "CPU_ROWS", 4)
    rows = []
    decoder = predictor.checkpoint.model.decoder
    hook = decoder.register_forward_pre_hook(lambda _, given: rows.append(len(given[0])))
    try:
        predictor.predict(sequences[:2], samples=9, horizon=2)
    finally:
        hook.remove()
    assert max(rows) == 4
    assert sum(rows) == 2 * 9 * 2


def test_eight_threads_with_seeds_of_their_own(predictor, sequences) -> None:
    def run(seed: int) -> np.ndarray:
        steps = predictor.stream(sequences[:1], seed=seed, samples=2, horizon=HORIZON)
        return np.stack([step.frames[0] for step in steps])

    one_by_one = [run(seed) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        at_once = list(pool.map(run, range(8)))
    for alone, among_others in zip(one_by_one, at_once, strict=True):
        assert np.array_equal(alone, among_others)
    assert not np.array_equal(one_by_one[0], one_by_one[1])


def test_models_of_one_latent_size_are_given_the_same_draws(predictor, sequences) -> None:
    """A fixed prior's z is the draw itself; a learned one's comes from it by mean and deviation."""
    fixed = [lively_predictor(prior="fixed", g_dim=size) for size in (16, 8)]
    [one], [other], [learned] = (
        model.predict(sequences[:1], seed=2, samples=2, horizon=HORIZON)
        for model in [*fixed, predictor]
    )
    predicted = slice(one.first - 1, None)
    assert np.array_equal(one.latents[:, predicted], other.latents[:, predicted])
    assert not np.array_equal(one.latents[:, predicted], learned.latents[:, predicted])


def test_bfloat16_is_refused_where_there_is_none(monkeypatch) -> None:
    monkeypatch.setattr(prediction, "has_bf16", lambda device: False)
    with pytest.raises(InputError, match="bfloat16 was asked for, but this CPU has no instr"):
        Predictor(lively_checkpoint(), torch.device("cpu"), "bfloat16")
