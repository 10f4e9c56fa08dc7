"""How runs were made, as the page says it, and their curves as a file."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from cvae.evaluation.card import train_command
from cvae.model.checkpoint import load_config
from demo.loading import find_models
from demo.training_making import curves_csv
from demo.training_runs import COLUMNS, read_run
from tests.demo.shown import said
from tests.demo.training.written import history, write_earlier

LAST_EPOCH = 10  # of the histories that stand for the runs' own


def change_data(run: Path, **data: object) -> None:
    config = json.loads((run / "config.json").read_text())
    config["data"] |= data
    (run / "config.json").write_text(json.dumps(config))


def commands(page: AppTest) -> list[str]:
    return [code.value for code in page.code if "cvae train" in code.value]


def facts(page: AppTest) -> list[dict[str, str]]:
    """Of each run that is shown, without the signs that keep them from being Markdown."""
    return [table.value["fact"].str.replace("\\", "").to_dict() for table in page.table]


def test_every_chosen_run_says_how_it_was_made(open_page, runs):
    page = open_page()
    assert [tab.label for tab in page.tabs] == ["Fixed prior", "Learned prior"]
    made = []
    for name in ("fixed", "learned"):
        config, data = load_config(runs / name)
        made.append(train_command(config, name, data))
    assert commands(page) == made and "--model.prior learned" in made[1]
    fixed, learned = facts(page)
    assert fixed["budget"].startswith(f"{LAST_EPOCH} epochs")
    assert learned["last epoch"] == (
        "KL 0.80 nats per frame, 3 active latent dimensions, validation 25.00 dB"
    )
    page.multiselect(key="runs").set_value(["learned"]).run()
    assert commands(page) == made[1:]
    page.multiselect(key="runs").set_value([]).run()
    assert not page.tabs and not page.exception


def test_what_a_run_began_with_is_told(open_page, runs):
    write_earlier(runs / "fixed", 4, 6)
    change_data(runs / "fixed", started_from="older_one, weights 1234", precision="bfloat16")
    page = open_page()
    fixed, learned = facts(page)
    assert fixed["first weights"] == "those of older_one, weights 1234"
    assert fixed["trained before"] == "10 epochs in 2 runs, 10 minutes"
    assert "trained before" not in learned
    assert "--start-from older_one --precision bfloat16" in commands(page)[0]
    assert "the folder of the model older_one (weights 1234) after" in said(page)


def test_a_run_without_all_numbers_has_its_command_alone(open_page, runs):
    history()[["epoch", "kl"]].to_csv(runs / "fixed" / "history.csv", index=False)
    (runs / "learned" / "resume.pt").write_bytes(b"never read by the app")
    (runs / "learned" / "history.csv").unlink()
    page = open_page()
    assert len(commands(page)) == 2 and not facts(page)
    assert "its history does not tell in full" in said(page)
    assert "No epoch is complete yet" in said(page)


@pytest.mark.parametrize("data", [{"precision": 16}, {"started_from": None}])
def test_a_configuration_that_says_nonsense_of_its_training_is_told(open_page, runs, data):
    change_data(runs / "fixed", **data)
    page = open_page()
    assert "fixed/config.json is damaged" in said(page) and f"data.{next(iter(data))}" in said(page)
    assert [tab.label for tab in page.tabs] == ["Learned prior"]


def test_the_file_of_curves_holds_every_epoch_of_the_chosen_runs(open_page, runs):
    write_earlier(runs / "fixed", 4, 6)
    read = [read_run(model) for model in find_models(runs)[0] if model.path.parent == runs]
    table = pd.read_csv(io.BytesIO(curves_csv(read)))
    assert list(table.columns) == ["model", "run", *COLUMNS]
    fixed, learned = (table[table["model"] == name] for name in ("fixed", "learned"))
    assert fixed["run"].tolist() == [1] * 4 + [2] * 6 + [3] * LAST_EPOCH
    assert fixed["epoch"].tolist() == list(range(1, 21)), "as the curves count"
    np.testing.assert_allclose(learned["train_loss"], history()["train_loss"], rtol=1e-9)
    assert b"\nfixed,1,1,2,0.2,8,3," in curves_csv(read), "whole numbers stay whole"
    page = open_page()
    offered = [button.label for button in page.get("download_button")]
    assert offered == ["Curves as CSV"]
    page.multiselect(key="runs").set_value([]).run()
    assert not page.get("download_button")
