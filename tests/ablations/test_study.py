"""`python -m cvae ablate` in processes of its own: stopped anywhere, the same rows in the end."""

import json
import re
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from cvae.__main__ import main
from cvae.ablations.plan import plan, recipe
from cvae.ablations.question import runs
from cvae.config import TINY
from cvae.evaluation.pairing import by_sequence
from cvae.evaluation.scores import load_scores
from tests.ablations.tiny_study import QUESTIONS, RUNS, command, words
from tests.processes import standing_still
from tests.training.runs import EVENT


def test_every_setting_has_a_row_with_what_was_measured(whole) -> None:
    table = pd.read_csv(whole[0] / "ablations.csv")
    assert sorted(table["run"]) == sorted([*RUNS, "default"])
    assert (table["windows"] == 16).all()
    measured = ["KL (nats per frame)", "active dimensions", "one sample (dB)", "prior's mean (dB)"]
    measured += ["best of 2 (dB)", "posterior reference (dB)", "spread (grey levels)"]
    assert table[measured].notna().all(axis=None)
    assert (table["one sample (dB) ±"] > 0).all()
    assert (table["best of 2 (dB)"] >= table["one sample (dB)"]).all()
    references = table[table["run"] == "default"]
    assert (references["gain"] == "reference").all()
    assert references["difference (dB)"].isna().all()


@pytest.mark.parametrize(
    ("variant", "column"),
    [
        ("one sample", "difference (dB)"),
        ("prior mean", "difference at the prior's mean (dB)"),
    ],
)
def test_differences_are_those_of_the_stored_scores_sequence_by_sequence(
    whole, variant, column
) -> None:
    out, _ = whole
    row = pd.read_csv(out / "ablations.csv").set_index("run").loc["compositing-no"]
    without, default = (
        by_sequence(load_scores(out / run / "validation"), "given-states", "psnr")[variant]
        for run in ("compositing-no", "default")
    )
    gains = (without - default).to_numpy()
    assert len(gains) == 4
    assert row[column] == pytest.approx(gains.mean(), abs=1e-4)
    assert row[f"{column} ±"] == pytest.approx(1.96 * gains.std(ddof=1) / 2, abs=1e-4)


def test_the_verdict_is_that_of_one_sample(whole) -> None:
    row = pd.read_csv(whole[0] / "ablations.csv").set_index("run").loc["compositing-no"]
    told = "none"
    if abs(row["difference (dB)"]) > row["difference (dB) ±"]:
        told = "better" if row["difference (dB)"] > 0 else "worse"
    assert row["gain"] == told


def test_what_the_table_rests_on_is_kept_beside_it(whole) -> None:
    out, _ = whole
    kept = pd.read_csv(out / "ablations-sequences.csv.xz")
    histories = pd.read_csv(out / "ablations-histories.csv.xz")
    assert set(kept["run"]) == set(histories["run"]) == set(RUNS)
    for run in RUNS:
        scores = by_sequence(load_scores(out / run / "validation"), "given-states", "psnr")
        ours = kept[kept["run"] == run].set_index("sequence")
        assert (ours["one sample"] - scores["one sample"]).abs().max() < 1e-4
        epochs = histories[histories["run"] == run].drop(columns="run").reset_index(drop=True)
        pd.testing.assert_frame_equal(epochs, pd.read_csv(out / run / "history.csv"))


def test_the_page_has_a_table_a_question_and_the_command_of_all(whole, store) -> None:
    out, page = whole
    assert page.startswith("Protocol given-states")
    assert re.findall("^### (.+)$", page, re.M) == [
        "Are gradients clipped?",
        "Is what is drawn blended with the last given frame?",
    ]
    assert "4 of 4 sequences" in page
    runs = re.findall(r"^\| [^|]+ \| `([^`]+)` \|", page, re.M)
    assert runs == ["default", "grad-clip-none", "default", "compositing-no"]
    assert re.findall("Its rows: `--questions (.+?)`", page) == [*QUESTIONS]
    assert page.rstrip().endswith(f"`{shlex.join(['python', *command(store, out)[1:]])}`.")


def test_killed_between_two_runs_it_goes_on_and_trains_nothing_twice(
    store, whole, tmp_path
) -> None:
    out = tmp_path / "killed"
    measured = "cvae.ablations.study:Study._train_and_measure"
    with standing_still(command(store, out), measured, 2):
        pass
    before = told(out)
    assert list(before) == [*RUNS[:2]]
    again = subprocess.run(command(store, out), capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert (
        again.stdout.partition("Made by")[0].replace("killed", "whole")
        == whole[1].partition("Made by")[0]
    )
    assert (out / "ablations.csv").read_bytes() == (whole[0] / "ablations.csv").read_bytes()
    for run in RUNS[:2]:
        assert told(out)[run] == before[run], f"{run} was trained again"


def told(out: Path) -> dict[str, str]:
    """The event logs of the runs in `out`."""
    return {run: log.read_text() for run in RUNS if (log := out / run / "events.jsonl").exists()}


def test_stopped_within_a_run_it_says_how_to_go_on(store, tmp_path) -> None:
    out = tmp_path / "stopped"
    asked = [*command(store, out), "--windows", "4000"]
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with standing_still(asked, EVENT, 1, **pipes) as process:
        process.terminate()
        process.send_signal(signal.SIGCONT)
        printed, said = process.communicate()
    assert process.returncode == 143, said
    assert f"Go on with:\n  {shlex.join(['python', *asked[1:]])}" in said
    assert printed == ""


def test_further_questions_need_further_runs_only(store, whole, tmp_path, capsys) -> None:
    out = shutil.copytree(whole[0], tmp_path / "whole")
    before = told(out)
    assert main(words(store, out, "--questions", "condition-changes")) == 0
    page = capsys.readouterr().out
    assert "Is the model told" in page and "gradients" not in page
    table = pd.read_csv(out / "ablations.csv")
    assert len(table) == 6 and "condition-changes-no" in set(table["run"])
    assert told(out) == before


def test_a_study_older_than_a_setting_is_gone_on_with(store, whole, tmp_path, capsys) -> None:
    out = shutil.copytree(whole[0], tmp_path / "whole")
    told = json.loads((out / "study.json").read_text())
    del told["training"]["windows"], told["model"]["compositing"]
    (out / "study.json").write_text(json.dumps(told))
    assert main(words(store, out, "--questions", *QUESTIONS)) == 0
    assert "gradients clipped" in capsys.readouterr().out


def test_the_weight_of_the_kl_gets_a_figure(store, whole, tmp_path, capsys) -> None:
    out = shutil.copytree(whole[0], tmp_path / "whole")
    # Other weights of the KL: the runs are there already, under other names.
    configs = runs(plan(recipe(TINY, windows=16, epochs=None, width=None, seed=1)))
    for name in (name for name in configs if name.startswith("beta-max")):
        shutil.copytree(out / "default", out / name)
        text = (out / name / "config.json").read_text()
        beta = configs[name].training.beta_max
        (out / name / "config.json").write_text(
            text.replace('"beta_max": 5e-05', f'"beta_max": {beta}')
        )
    assert main(words(store, out, "--questions", "beta-max")) == 0
    assert "beta-max.webp" in capsys.readouterr().out
    with Image.open(out / "beta-max.webp") as figure:
        assert figure.format == "WEBP" and figure.width > 2 * figure.height
        assert len(figure.getcolors()) > 20
