"""Links: one opens what was shown, and nonsense in one is said."""

from functools import partial

import pytest
from streamlit.runtime.scriptrunner import RerunData
from streamlit.testing.v1 import AppTest, local_script_runner

from tests.demo.compare.page import names
from tests.demo.shown import player, warnings

SEED = 7


@pytest.fixture(scope="module")
def without_a_query(open_page) -> dict:
    """What the player shows of a link that asks for nothing."""
    return player(open_page())


def test_a_link_opens_what_the_controls_show(open_page):
    page = open_page()
    page.selectbox(key="sequence").select("tiny-test-0001").run()
    page.number_input(key="seed").set_value(SEED).run()
    page.number_input(key="samples").set_value(2).run()
    page.multiselect(key="models").set_value(["fixed"]).run()
    linked = open_page(sequence="tiny-test-0001", seed="7", models="fixed", samples="2")
    assert player(linked) == player(page)


def test_a_link_to_a_frame_opens_on_it(open_page, without_a_query):
    assert without_a_query["start"] is None
    assert player(open_page(frame="5"))["start"] == 5


@pytest.mark.parametrize(
    "link",
    [
        {
            "sequence": ("no-such", "no-such"),
            "models": ("other", "“other”"),
            "seed": ("-1", "-1"),
            "samples": ("9999", "from 1 to 20"),
            "frame": ("-1", "from 0 to 29"),
            "horizon": ("29", "from 1 to 28"),
            "states": ("guessed", "rolled out"),
            "device": ("toaster", "cpu"),
            "order": ("random", "titled first"),
            "metric": ("lpips", "psnr_moved"),
            "latent": ("guessed", "told the truth"),
        },
        {
            "sequence": ("![x](http://a.test/b.png)", "no such test sequence"),
            "seed": ("1e400", "1e400"),
            "samples": ("0", "“0”"),
        },
        {"seed": ("inf", "“inf”")},
        {"seed": ("9" * 5000, "whole number")},
        {"seed": ("1000000", "1000000")},
    ],
)
def test_nonsense_in_the_url_is_said_and_the_default_shown(open_page, without_a_query, link):
    page = open_page(**{key: asked for key, (asked, _) in link.items()})
    told = [warning.value.replace("\\", "") for warning in page.warning]
    assert len(told) == len(link)
    for sentence, (key, (_, said)) in zip(told, link.items(), strict=True):
        assert f"asks for {key} “" in sentence and said in sentence
    assert not any("![x]" in warning.value for warning in page.warning)
    assert player(page) == without_a_query


def test_of_several_linked_models_those_that_are_there_are_shown(open_page):
    page = open_page(models=["learned", "nowhere"])
    assert "nowhere" in warnings(page) and "Shown: the others." in warnings(page)
    assert names(page) == ["Learned prior"]


def test_a_link_to_no_model_shows_none(open_page):
    page = open_page(models="")
    assert page.multiselect(key="models").value == []
    assert not warnings(page) and "Choose a model" in page.info[0].value


def back_to(page: AppTest, **query: str | list[str]) -> AppTest:
    """The page after the browser's Back to the address that ends in `query`."""
    page.query_params.clear()
    page.query_params.update(query)
    with pytest.MonkeyPatch.context() as patch:
        back = partial(RerunData, is_history_navigation=True)
        patch.setattr(local_script_runner, "RerunData", back)
        page.run()
    assert not page.exception, page.exception
    return page


def test_back_to_a_bad_link_is_said_again_and_the_rest_of_it_obeyed(open_page):
    page = open_page(seed="inf", samples="2")
    page.number_input(key="seed").set_value(SEED).run()
    page.number_input(key="samples").set_value(3).run()
    page.run()
    assert not warnings(page)
    back_to(page, seed="inf", samples="2", models=["learned", "nowhere"])
    assert "“inf”" in warnings(page) and "nowhere" in warnings(page)
    assert [page.number_input(key=key).value for key in ("seed", "samples")] == [0, 2]
    assert names(page) == ["Learned prior"]
    assert page.query_params == {"samples": "2", "models": "learned"}
    assert "“inf”" in warnings(page.run()), "the page runs a second time by itself"
    assert not warnings(page.run())


@pytest.mark.parametrize("bad", [{"frame": "abc"}, {"picked": "x"}, {"metric": "lpips"}])
def test_back_to_a_bad_start_of_the_player(open_page, bad):
    page = open_page(models="", **bad)
    back_to(page, models="", **bad)
    assert f"“{next(iter(bad.values()))}”" in warnings(page)
    page.multiselect(key="models").set_value(["fixed"]).run()
    assert not page.exception, page.exception
    shown = player(page)
    assert (shown["start"], shown["picked"], shown["metric"]) == (None, [0], "psnr")
