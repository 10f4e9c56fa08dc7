"""Orders by PSNR: of which model it is, and that it is so whatever else is chosen."""

import shutil

import pytest

from cvae.evaluation.protocol import GIVEN_STATES
from tests.demo.compare.page import tiles
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


def test_it_is_the_first_evaluated_one_s_whichever_are_shown_and_that_is_said(open_page, models):
    page = open_page(runs=models, models="learned", order="best PSNR first")
    assert tiles(page) == BEST_FIRST
    assert "Fixed prior" in " ".join(caption.value for caption in page.caption)
    page.multiselect(key="models").set_value([]).run()
    assert page.selectbox(key="order").value == "best PSNR first"
    assert tiles(page) == BEST_FIRST
