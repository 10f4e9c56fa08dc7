"""The tables below the curves: the report's beside ours, and ablations."""

import json
import shutil

import pytest

from cvae.errors import InputError
from cvae.evaluation.protocol import GIVEN_STATES
from demo.curves import QUANTITIES
from demo.report_tables import read_ablations
from tests.demo.shown import errors, said
from tests.demo.training.page import charts
from tests.demo.training.written import change_config
from tests.demo.written_scores import write_means, write_scores


def test_reports_tables_beside_ours(open_page, runs, tiny_checkpoints):
    write_means(runs / "fixed", 20.44)
    shutil.copytree(runs / "fixed", runs / "again")
    change_config(runs / "again", kl_cycles=2)
    write_means(runs / "again", 19.5)
    schedules, priors = (text.value for text in open_page().markdown if "BAIR |" in text.value)
    assert "| **Cyclical** | 25.468 dB | 19.50 ± 0.33 dB" in schedules and "again" in schedules
    assert "| **Monotonic** | 26.375 dB | 20.44 ± 0.33 dB" in schedules
    assert "| **Learned** | 25.953 dB | none is stored" in priors
    assert "| **Fixed** | 26.375 dB | 20.44 ± 0.33 dB" in priors
    assert "again" not in priors


def test_below_a_table_stands_how_our_models_differ_sequence_by_sequence(open_page, runs):
    shutil.copytree(runs / "fixed", runs / "again")
    change_config(runs / "again", kl_cycles=2, epochs=7)
    write_scores(runs / "fixed", GIVEN_STATES, {"one": 20.0, "two": 22.0}, copied=10.0)
    write_scores(runs / "again", GIVEN_STATES, {"one": 19.0, "two": 20.0}, copied=10.0)
    words = said(open_page())
    assert "again less fixed, sequence by sequence: one sample -1.500 ± 0.980 (worse)" in words
    assert "They differ in more than that: training.epochs 2 -> 7" in words
    (runs / "again" / "evaluation.csv.xz").write_bytes(b"")
    assert "again less fixed" not in said(open_page())


def test_a_model_that_is_told_no_actions_stands_in_no_table(open_page, runs):
    write_means(runs / "fixed", 20.44)
    config = json.loads((runs / "fixed" / "config.json").read_text())
    config["model"]["conditioned"] = False
    (runs / "fixed" / "config.json").write_text(json.dumps(config))
    assert "20.44" not in said(open_page())


def test_a_damaged_evaluation_is_said_and_the_table_stays(open_page, runs):
    (runs / "fixed" / "evaluation.json").write_text("{}")
    page = open_page()
    assert "fixed/evaluation.json is damaged" in said(page) and "26.375 dB" in said(page)


def test_ablations_are_shown_where_they_are_stored(open_page, runs):
    assert "No ablations are stored" in said(open_page())
    (runs / "ablations.csv").write_text(
        "question,setting,psnr,data\nWidth?,quarter,20.1,sim\nWidth?,half,21.2,sim\n"
        "Skips?,without,18.0,\n"
    )
    page = open_page()
    width, skips = (table.value for table in page.dataframe)
    assert "Width?" in said(page)
    assert width.loc["half", "psnr"] == 21.2 and list(width.columns) == ["psnr", "data"]
    assert list(skips.columns) == ["psnr"], "what no row has is no column"


def test_a_study_in_the_folder_of_runs_is_found_and_intervals_stand_with_their_means(
    open_page, runs
):
    (runs / "ablations").mkdir()
    (runs / "ablations" / "ablations.csv").write_text(
        "question,setting,windows,psnr,psnr ±,difference,difference ±,gain\n"
        "Clipped?,to 1,15360,22.789,0.243,,,reference\n"
        "Clipped?,no,15360,21.5,,-1.25,0.05,worse\n"
    )
    (table,) = (table.value for table in open_page().dataframe)
    assert list(table.columns) == ["windows", "psnr", "difference", "gain"]
    assert table["psnr"].tolist() == ["22.79 ± 0.24", "21.50"]
    assert table["difference"].tolist() == ["–", "-1.250 ± 0.050"]


@pytest.mark.parametrize("content", ["", "setting,psnr\na,1", "question,setting\n,a"])
def test_damaged_ablations_are_said(open_page, runs, content):
    (runs / "ablations.csv").write_text(content)
    page = open_page()
    assert "ablations.csv" in errors(page)
    assert len(charts(page)) == len(QUANTITIES)


def test_a_table_of_more_than_16_mib_is_not_read(tmp_path):
    table, most = b"question,setting\nWidth?,half\n", 1 << 24
    (tmp_path / "ablations.csv").write_bytes(table.ljust(most, b"\n"))
    assert list(read_ablations(tmp_path)) == ["Width?"]
    (tmp_path / "ablations.csv").write_bytes(table.ljust(most + 1, b"\n"))
    with pytest.raises(InputError, match=r"ablations\.csv .*more than 17 MB"):
        read_ablations(tmp_path)
