"""The schedules at the points that the papers and the report give."""

import pytest

from cvae.training.schedules import kl_weight, learning_rate, teacher_forcing_ratio


def weights(epochs: int, cycles: int, ratio: float) -> list[float]:
    return [kl_weight(e, epochs, 1.0, cycles, ratio) for e in range(epochs)]


def test_monotonic_rises_to_the_top_and_stays() -> None:
    assert weights(10, 1, 0.5) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 1])


def test_cyclical_repeats_the_rise() -> None:
    cycle = [0, 0.4, 0.8, 1, 1]
    assert weights(15, 3, 0.5) == pytest.approx(cycle * 3)


@pytest.mark.parametrize(("epochs", "cycles"), [(60, 9), (40, 6), (22, 10)])
def test_every_cycle_begins_at_zero_where_epochs_do_not_divide_evenly(epochs, cycles) -> None:
    found = weights(epochs, cycles, 0.5)
    begins = [epoch for epoch in range(epochs) if epoch * cycles % epochs == 0]
    assert len(begins) > 1
    assert [found[epoch] for epoch in begins] == [0] * len(begins)


def test_a_ratio_of_two_ends_at_half_the_weight() -> None:
    assert max(weights(300, 1, 2.0)) == pytest.approx(299 / 600)
    assert max(weights(300, 3, 2.0)) == pytest.approx(99 / 200)


def test_beta_max_scales_the_whole_schedule() -> None:
    assert kl_weight(5, 10, 1e-5, 1, 0.5) == pytest.approx(1e-5)


def test_teacher_forcing_holds_then_falls_to_its_bound() -> None:
    ratios = [teacher_forcing_ratio(e, 10, 0.2, 0.4) for e in range(10)]
    assert ratios[:3] == [1.0, 1.0, 1.0]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[6] == pytest.approx(1 - 4 * 0.6 / 8)
    assert teacher_forcing_ratio(10, 10, 0.2, 0.4) == pytest.approx(0.4)


def test_teacher_forcing_never_falls_without_a_decay() -> None:
    assert teacher_forcing_ratio(9, 10, 1.0, 0.0) == 1.0


def test_teacher_forcing_without_a_start_is_at_its_bound_from_the_first_epoch_on() -> None:
    assert [teacher_forcing_ratio(e, 10, None, 0.0) for e in range(10)] == [0.0] * 10
    assert teacher_forcing_ratio(0, 10, None, 0.3) == 0.3


def test_learning_rate_warms_up_and_ends_near_zero() -> None:
    rates = [learning_rate(u, 1000, 1e-3, "cosine") for u in range(1000)]
    assert rates[0] == pytest.approx(1e-3 / 20)
    assert max(rates) == pytest.approx(1e-3)
    assert rates[20:] == sorted(rates[20:], reverse=True)
    assert rates[-1] < 1e-8
    assert learning_rate(999, 1000, 2e-3, "constant") == 2e-3
