"""Every time a page is entered its address is obeyed; what no address asks for stays."""

import pytest

from tests.demo.going import go
from tests.demo.shown import player, warnings


@pytest.fixture
def open_page(open_view, store, tiny_checkpoints):
    return lambda view, **query: open_view(view, store, tiny_checkpoints, **query)


def test_what_was_chosen_on_a_page_stays_where_no_link_asks_for_something_else(open_page):
    page = open_page("compare", seed="17")
    page.number_input(key="samples").set_value(3).run()
    go(page, "training")
    go(page, "compare")
    assert page.number_input(key="seed").value == 17
    assert page.number_input(key="samples").value == 3


def test_a_page_that_is_entered_again_opens_at_the_frame_and_samples_of_its_new_address(open_page):
    page = open_page("compare", frame="7", samples="2", picked=["2", "1"])
    assert (player(page)["start"], player(page)["picked"]) == (7, [1, 0])
    go(page, "training")
    go(page, "compare", picked=["1", "2"])
    assert (player(page)["start"], player(page)["picked"]) == (None, [0, 1])


def test_what_a_link_asks_for_in_vain_is_said_on_every_page(open_page):
    page = open_page("compare", seed="17")
    assert "none-such" in warnings(go(page, "training", runs="none-such"))
    assert "-1" in warnings(go(page, "compare", seed="-1"))
