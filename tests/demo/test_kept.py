"""What is kept for all visitors: it is there without waiting, and computed once in its turn."""

from contextlib import contextmanager, nullcontext

import pytest

from demo.kept import Kept


def test_only_what_is_not_kept_waits_for_its_turn():
    turns = []

    @contextmanager
    def in_turn():
        turns.append("mine")
        yield

    kept = Kept[str](most=2)
    for _ in range(2):
        assert kept.get_or_compute("walk", lambda: "frames", in_turn) == "frames"
    assert turns == ["mine"]


def test_what_another_visitor_computed_meanwhile_is_not_computed_again():
    kept = Kept[str](most=2)

    @contextmanager
    def after_another():
        kept.put("walk", "theirs")
        yield

    found = kept.get_or_compute("walk", lambda: pytest.fail("computed again"), after_another)
    assert found == "theirs"


def test_what_was_asked_for_least_lately_is_left_out():
    kept = Kept[int](most=2)
    for number in (1, 2, 1, 3):
        kept.get_or_compute(number, lambda number=number: number, nullcontext)
    assert [kept.get(number) for number in (1, 2, 3)] == [1, None, 3]
