"""A setting does what it says: seen in what the model is shown, and in what it has learned."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from cvae.config import TINY
from cvae.data.dataset import conditions_of
from cvae.data.sequence import Sequence
from cvae.data.store import Store
from cvae.inference.predictor import to_float_frames
from tests.training.witness import Call, Witnessed, witnessed

# 3 epochs of 4 batches; the ratio of teacher forcing falls from 1 over 2/3 to 1/3.
SETTINGS = {"epochs": 3, "batch_size": 2, "n_future": 2, "state_updates": 2, "tfr_start_decay": 0.0}


@pytest.fixture(scope="module")
def trained(store, tmp_path_factory) -> Callable[..., Witnessed]:
    """A run with SETTINGS but for those that are given; the same settings train once only."""
    root, done = tmp_path_factory.mktemp("runs"), {}

    def run(**changed: object) -> Witnessed:
        name = "-".join(f"{key}-{value}" for key, value in changed.items())
        if name not in done:
            done[name] = witnessed(store, root / f"run-{name}", **{**SETTINGS, **changed})
        return done[name]

    return run


@pytest.fixture(scope="module")
def sequences(store) -> list[Sequence]:
    split = Store.open(store).split("train")
    return [split[number] for number in range(len(split))]


def shown(calls: list[Call], name: str) -> Tensor:
    """What all calls got under that name, one window after the other."""
    return torch.cat([getattr(call, name) for call in calls])


def among(windows: Tensor, known: list[Tensor]) -> list[bool]:
    """Of each window, whether it is a known one."""
    return [any(torch.allclose(window, one) for one in known) for window in windows]


def test_batches_are_teacher_forced_as_often_as_the_ratio_says(trained) -> None:
    falling, never = trained(), trained(tfr_start_decay=None)
    assert falling.history.teacher_forcing_ratio.to_list() == pytest.approx([1, 2 / 3, 1 / 3])
    assert all(call.teacher_forcing for call in falling.calls_of(0))
    later = [call.teacher_forcing for epoch in (1, 2) for call in falling.calls_of(epoch)]
    assert any(later) and not all(later)
    assert (never.history.teacher_forcing_ratio == 0).all()
    assert not any(call.teacher_forcing for call in never.calls)


def test_the_loss_weighs_the_kl_by_the_beta_that_stands_in_the_history(trained) -> None:
    run = trained(beta_max=100.0, kl_anneal_ratio=1.0)  # so tiny a model has a small KL
    history, steps = run.history, run.calls[0].noise.shape[1]
    assert steps == run.checkpoint.config.model.n_past + SETTINGS["n_future"] - 1
    assert history.beta.to_list() == pytest.approx([0, 100 / 3, 200 / 3])
    weighed = history.beta * history.kl
    assert (weighed[1:] > 0.01 * history.train_mse[1:]).all(), "too little to be seen"
    expected = steps * (history.train_mse + weighed)
    assert history.train_loss.to_list() == pytest.approx(expected.to_list(), rel=1e-4)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("seed", 2),
        ("lr_schedule", "constant"),
        ("grad_clip", 1e-9),
        ("tfr_start_decay", None),
        ("windows", "first"),
        ("conditions", "raw"),
    ],
)
def test_another_value_learns_other_weights(trained, setting, value) -> None:
    assert not torch.allclose(trained(**{setting: value}).weights, trained().weights)


def test_a_seed_draws_first_weights_windows_noise_and_teacher_forcing(trained) -> None:
    one, other = trained(), trained(seed=2)
    assert not torch.equal(one.calls[0].weights, other.calls[0].weights)
    for name in ("frames", "noise"):
        assert not torch.equal(shown(one.calls, name), shown(other.calls, name)), name
    coins = [[call.teacher_forcing for call in run.calls] for run in (one, other)]
    assert coins[0] != coins[1]
    states = [run.checkpoint.state_model.reader[0].weight for run in (one, other)]
    assert not torch.equal(*states)


def test_first_windows_are_the_beginnings_of_the_sequences_and_random_ones_are_not(
    trained, sequences
) -> None:
    first, random = (shown(run.calls, "frames") for run in (trained(windows="first"), trained()))
    length = first.shape[1]
    beginnings = [to_float_frames(sequence.frames[:length]) for sequence in sequences]
    assert all(among(first, beginnings))
    assert not all(among(random, beginnings))


def test_raw_conditions_are_those_that_were_recorded(trained, sequences) -> None:
    run = trained(conditions="raw")
    length = run.calls[0].frames.shape[1]
    recorded = [
        torch.from_numpy(conditions_of(sequence)[start : start + length])
        for sequence in sequences
        for start in range(len(sequence) - length + 1)
    ]
    assert all(among(shown(run.calls, "conditions"), recorded))
    assert not any(among(shown(trained().calls, "conditions"), recorded))
    assert (run.checkpoint.normalisation.mean == 0).all()
    assert (run.checkpoint.normalisation.std == 1).all()


def test_a_clipped_gradient_moves_the_weights_less(trained) -> None:
    free, clipped = trained(), trained(grad_clip=1e-9)
    assert torch.equal(free.calls[0].weights, clipped.calls[0].weights)
    ways = [(run.weights - run.calls[0].weights).abs().mean() for run in (free, clipped)]
    assert ways[1] < 0.1 * ways[0]


def test_the_weights_move_by_the_learning_rate_of_the_moment(trained) -> None:
    """Adam's first step is the rate, for any weight; a cosine's last ones are next to nothing."""
    last = []
    for run in (trained(lr_schedule="constant"), trained()):
        weights = [*(call.weights for call in run.calls), run.weights]
        first_step, last_step = weights[1] - weights[0], weights[-1] - weights[-2]
        assert first_step.abs().median() == pytest.approx(TINY.training.learning_rate, rel=0.01)
        last.append(last_step.abs().mean())
    assert last[1] < 0.2 * last[0]
