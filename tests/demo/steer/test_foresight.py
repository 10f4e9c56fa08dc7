"""The dialog that sets a goal, where few or late frames are left to be one."""

import pytest
from streamlit.testing.v1 import AppTest


def page(length: int, given: int) -> None:
    """The button alone, of a sequence of so many frames of which so many are given."""
    from pathlib import Path

    from demo.appearance import looks
    from demo.foresight import offer_plan
    from demo.loading import Model
    from demo.rides import Start
    from tests.tiny_data import tiny_sequence

    model = Model("fixed", Path("fixed"), "fixed", given, True, 0)
    start = Start(tiny_sequence("short", 1, length=length), given, 0, "cpu")
    offer_plan([(model, looks([model])["fixed"])], start, lambda told: None)


def opened(length: int, given: int) -> AppTest:
    shown = AppTest.from_function(page, args=(length, given)).run()
    assert not shown.exception
    return shown.button(key="foresight").click().run()


@pytest.mark.parametrize(
    ("length", "given", "least", "at_first", "most"),
    [(30, 2, 3, 11, 29), (8, 2, 3, 7, 7), (30, 14, 15, 15, 29), (100, 2, 3, 11, 50)],
)
def test_the_goal_is_a_frame_that_can_be_steered_to(length, given, least, at_first, most) -> None:
    shown = opened(length, given)
    [goal] = shown.slider
    assert (goal.min, goal.value, goal.max) == (least, at_first, most)
    assert not shown.exception


def test_one_frame_that_is_left_is_the_goal(monkeypatch) -> None:
    shown = opened(length=4, given=2)
    assert not shown.exception and not shown.slider
    assert "Find the commands" in [button.label for button in shown.button]


def test_nothing_is_offered_where_no_frame_is_left() -> None:
    shown = AppTest.from_function(page, args=(3, 2)).run()
    assert not shown.exception and not shown.button


def found(first_now: int, aimed_at: int) -> None:
    """What the page says after a search from frame 2, for a ride that begins at `first_now`."""
    from types import SimpleNamespace

    import streamlit as st

    from demo.foresight import AIM, Aim, show_aim
    from tests.tiny_data import tiny_sequence

    sequence = tiny_sequence("short", 1)
    st.session_state[AIM] = Aim("short", 2, aimed_at, ())
    start = SimpleNamespace(sequence=sequence, first=first_now)
    driven = SimpleNamespace(name="short", start=start, told=(), rides=[])
    show_aim(driven, simulated=False)


@pytest.mark.parametrize(("first_now", "shown"), [(2, 1), (4, 0)])
def test_a_ride_that_begins_at_another_frame_is_not_what_was_searched_for(first_now, shown) -> None:
    page = AppTest.from_function(found, args=(first_now, 8)).run()
    assert not page.exception
    assert len(page.get("image")) == shown
