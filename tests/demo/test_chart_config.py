"""What can be done with charts: each is taken along as a picture under a name of its own."""

import json
import re
import shutil

import pytest

from cvae.evaluation.protocol import GIVEN_STATES
from demo.chart_config import chart_config
from tests.demo.written_scores import write_scores

CHARTS = {"compare": 2, "test_set": 4, "training": 9, "how_it_works": 4}


@pytest.mark.parametrize("view", CHARTS)
def test_every_chart_offers_its_picture_and_nothing_else(
    open_view, store, tiny_checkpoints, tmp_path, view
):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    for name, psnr in (("fixed", 20.0), ("learned", 21.0)):
        write_scores(models / name, GIVEN_STATES, {"one": psnr, "two": 22.0}, copied=10.0)
    page = open_view(view, store, models)
    if view == "compare":
        page.run()  # charts come with the second run
    configs = [json.loads(chart.proto.config) for chart in page.get("plotly_chart")]
    assert len(configs) == CHARTS[view]
    for config in configs:
        assert config["modeBarButtons"] == [["toImage"]] and not config["displaylogo"]
        assert config["toImageButtonOptions"]["format"] == "svg"
    names = [config["toImageButtonOptions"]["filename"] for config in configs]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[\w-][\w.-]*", name) for name in names)


def test_a_models_name_makes_no_folder_of_a_file():
    name = chart_config("../runs/a b*")["toImageButtonOptions"]["filename"]
    assert name == "runs-a-b"
