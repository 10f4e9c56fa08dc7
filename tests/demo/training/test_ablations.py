"""Ablations, one question at a time: bundled ones, one's own, and those of an earlier study."""

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from cvae.bundled import CHECKPOINTS
from cvae.errors import InputError
from demo.ablation_tables import EARLIER, find_ablations, read_ablations
from demo.curves import QUANTITIES
from tests.demo.shown import errors, said, warnings
from tests.demo.training.page import charts


def only_table(page: AppTest) -> pd.DataFrame:
    (table,) = page.dataframe
    return table.value


def write(folder: Path, *rows: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "ablations.csv").write_text("\n".join(["question,setting,psnr", *rows]))


def test_ablations_are_shown_where_they_are_stored(open_page, runs):
    assert "No ablations are stored" in said(open_page())
    (runs / "ablations.csv").write_text(
        "question,setting,psnr,data\nWidth?,quarter,20.1,sim\nWidth?,half,21.2,sim\n"
        "Skips?,without,18.0,\n"
    )
    page = open_page()
    width = only_table(page)
    assert width.loc["half", "psnr"] == 21.2 and list(width.columns) == ["psnr", "data"]
    page.selectbox(key="question").select("Skips?").run()
    assert list(only_table(page).columns) == ["psnr"], "what no row has is no column"


def test_a_study_in_the_folder_of_runs_is_found_and_intervals_stand_with_their_means(
    open_page, runs
):
    (runs / "ablations").mkdir()
    (runs / "ablations" / "ablations.csv").write_text(
        "question,setting,windows,psnr,psnr ±,difference,difference ±,gain\n"
        "Clipped?,to 1,15360,22.789,0.243,,,reference\n"
        "Clipped?,no,15360,21.5,,-1.25,0.05,worse\n"
    )
    table = only_table(open_page())
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


def test_a_link_opens_a_question_and_one_that_nothing_answers_is_told(open_page, runs):
    write(runs, "Width?,half,21.2", "Skips?,without,18.0")
    page = open_page(question="Skips?")
    assert only_table(page).index.tolist() == ["without"]
    assert not page.warning
    page = open_page(question="![x](y)", runs=["nobody"])
    assert "no table here answers it. Shown: Width?." in warnings(page)
    assert "there is no such run here" in warnings(page)
    assert len(page.warning) == 2, "each is told once"
    assert only_table(page).index.tolist() == ["half"]


def test_ones_own_come_before_the_bundled_ones_and_hide_theirs(tmp_path):
    mine, bundled = tmp_path / "mine", tmp_path / "bundled"
    write(mine, "Width?,half,21.2", "Mine?,yes,1")
    write(bundled, "Skips?,without,18.0", "Width?,half,20.0")
    tables, problems = find_ablations([mine, bundled])
    assert list(tables) == ["Width?", "Mine?", "Skips?"] and not problems
    assert tables["Width?"].loc["half", "psnr"] == 21.2
    (mine / "ablations.csv").write_text("")
    tables, problems = find_ablations([mine, bundled])
    assert list(tables) == ["Skips?", "Width?"], "one damaged file takes no other along"
    assert len(problems) == 1 and "mine/ablations.csv" in problems[0]


def test_an_earlier_study_comes_last_and_says_so(open_page, runs):
    write(runs, f"Width? {EARLIER},half,20.0", "Skips?,without,18.0")
    page = open_page()
    assert page.selectbox(key="question").options == ["Skips?", f"Width? {EARLIER}"]
    assert "earlier study" not in said(page)
    page.selectbox(key="question").select(f"Width? {EARLIER}").run()
    assert only_table(page).loc["half", "psnr"] == 20.0
    assert "Of an earlier study: its rows can be compared with each other alone." in said(page)


def test_the_bundled_questions_are_all_there_the_earlier_ones_last():
    stored = pd.read_csv(CHECKPOINTS / "ablations.csv")["question"].drop_duplicates()
    questions = list(find_ablations([CHECKPOINTS])[0])
    assert sorted(questions) == sorted(stored)
    earlier = [question.endswith(EARLIER) for question in questions]
    assert any(earlier) and earlier == sorted(earlier)
