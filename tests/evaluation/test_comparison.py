"""`python -m cvae tables`: the report's comparisons, made again from stored evaluations."""

import json
import re
import shutil
from pathlib import Path

import pytest

from cvae.__main__ import main
from tests.evaluation.runs import gains_of


@pytest.fixture(scope="module")
def measured(store: Path, tiny_checkpoints: Path, tmp_path_factory) -> Path:
    """Both tiny models with a stored evaluation."""
    root = shutil.copytree(tiny_checkpoints, tmp_path_factory.mktemp("models") / "models")
    words = ["evaluate", str(root / "fixed"), str(root / "learned"), "--data", str(store)]
    assert main([*words, "--protocols", "given-states", "--samples", "3"]) == 0
    return root


@pytest.fixture
def models(measured: Path, tmp_path: Path) -> Path:
    """The same, free to be changed."""
    return shutil.copytree(measured, tmp_path / "models")


def change(run: Path, part: str, **values: object) -> None:
    config = json.loads((run / "config.json").read_text())
    config[part] |= values
    (run / "config.json").write_text(json.dumps(config))


def tables(capsys, *paths: Path) -> str:
    assert main(["tables", *map(str, paths)]) == 0
    return capsys.readouterr().out


def rows(page: str, heading: str) -> dict[str, list[list[str]]]:
    """Cells of the table under `heading`, by what was trained."""
    part = page.partition(f"### {heading}\n")[2].partition("###")[0]
    found: dict[str, list[list[str]]] = {}
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) > 2 and "prior," in cells[0]:
            found.setdefault(cells[0], []).append(cells[1:])
    return found


def test_models_stand_beside_the_reports_numbers_which_are_marked(models, capsys) -> None:
    page = tables(capsys, models / "fixed", models / "learned")
    prior, weight = rows(page, "Prior"), rows(page, "KL weight")
    assert [line[0] for line in prior["learned prior, monotonic KL weight"]] == ["25.953"]
    assert prior["fixed prior, monotonic KL weight"][0][:2] == ["26.375", "fixed"]
    assert weight["fixed prior, cyclical KL weight"][0][:2] == ["25.468", "none"]
    assert weight["learned prior, monotonic KL weight"][0][:2] == ["–", "learned"]
    assert "report, real BAIR" in page
    assert "The report's numbers are on real BAIR" in page
    assert "its table says the opposite" in page
    stored = json.loads((models / "learned" / "evaluation.json").read_text())
    overall = stored["protocols"]["given-states"]["overall"]
    line = prior["learned prior, monotonic KL weight"][0]
    for cell, (variant, metric) in zip(
        line[2:6],
        [
            ("one sample", "psnr_lab"),
            ("prior mean", "psnr_lab"),
            ("best of N", "psnr_lab"),
            ("one sample", "spread"),
        ],
        strict=True,
    ):
        number = overall[variant][metric]
        assert cell.startswith(f"{number['mean']:.2f} ± {number['half_width']:.2f}")
    assert "(N = 3)" in line[4] and line[6] == "4 of store, test (simulated)"


def test_the_difference_is_taken_sequence_by_sequence(models, capsys) -> None:
    page = tables(capsys, models / "fixed", models / "learned")
    gains = gains_of(models, "psnr_lab", "one sample")
    told = re.search(r"learned less fixed\*\*.*?one sample ([+-][\d.]+) ± ([\d.]+)", page)
    assert float(told[1]) == pytest.approx(gains.mean(), abs=6e-4)
    assert float(told[2]) == pytest.approx(1.96 * gains.std(ddof=1) / 2, abs=6e-4)
    assert "differ in more" not in page


def test_what_else_two_models_differ_in_is_told(models, capsys) -> None:
    change(models / "learned", "training", epochs=7)
    change(models / "learned", "data", started_from="older, weights 1234", train=4, checksum="ab")
    change(models / "learned", "data", precision="bfloat16")
    change(models / "fixed", "data", precision="float32")
    page = tables(capsys, models / "fixed", models / "learned")
    assert "They differ in more than that: training.epochs 2 -> 7; " in page
    assert "first weights random -> older, weights 1234" in page
    assert "-> simulated (4 sequences, checksum ab)" in page
    assert "precision float32 -> bfloat16" in page


def test_all_four_models_are_compared(models, capsys) -> None:
    for prior in ("fixed", "learned"):
        cyclical = shutil.copytree(models / prior, models / f"{prior}-cyclical")
        change(cyclical, "training", kl_cycles=2)
    page = tables(capsys, *sorted(models.iterdir()))
    for heading in ("KL weight", "Prior"):
        table = rows(page, heading)
        assert len(table) == 4, heading
        assert all(line[1] != "none" for lines in table.values() for line in lines)
    assert "**fixed-cyclical less fixed**" in page
    assert "**learned-cyclical less learned**" in page
    assert "**learned-cyclical less fixed-cyclical**" in page
    assert "learned-cyclical less fixed*" not in page


def test_other_data_of_the_same_name_are_not_the_same_data(models, store, tmp_path, capsys) -> None:
    """As after a folder was made again with other sequences under the old names."""
    other = shutil.copytree(store, tmp_path / store.name)
    file = other / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["splits"]["test"]["sha256"]["frames"] = "0" * 64
    file.write_text(json.dumps(manifest))
    words = ["evaluate", str(models / "learned"), "--data", str(other)]
    assert main([*words, "--protocols", "given-states", "--samples", "3"]) == 0
    page = tables(capsys, models / "fixed", models / "learned")
    assert "learned less fixed**: not compared" in page
    assert page.count("4 of store, test (simulated)") >= 2, "they have the same name"


def test_models_that_were_measured_otherwise_are_not_compared(
    models, store, tmp_path, capsys
) -> None:
    words = ["evaluate", str(models / "learned"), "--data", str(store)]
    assert main([*words, "--protocols", "given-states", "--samples", "2"]) == 0
    page = tables(capsys, models / "fixed", models / "learned")
    assert "learned less fixed**: not compared" in page
    assert "(N = 2)" in page and "(N = 3)" in page


def test_models_without_numbers_or_actions(models, tiny_checkpoints, capsys) -> None:
    change(models / "learned", "model", conditioned=False)
    page = tables(capsys, tiny_checkpoints / "fixed", models / "learned")
    assert rows(page, "Prior")["fixed prior, monotonic KL weight"][0][1:3] == ["fixed", "–"]
    assert "not measured" in page
    assert "Not compared: learned, which see no actions" in page
    assert "less" not in page


def test_the_bundled_models_are_taken_by_default(capsys) -> None:
    page = tables(capsys)
    assert "| 26.375 | fixed | " in page and "| 25.953 | learned | " in page
    assert "learned less fixed" in page


def test_bad_input_is_told(models, tmp_path, capsys) -> None:
    (models / "fixed" / "evaluation.json").write_text("{}")
    other = shutil.copytree(models / "learned", tmp_path / "learned")
    for paths, sentence in (
        ([tmp_path / "nowhere"], "There is no checkpoint folder"),
        ([models / "fixed"], "evaluation.json is damaged"),
        ([models / "learned", other], "Two models are called learned"),
    ):
        assert main(["tables", *map(str, paths)]) == 2
        assert sentence in capsys.readouterr().err
