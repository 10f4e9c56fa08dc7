"""Orders by stored PSNR: of which models it is, and that this is said."""

import shutil

import pytest

from cvae.evaluation.protocol import GIVEN_STATES
from tests.demo.compare.page import tiles
from tests.demo.shown import player
from tests.demo.written_scores import write_scores

BEST_FIRST = ["tiny-test-0002", "tiny-test-0000", "tiny-test-0001"]


@pytest.fixture
def models(tiny_checkpoints, tmp_path):
    """Two models, measured, to which one sequence and another come nearest."""
    root = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    for name, order in (("fixed", BEST_FIRST), ("learned", BEST_FIRST[::-1])):
        psnr = dict(zip(order, (30.0, 20.0, 10.0), strict=True))
        write_scores(root / name, GIVEN_STATES, psnr, copied=5)
    return root


def said(page) -> str:
    return " ".join(caption.value for caption in page.caption)


def test_it_is_that_of_the_model_that_is_chosen_first_and_that_is_said(open_page, models):
    page = open_page(runs=models, order="best PSNR first")
    assert tiles(page) == BEST_FIRST and "stored with Fixed prior" in said(page)
    page.multiselect(key="models").set_value(["learned", "fixed"]).run()
    assert tiles(page) == BEST_FIRST[::-1] and "stored with Learned prior" in said(page)
    page.selectbox(key="order").select("worst PSNR first").run()
    assert tiles(page) == BEST_FIRST and player(page)["sequence"] == BEST_FIRST[0]


def test_a_link_keeps_who_was_chosen_first(open_page, models):
    page = open_page(runs=models, models=["learned", "fixed"], order="best PSNR first")
    assert tiles(page) == BEST_FIRST[::-1]


def test_where_no_chosen_one_is_evaluated_it_is_the_first_that_is(open_page, models):
    page = open_page(runs=models, models="learned", order="best PSNR first")
    (models / "learned" / "evaluation.json").unlink()
    page.run()
    assert tiles(page) == BEST_FIRST and "Fixed prior" in said(page)
    page.multiselect(key="models").set_value([]).run()
    assert page.selectbox(key="order").value == "best PSNR first"
    assert tiles(page) == BEST_FIRST


def test_sequences_where_one_model_is_ahead_of_another_come_first(open_page, models):
    page = open_page(runs=models, order="A ahead of B first")
    assert tiles(page) == BEST_FIRST  # by 20, 0 and -20 dB
    assert "A: Fixed prior, B: Learned prior" in said(page)
    page.selectbox(key="order").select("B ahead of A first").run()
    assert tiles(page) == BEST_FIRST[::-1] and player(page)["sequence"] == BEST_FIRST[-1]
    page.multiselect(key="models").set_value(["learned", "fixed"]).run()
    assert tiles(page) == BEST_FIRST and "A: Learned prior, B: Fixed prior" in said(page)


def test_one_evaluated_model_is_ahead_of_none(open_page, models):
    (models / "learned" / "evaluation.json").unlink()
    page = open_page(runs=models, order="A ahead of B first")
    assert page.selectbox(key="order").value == "titled first"
    assert not [order for order in page.selectbox(key="order").options if "ahead" in order]
