"""What the documentation says of measurements is what is stored, to the last digit."""

import re
from pathlib import Path

import pandas as pd
import pytest

from cvae.__main__ import main
from cvae.bundled import CHECKPOINTS
from cvae.evaluation.pairing import by_sequence, difference, format_difference
from cvae.evaluation.protocol import GIVEN_STATES
from cvae.evaluation.rows import BEST, COPY_LAST, ONE_SAMPLE, PRIOR_MEAN
from cvae.evaluation.scores import Estimate, load_evaluations, load_scores
from cvae.evaluation.table import format_estimate
from cvae.model.history import load_lineage
from tests.documented import PROJECT

ABLATIONS, RESULTS = PROJECT / "docs" / "ablations.md", PROJECT / "docs" / "results.md"
SEEDS = CHECKPOINTS / "seeds"
ROWS = pd.read_csv(CHECKPOINTS / "ablations.csv")
PSNR = pd.read_csv(CHECKPOINTS / "ablations-sequences.csv.xz").set_index(["run", "sequence"])
HISTORIES = pd.read_csv(CHECKPOINTS / "ablations-histories.csv.xz").set_index("run")
ESTIMATES = ("one sample (dB)", "prior's mean (dB)", "best of 20 (dB)")
DIFFERENCES = {
    "difference (dB)": "one sample",
    "difference at the prior's mean (dB)": "prior mean",
}
# Of the earlier study no more than its tables is left.
KEPT = ROWS[~ROWS["question"].str.contains("earlier study")]


def between(page: Path, mark: str) -> str:
    text = page.read_text(encoding="utf-8")
    [found] = re.findall(rf"<!-- {mark} -->\n(.*?)\n<!-- /{mark} -->", text, re.DOTALL)
    return found


def test_the_reports_tables_are_those_of_the_bundled_models(capsys, monkeypatch) -> None:
    monkeypatch.chdir(PROJECT)
    assert main(["tables"]) == 0
    assert between(ABLATIONS, "tables") == capsys.readouterr().out.strip()


def test_every_stored_row_of_the_ablations_is_on_their_page() -> None:
    shown = between(ABLATIONS, "ablations") + between(ABLATIONS, "earlier")
    lines = [line for line in shown.splitlines() if re.match(r"\| [^|]+ \| `", line)]
    assert len(lines) == len(ROWS)
    for line, (_, row) in zip(lines, ROWS.iterrows(), strict=True):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[:3] == [row["setting"], f"`{row['run']}`", f"{row['windows']:,}"]
        assert float(cells[3]) == row["KL (nats per frame)"]
        assert cells[4] == str(row["active dimensions"])
        assert cells[5:8] == [format_estimate(of(row, name), 2) for name in ESTIMATES]
        assert format_difference(of(row, "difference (dB)")) in cells
        assert cells[-1] == row["gain"]


@pytest.mark.parametrize("column", DIFFERENCES)
def test_the_differences_are_those_of_the_stored_sequences(column) -> None:
    for _, rows in KEPT.groupby("question", sort=False):
        [reference] = rows.loc[rows["gain"] == "reference", "run"]
        for _, row in rows[rows["gain"] != "reference"].iterrows():
            ours, theirs = (PSNR.loc[run][DIFFERENCES[column]] for run in (row["run"], reference))
            found = difference(ours, theirs)
            assert found.mean == pytest.approx(row[column], abs=2e-4), row["run"]
            assert found.half_width == pytest.approx(row[f"{column} ±"], abs=2e-4), row["run"]


def test_what_is_beyond_the_seeds_is_told_of_the_stored_sequences() -> None:
    table = between(ABLATIONS, "ablations").partition("### Which runs differ by more than")[2]
    lines = re.findall(r"^\| `([^`]+)` \| ([+-][\d.]+) \| ([+-][\d.]+) \| (.+) \|$", table, re.M)
    means = PSNR.groupby(level="run")[["one sample", "prior mean"]].mean()
    seeds = ["default", "seed-2", "seed-3"]
    assert {run for run, *_ in lines} == set(KEPT["run"]) - set(seeds)
    away = means - means.loc[seeds].mean()
    margins = 4.303 * (4 / 3) ** 0.5 * means.loc[seeds].std()
    for run, *told, said in lines:
        assert [float(by) for by in told] == pytest.approx(list(away.loc[run]), abs=6e-3)
        beyond = (away.loc[run].abs() > margins).to_list()
        assert said == {(True, True): "yes", (False, False): "no"}[tuple(beyond)]


def test_the_rows_tell_of_the_last_epoch() -> None:
    assert set(KEPT["run"]) <= set(HISTORIES.index)
    for _, row in KEPT.iterrows():
        last = HISTORIES.loc[row["run"]].iloc[-1]
        assert last["kl"] == pytest.approx(row["KL (nats per frame)"], abs=6e-3)
        assert last["active_dims"] == row["active dimensions"]


@pytest.mark.parametrize("mark", ["stages", "seeds"])
def test_the_runs_behind_the_models_are_told_of_as_they_ended(mark) -> None:
    models, *rows = cells_of(between(RESULTS, mark))
    lineages = {model: load_lineage(folder_of(model)) for model in models[1:]}
    for model, lineage in lineages.items():
        assert [int(row[0][0]) for row in rows] == list(lineage["run"].unique()), model
    for run, *cells in rows:
        for (model, lineage), cell in zip(lineages.items(), cells, strict=True):
            end = lineage[lineage["run"] == int(run[0])].iloc[-1]
            dims = f"{end['active_dims']:.0f}"
            told = f"{end['validation_psnr']:.2f} dB, {end['kl']:.2f} nats, {dims}"
            assert cell == told, model


def test_what_another_seed_changes_is_that_of_the_stored_scores() -> None:
    [_, *variants], *rows = cells_of(between(RESULTS, "seeds-test"))
    stored_as = {"best of 20": "best of N", "prior's mean": "prior mean"}
    variants = [stored_as.get(variant, variant) for variant in variants]
    told = {name.replace("`", ""): cells for name, *cells in rows}
    others = sorted(folder.name for folder in SEEDS.iterdir())
    assert [*told] == ["learned", *others, *(f"{other} less learned" for other in others)]
    scores = {}
    for name in ("learned", *others):
        measured = load_evaluations(folder_of(name))[GIVEN_STATES.name]
        assert told[name] == [format_estimate(measured.overall[v]["psnr"], 2) for v in variants]
        assert measured.samples == 20 and measured.whole_split
        scores[name] = by_sequence(load_scores(folder_of(name)), GIVEN_STATES.name, "psnr")
    for other in others:
        changes = [difference(scores[other][v], scores["learned"][v]) for v in variants]
        assert told[f"{other} less learned"] == [format_difference(by) for by in changes]


def test_what_is_beyond_the_seeds_of_the_bundled_model_is_that_of_the_stored_evaluations() -> None:
    _, *rows, [_, *margins] = cells_of(between(RESULTS, "beyond-seeds"))
    variants = [ONE_SAMPLE, BEST, PRIOR_MEAN]

    def decibels(model: str) -> pd.Series:
        overall = load_evaluations(folder_of(model))[GIVEN_STATES.name].overall
        return pd.Series([overall[variant]["psnr"].mean for variant in variants])

    others = sorted(folder.name for folder in SEEDS.iterdir())
    seeds = pd.DataFrame([decibels(model) for model in ("learned", *others)])
    assert len(seeds) == 3
    assert margins == [f"± {by:.2f}" for by in 4.303 * (4 / 3) ** 0.5 * seeds.std()]
    for name, *cells in rows:
        assert cells == [f"{by:+z.2f}" for by in decibels(name.strip("`")) - seeds.mean()], name


def test_what_a_learned_prior_is_for_is_that_of_the_stored_evaluations() -> None:
    [_, _, first, *later], copied, *rows = cells_of(between(RESULTS, "told-nothing"))
    steps = [int(head.split()[-1]) - 1 for head in (first, *later)]
    stored_as = {"one sample": "one sample", "best of 20": "best of N"}
    for label, *cells in (["`fixed-without-actions`, copy", *copied[1:]], *rows):
        model, variant = label.split(", ")
        measured = load_evaluations(CHECKPOINTS / model.strip("`"))[GIVEN_STATES.name]
        variant = stored_as.get(variant, COPY_LAST)
        tips = measured.steps[variant]["tip"].mean
        decibels = measured.overall[variant]["psnr"].mean
        assert cells == [f"{decibels:.2f}", *(f"{tips[step]:.1f}" for step in steps)], label


def test_the_runs_of_those_who_are_told_nothing_are_told_of_as_they_ended() -> None:
    [*_, learned, fixed], *rows = cells_of(between(RESULTS, "told-nothing-stages"))
    ends = load_lineage(CHECKPOINTS / fixed.strip("`")).groupby("run").last()
    assert [row[-1] for row in rows] == [as_it_ended(end) for _, end in ends.iterrows()]
    last = load_lineage(CHECKPOINTS / learned.strip("`")).iloc[-1]  # of the others nothing is left
    assert rows[-1][-2] == as_it_ended(last)


def as_it_ended(end: pd.Series) -> str:
    dims = f"{end['active_dims']:.0f}"
    return f"{end['validation_psnr']:.1f} dB, {end['kl']:.1f} nats, {dims}"


def folder_of(model: str) -> Path:
    """Of a bundled model, or of the record of one that was trained with another seed."""
    [folder] = [path for path in (CHECKPOINTS / model, SEEDS / model) if path.is_dir()]
    return folder


def cells_of(table: str) -> list[list[str]]:
    """The rows of a Markdown table, without the line under its head."""
    head, _, *lines = table.splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in (head, *lines)]


def of(row: pd.Series, name: str) -> Estimate:
    mean, half_width = (float(row[column]) for column in (name, f"{name} ±"))
    return Estimate(None, None, 0) if pd.isna(mean) else Estimate(mean, half_width, 256)
