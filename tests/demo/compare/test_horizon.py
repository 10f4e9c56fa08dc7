"""How far the models look ahead: any number of frames, and what follows from it."""

import json
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from cvae.data.npz import npz_bytes
from tests.demo.compare.test_links import back_to
from tests.demo.going import go
from tests.demo.shown import player, warnings
from tests.tiny_data import tiny_sequence

USUAL = "usual_horizon"


def predicted(page: AppTest) -> int:
    """Frames that the player shows after the given ones, which its numbers tell of, too."""
    shown = player(page)
    frames = shown["frames"] - 2
    assert all(len(values) == frames for model in shown["models"] for values in model["psnr"])
    assert len(shown["reference"]["psnr"][0]) == frames
    return frames


@pytest.mark.parametrize("horizon", [1, 15, 28])
def test_any_number_of_frames_is_predicted_and_all_else_follows(open_page, horizon):
    page = open_page(horizon=str(horizon))
    assert not warnings(page) and predicted(page) == horizon
    assert page.number_input(key="horizon").value == horizon
    [command] = [code.value for code in page.code if "cvae predict" in code.value]
    assert f"--horizon {horizon} " in command
    columns = list(page.dataframe[0].value.columns)
    assert columns == [f"Frame {frame}" for frame in range(2, 2 + horizon)]


def test_the_usual_ones_are_one_press_away(open_page):
    page = open_page(horizon="15")
    usual = page.segmented_control(key=USUAL)
    assert usual.options == ["10", "28"] and usual.value is None
    usual.set_value(28).run()
    assert predicted(page) == 28 and page.query_params["horizon"] == "28"
    page.segmented_control(key=USUAL).set_value(None).run()
    assert predicted(page) == 28, "pressed again it stays"
    assert page.segmented_control(key=USUAL).value == 28
    page.number_input(key="horizon").set_value(10).run()
    assert page.segmented_control(key=USUAL).value == 10


@pytest.mark.parametrize("horizon", ["0", "29", "ten", "1e1"])
def test_what_no_sequence_holds_is_told(open_page, horizon):
    page = open_page(horizon=horizon)
    assert "give a whole number from 1 to 28. Shown: 10." in warnings(page)
    assert predicted(page) == 10


def test_back_leads_to_the_horizon_of_that_address(open_page):
    page = open_page(horizon="15")
    page.number_input(key="horizon").set_value(3).run()
    back_to(page, horizon="15")
    assert predicted(page) == 15


def test_a_page_with_a_shorter_sequence_looks_as_far_as_it_can(open_page):
    page = go(open_page(horizon="28"), "own_data")
    page.file_uploader[0].upload("short.npz", npz_bytes(tiny_sequence("short", 3, length=8)))
    page.run()
    assert not page.exception and not warnings(page)
    field = page.number_input(key="horizon")
    assert (field.value, field.max, player(page)["frames"]) == (6, 6, 8)


def test_a_model_that_is_given_more_frames_leaves_fewer_for_all(
    open_page, tiny_checkpoints, tmp_path
):
    runs = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    file = runs / "learned" / "config.json"
    config = json.loads(file.read_text())
    config["model"]["n_past"] = 6
    file.write_text(json.dumps(config))
    page = open_page(runs=runs, horizon="24")
    assert not warnings(page) and player(page)["frames"] == 30
    assert page.segmented_control(key=USUAL).options == ["10"]
    assert "from 1 to 24" in warnings(open_page(runs=runs, horizon="28"))
