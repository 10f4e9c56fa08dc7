"""`python -m cvae compare`: one model less another, from stored evaluations."""

import re
import shutil
from pathlib import Path

import pytest

from cvae.__main__ import main
from cvae.evaluation.columns import MEASURED
from tests.evaluation.runs import gains_of


@pytest.fixture(scope="module")
def models(store: Path, tiny_checkpoints: Path, tmp_path_factory) -> Path:
    """`learned` is measured under two protocols, `fixed` under one of them and another one."""
    root = shutil.copytree(tiny_checkpoints, tmp_path_factory.mktemp("models") / "models")
    for name, protocols in (("fixed", "given-states field"), ("learned", "given-states horizon")):
        words = ["evaluate", str(root / name), "--data", str(store), "--samples", "3"]
        assert main([*words, "--protocols", *protocols.split()]) == 0
    return root


def compare(capsys, one: Path, other: Path) -> str:
    capsys.readouterr()
    assert main(["compare", str(one), str(other)]) == 0
    return capsys.readouterr().out


def cells(page: str, variant: str) -> dict[str, str]:
    [line] = [line for line in page.splitlines() if line.startswith(f"| {variant} |")]
    return dict(zip(MEASURED, [cell.strip() for cell in line.split("|")[2:-1]], strict=True))


@pytest.mark.parametrize(
    "variant", ["one sample", "best of N", "prior mean", "posterior reference"]
)
@pytest.mark.parametrize(("metric", "sign"), [("psnr_lab", 1), ("ssim", 1), ("tip", -1)])
def test_each_cell_is_the_mean_difference_and_says_who_is_better(
    models, capsys, variant, metric, sign
) -> None:
    page = compare(capsys, models / "learned", models / "fixed")
    gains = gains_of(models, metric, variant)
    told = re.fullmatch(r"([+-][\d.]+) ± ([\d.]+) \((\w+)\)", cells(page, variant)[metric])
    assert float(told[1]) == pytest.approx(gains.mean(), abs=6e-4)
    assert float(told[2]) == pytest.approx(1.96 * gains.std(ddof=1) / 2, abs=6e-4)
    shown = "none" if abs(gains.mean()) <= 1.96 * gains.std(ddof=1) / 2 else None
    assert told[3] == (shown or ("better" if sign * gains.mean() > 0 else "worse"))


def test_spread_is_no_merit_and_the_order_of_the_two_turns_every_sign(models, capsys) -> None:
    there = compare(capsys, models / "learned", models / "fixed")
    back = compare(capsys, models / "fixed", models / "learned")
    spread = cells(there, "one sample")["spread"]
    assert re.fullmatch(r"[+-][\d.]+ ± [\d.]+", spread)
    for variant in ("one sample", "prior mean"):
        for one, other in zip(
            cells(there, variant).values(), cells(back, variant).values(), strict=True
        ):
            if one != "–":
                assert float(one.split()[0]) == -float(other.split()[0])


def test_it_names_the_sequences_that_differ_most(models, capsys) -> None:
    page = compare(capsys, models / "learned", models / "fixed")
    gains = gains_of(models, "psnr_lab", "one sample")
    assert f"{(gains > 0).sum()} of 4 sequences gained" in page
    assert f"the most {gains.idxmax()} {gains.max():+.2f}" in page
    assert f"or lost: {gains.idxmin()} {gains.min():+.2f}" in page


def test_what_only_one_was_measured_under_is_said(models, capsys) -> None:
    page = compare(capsys, models / "learned", models / "fixed")
    assert "### field\n\nNot compared: learned was not measured under it." in page
    assert "### horizon\n\nNot compared: fixed was not measured under it." in page
    assert "### rolled-out-states" not in page
    assert "They differ in: model.prior fixed -> learned." in page


def test_models_that_were_measured_otherwise_are_not_compared(
    models, store, tmp_path, capsys
) -> None:
    other = shutil.copytree(models / "fixed", tmp_path / "fixed")
    words = ["evaluate", str(other), "--data", str(store), "--samples", "2"]
    assert main([*words, "--protocols", "given-states"]) == 0
    page = compare(capsys, models / "learned", other)
    assert "### given-states\n\nNot compared: they were not measured" in page


def test_a_model_that_was_never_measured_is_refused(models, tiny_checkpoints, refuses) -> None:
    bare = tiny_checkpoints / "fixed"
    refuses(("compare", bare, models / "learned"), f"{bare} has no evaluation", "cvae evaluate")
    refuses(("compare", models / "learned", "nowhere"), "no checkpoint folder nowhere")
