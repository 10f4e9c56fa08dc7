"""The dialog that sets a goal, where few or late frames are left to be one."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cvae.planning import planner, pursuit
from cvae.planning.planner import SearchConfig
from demo import foresight
from demo.loading import find_models
from demo.rides import Start
from tests.tiny_data import tiny_sequence

QUICK = SearchConfig(candidates=4, best=1, rounds=2)


def page(length: int, given: int, simulated: bool) -> None:
    """The button alone, of a sequence of so many frames of which so many are given."""
    from pathlib import Path

    from demo.appearance import looks
    from demo.foresight import offer_plan
    from demo.loading import Model
    from demo.rides import Start
    from tests.tiny_data import tiny_sequence

    model = Model("fixed", Path("fixed"), "fixed", given, True, 0)
    start = Start(tiny_sequence("short", 1, length=length), given, 0, "cpu")
    offer_plan([(model, looks([model])["fixed"])], start, lambda told: None, simulated)


def opened(length: int, given: int, simulated: bool = False) -> AppTest:
    shown = AppTest.from_function(page, args=(length, given, simulated), default_timeout=240).run()
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
    shown = AppTest.from_function(page, args=(3, 2, True), default_timeout=240).run()
    assert not shown.exception and not shown.button


def test_the_goal_is_named_and_the_words_tell_how_much_is_tried() -> None:
    shown = opened(length=30, given=2)
    [picture] = shown.get("image")
    [goal] = picture.proto.imgs
    assert (goal.caption, goal.alt) == ("The goal: frame 11", "The goal: frame 11, as recorded")
    assert goal.url.startswith("data:image/png;base64,"), (
        "no file that the next run would take away"
    )
    config = SearchConfig()
    tried = f"{config.rounds} times in all ({config.rounds * config.candidates} ways)"
    assert tried in " ".join(part.value for part in shown.markdown)


def test_it_looks_again_only_where_scenes_can_be_simulated() -> None:
    assert not opened(length=30, given=2).toggle
    shown = opened(length=30, given=2, simulated=True)
    assert [toggle.label for toggle in shown.toggle] == ["Look again after each command"]
    assert not shown.toggle[0].value
    assert "the model is shown the scene as it is then" in shown.caption[0].value


@pytest.mark.parametrize(("frame", "look_again"), [(7, False), (7, True), (3, True)])
def test_a_search_looks_after_each_command_if_it_is_to(
    monkeypatch, tiny_checkpoints, frame, look_again
) -> None:
    sequence = tiny_sequence("sought", 1, length=14)
    shares: list[float] = []
    looked: list[int] = []

    def carry_out(recorded, actions):
        looked.append(len(actions))
        return replace(recorded.window(0, len(actions)), actions=actions)

    monkeypatch.setattr(foresight, "would_have_happened", carry_out)
    for module in (planner, pursuit):  # imported, as their hints name what is replaced
        monkeypatch.setattr(module, "SearchConfig", lambda: QUICK)
    monkeypatch.setattr(st, "progress", lambda _: SimpleNamespace(progress=shares.append))
    model = next(one for one in find_models(tiny_checkpoints)[0] if one.name == "fixed")
    start = Start(sequence, 2, 0, "cpu")
    told = foresight._find(model, start, frame, look_again)
    assert len(told) == frame - 2
    assert looked == ([4, 6] if look_again and frame == 7 else [])
    searches = len(looked) + 1
    expected = [k / searches for k in range(1, searches + 1)] if look_again else [1 / 2, 1]
    assert shares == pytest.approx(expected), "the bar goes by searches, and to its end"


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
    page = AppTest.from_function(found, args=(first_now, 8), default_timeout=240).run()
    assert not page.exception
    assert len(page.get("image")) == shown
