"""What differs between the chosen runs: a table of these settings alone."""

import json
import re

import pytest

from demo.loading import find_models
from demo.training_differences import differences
from demo.training_runs import read_run
from tests.demo.shown import said
from tests.demo.training.page import html
from tests.demo.training.written import change_config

TABLE = "What differs between the runs"
NOTHING = "the same settings, data, precision and first weights"


@pytest.fixture
def others(runs):
    """Three more runs: like the first one, with other training, and with other data."""
    for name in ("alike", "longer", "real"):
        (runs / name).mkdir()
        for file in ("config.json", "history.csv"):
            (runs / name / file).write_bytes((runs / "fixed" / file).read_bytes())
    change_config(runs / "longer", epochs=99, grad_clip=None)
    config = json.loads((runs / "real" / "config.json").read_text())
    config["model"]["conditioned"] = False
    config["data"] |= {"source": "<b>bair</b>", "started_from": "tiny, weights 12"}
    (runs / "real" / "config.json").write_text(json.dumps(config))
    return runs


def read(runs, *names):
    found = {model.name: model for model in find_models(runs)[0]}
    return [read_run(found[name]) for name in names]


def table(page) -> dict[str, list[str]]:
    """The cells of each row, without its heading, by that."""
    [found] = [part.proto.body for part in page.get("html") if TABLE in part.proto.body]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in found.split("<tr>")[1:]]
    return {row[0]: [re.sub("<img[^>]*>", "", cell) for cell in row[1:]] for row in rows}


def test_only_what_differs_is_a_row_and_each_run_a_column(open_page, others):
    page = open_page(runs=["fixed", "learned", "longer"])
    shown = table(page)
    assert list(shown) == ["Setting", "model.prior", "training.epochs", "training.grad_clip"]
    assert shown["Setting"] == ["Fixed prior", "Learned prior", "longer"]
    assert shown["model.prior"] == ["fixed", "learned", "fixed"]
    assert shown["training.grad_clip"] == ["1.0", "1.0", "none"]
    page.multiselect(key="runs").set_value(["fixed", "longer"]).run()
    assert "model.prior" not in table(page), "these two have the same"
    assert NOTHING not in said(page)


def test_data_and_first_weights_are_told_beside_the_settings(open_page, others):
    page = open_page(runs=["fixed", "real"])
    shown = table(page)
    assert list(shown) == ["Setting", "model.conditioned", "data", "first weights"]
    assert shown["model.conditioned"] == ["yes", "no"]
    assert shown["first weights"] == ["random", "tiny, weights 12"]
    assert shown["data"][1].startswith("&lt;b&gt;bair&lt;/b&gt; ("), "no HTML of a file's"


def test_where_nothing_differs_that_is_said_and_of_one_run_nothing(open_page, others):
    page = open_page(runs=["fixed", "alike"])
    assert NOTHING in said(page) and TABLE not in html(page)
    page.multiselect(key="runs").set_value(["fixed"]).run()
    assert NOTHING not in said(page) and TABLE not in html(page)


def test_a_third_run_that_differs_shows_what_the_first_two_share(others):
    found = differences(read(others, "fixed", "alike", "longer"))
    assert set(found) == {"training.epochs", "training.grad_clip"}
    assert found["training.epochs"][:2] == [found["training.epochs"][0]] * 2
    assert found["training.epochs"][2] == "99"
