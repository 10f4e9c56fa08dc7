"""The curves of all runs: quantities, schedules, smoothing, axes, and links to them."""

import numpy as np
import pandas as pd
import pytest

from demo.appearance import Look
from demo.curves import QUANTITIES, View, curve_figure, share_scale, smooth
from tests.demo.shown import said, warnings
from tests.demo.training.page import charts, html, names, points
from tests.demo.training.written import history, write_earlier

LOOK = Look("Mine", "#0072B2", "solid", "")
ONE_RUN = pd.Series([1, 1, 1])
LAST_EPOCH = 10  # of the histories that stand for the runs' own


def test_draws_every_quantity_of_all_runs(open_page):
    shown = charts(open_page())
    assert list(shown) == list(QUANTITIES)
    assert names(shown["loss"]) == ["Fixed prior", "Learned prior"]
    assert [line["line"]["color"] for line in shown["loss"]["data"]] == ["#0072B2", "#E69F00"]


def test_kl_and_psnr_stand_before_their_schedules():
    for name in ("kl", "psnr"):
        figure = curve_figure(name, [(LOOK, history(beta=[0.0] * 5 + [2e-5] * 5))])
        beta, forcing, curve = figure.data
        assert max(beta.y) == 1 and beta.customdata[-1] == 2e-5
        assert list(forcing.y) == pytest.approx(np.linspace(1, 0, 10))
        assert beta.yaxis == forcing.yaxis == "y2" and figure.layout.yaxis.overlaying == "y2"
        assert curve.name == "Mine"
    assert len(curve_figure("loss", [(LOOK, history())]).data) == 1


def test_a_run_that_began_with_anothers_weights_shows_how_these_came_about(open_page, runs):
    write_earlier(runs / "fixed", 4, 6)
    page = open_page()
    shown = charts(page)["loss"]
    fixed, learned = shown["data"]
    assert points(fixed) == 4 + 6 + LAST_EPOCH and points(learned) == LAST_EPOCH
    assert [line["x0"] for line in shown["layout"]["shapes"]] == [4.5, 10.5]
    assert "4 + 6" not in html(page) and f"10 + {LAST_EPOCH}" in html(page)
    assert "At a dashed vertical line a new run began" in said(page)
    assert page.slider(key="epochs").value == (1, 20)
    page.multiselect(key="runs").set_value(["learned"]).run()
    assert "shapes" not in charts(page)["loss"]["layout"]
    assert "dashed vertical line" not in said(page)


def test_damaged_earlier_runs_are_told(open_page, runs):
    (runs / "fixed" / "earlier.csv").write_text("run,epoch\n2,1\n")
    page = open_page()
    assert "earlier.csv has runs that do not follow each other" in said(page)
    assert names(charts(page)["loss"]) == ["Learned prior"]


def test_smoothing_keeps_what_was_measured_and_leaves_schedules_alone():
    values = [0.0, 10.0] * 5
    measured, smoothed = curve_figure(
        "loss", [(LOOK, history(train_loss=values))], View(smoothing=0.9)
    ).data
    assert list(measured.y) == values
    assert np.ptp(smoothed.y[4:]) < 3
    (rate,) = curve_figure("rate", [(LOOK, history(learning_rate=values))], View(0.9)).data
    assert list(rate.y) == values


def test_smoothing_begins_at_the_first_value():
    assert smooth(pd.Series([4.0, 4.0, 4.0]), ONE_RUN, 0.95).tolist() == pytest.approx([4, 4, 4])


def test_smoothing_begins_anew_with_each_run():
    values, runs = pd.Series([9.0, 9.0, 1.0, 1.0, 5.0]), pd.Series([1, 1, 2, 2, 3])
    assert smooth(values, runs, 0.5).tolist() == pytest.approx([9, 9, 1, 1, 5])
    assert smooth(values[:3], ONE_RUN, 0.5).tolist() == pytest.approx([9, 9, 31 / 7])


def test_log_axis_and_range_of_epochs():
    figure = curve_figure("mse", [(LOOK, history())], View(log=True, epochs=(3, 6)))
    assert list(figure.data[0].x) == [3, 4, 5, 6]
    assert figure.layout.yaxis.type == "log"
    low, high = figure.layout.yaxis.range
    assert low < np.log10(0.2 / 6) and high > np.log10(0.2 / 3)
    assert curve_figure("psnr", [(LOOK, history())], View(log=True)).layout.yaxis.type == "linear"


def test_side_by_side_shares_one_scale(open_page):
    few, many = (curve_figure("psnr", [(LOOK, history(epochs))]) for epochs in (4, 10))
    share_scale([few, many])
    assert few.layout.yaxis.range == many.layout.yaxis.range
    assert few.layout.yaxis.range[1] >= 25
    shown = charts(open_page(layout="side by side", curves=["KL"]))
    assert list(shown) == ["kl_fixed", "kl_learned"]
    assert "Learned prior" not in names(shown["kl_fixed"])


def test_the_link_holds_what_is_shown(open_page):
    page = open_page(
        runs=["learned"], curves=["Loss", "MSE"], smoothing="0.5", log="true", epochs=["1", "2"]
    )
    shown = charts(page)
    assert list(shown) == ["loss", "mse"]
    assert names(shown["loss"])[-1] == "Learned prior"
    assert shown["loss"]["layout"]["yaxis"]["type"] == "log"
    assert page.slider(key="smoothing").value == 0.5
    assert page.slider(key="epochs").value == (1, 2)


def test_a_run_that_a_link_asks_for_in_vain_is_told(open_page):
    page = open_page(runs=["![x](y)"])
    assert "there is no such run here, but: fixed, learned" in warnings(page)
    assert "![x]" not in page.warning[0].value
    assert names(charts(page)["loss"]) == ["Fixed prior", "Learned prior"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"smoothing": "1e400"}, ["smoothing “1e400”: give a number from 0 to 0.95"]),
        ({"smoothing": "nan"}, ["smoothing “nan”: give a number from 0 to 0.95"]),
        (
            {"epochs": ["-1e400", "nan"]},
            ["epochs “-1e400”: give the first and the last one, from 1 to 10", "epochs “nan”"],
        ),
        ({"epochs": ["20", "60"]}, ["epochs “20”", "epochs “60”"]),
        ({"epochs": ["8", "3"]}, ["epochs “8, 3”: give the first and the last one, from 1 to 10"]),
        ({"epochs": "8"}, ["epochs “8”: give the first and the last one"]),
        ({"epochs": ["3", "60"]}, ["epochs “3, 60”: give the first and the last one"]),
        ({"log": "?"}, ["log “?”: give true or false"]),
        ({"layout": "piled"}, ["layout “piled”: there is no such layout here, but: overlaid"]),
        ({"curves": ["Love", "Hate"]}, ["curves “Love”: there is no such curve", "curves “Hate”"]),
    ],
)
def test_nonsense_in_the_link_is_told_and_the_controls_are_as_without_one(open_page, query, told):
    page = open_page(**query)
    assert len(page.warning) == len(told)
    for warning, words in zip(page.warning, told, strict=True):
        assert f"The link asks for {words}" in warning.value.replace("\\", "")
    assert page.slider(key="smoothing").value == 0
    assert page.slider(key="epochs").value == (1, LAST_EPOCH)
    assert not page.toggle(key="log").value
    assert page.segmented_control(key="layout").value == "overlaid"
    shown = charts(page)
    assert list(shown) == list(QUANTITIES)
    assert shown["loss"]["layout"]["yaxis"].get("type") != "log"


def test_a_choice_that_runs_have_outgrown_is_no_bad_link(open_page, runs):
    page = open_page()
    page.slider(key="epochs").set_value((2, LAST_EPOCH)).run()
    write_earlier(runs / "fixed", 4)
    page.run()
    assert not page.exception and not page.warning


def test_no_run_and_no_curve_chosen(open_page):
    page = open_page()
    page.multiselect(key="runs").set_value([]).run()
    assert not page.exception and not charts(page) and "Nothing to draw" in said(page)
    linked = open_page(runs=[""])
    assert not linked.warning and not charts(linked) and "Nothing to draw" in said(linked)
