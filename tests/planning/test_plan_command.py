"""`plan` as a user calls it."""

import re
from dataclasses import replace

import pandas as pd
import pytest
from PIL import Image

from cvae.__main__ import main
from cvae.bundled import SEQUENCES
from cvae.model.checkpoint import save_checkpoint
from cvae.simulation.rerun import read_actions
from tests.inference.lively import lively_checkpoint

QUICK = ["--search.candidates", "4", "--search.best", "2", "--search.rounds", "2"]


def plan(*words: object) -> int:
    return main(["plan", *map(str, words), *QUICK])


@pytest.mark.simulator
def test_a_plan_is_carried_out_and_kept(tiny_checkpoints, tmp_path, capsys) -> None:
    models = tiny_checkpoints / "fixed", tiny_checkpoints / "learned"
    words = ("--data", SEQUENCES, "--sequence", "push", "--frame", 7, "--out", tmp_path)
    assert plan(*models, *words) == 0
    said = capsys.readouterr().out
    assert said.count("4 futures tried") == said.count("8 futures tried") == 2
    assert len(re.findall(r"carried out: the arm is \d+\.\d cm", said)) == 2
    assert len(set(re.findall(r"told nothing: the arm is (.*) cm", said))) == 1
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {
        f"sim-test-00019_{model}_to-frame7_seed0_candidates4_best2_rounds2.{suffix}"
        for model in ("fixed", "learned")
        for suffix in ("csv", "png", "gif")
    }
    for name in names:
        assert str(tmp_path / name) in said
    assert len(read_actions(next(tmp_path.glob("*fixed*.csv")))) == 8
    with Image.open(next(tmp_path.glob("*fixed*.png"))) as strip:
        assert strip.width > 8 * 128 and strip.height > 3 * 128
    with Image.open(next(tmp_path.glob("*fixed*.gif"))) as moving:
        assert moving.n_frames == 8


def test_what_this_simulator_has_not_made_is_planned_for_and_not_carried_out(
    tiny_checkpoints, store, tmp_path, capsys
) -> None:
    words = ("--data", store, "--frame", 5, "--out", tmp_path)
    assert plan(tiny_checkpoints / "fixed", *words) == 0
    assert "Not carried out: tiny-test-0000 was made by version" in capsys.readouterr().out
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.simulator
def test_many_goals_give_a_table_of_who_came_near(tiny_checkpoints, tmp_path, capsys) -> None:
    models = tiny_checkpoints / "fixed", tiny_checkpoints / "learned"
    words = ("--data", SEQUENCES, "--frame", 5, "--goals", 2, "--out", tmp_path)
    assert plan(*models, *words) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = [line.split("|")[1].strip() for line in lines if line.startswith("|")]
    assert rows == ["", "---", "told nothing", "the arm's place alone", "fixed", "learned"]
    assert any(line.startswith("arm, fixed less the arm's place alone: ") for line in lines)
    assert any(line.startswith("arm, fixed less learned: ") for line in lines)
    [file] = tmp_path.iterdir()
    assert lines[-1] == str(file)
    kept = pd.read_csv(file)
    assert list(kept.columns) == ["who", "sequence", "arm", "tip", "toys", "psnr"]
    assert [len(one) for _, one in kept.groupby("who")] == [2] * 4


@pytest.mark.simulator
def test_the_arm_may_look_again_after_each_command(tiny_checkpoints, tmp_path, capsys) -> None:
    words = ("--data", SEQUENCES, "--frame", 7, "--look-again", "--out", tmp_path)
    model = tiny_checkpoints / "fixed"
    assert plan(model, *words, "--sequence", "push") == 0
    said = capsys.readouterr().out
    assert re.findall(r"(\d+) futures tried", said) == ["8", "16", "24"]  # at frames 2, 4 and 6
    assert "carried out: the arm is" in said
    [file] = tmp_path.glob("*.csv")
    assert "_looking_" in file.name and len(read_actions(file)) == 8

    assert plan(model, *words, "--goals", 2) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = [line.split("|")[1].strip() for line in lines if line.startswith("|")]
    alone = "the arm's place alone"
    looking = [f"{alone}, looking again", "fixed", "fixed, looking again"]
    assert rows[2:] == ["told nothing", alone, *looking]
    assert any(line.startswith("arm, fixed, looking again less fixed: ") for line in lines)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--frame", "99"], "choose a goal up to frame"),
        (["--frame", "99", "--goals", "2"], "choose a goal up to frame"),
        (["--frame", "1"], "choose frame 3 or a later one"),
        (["--goals", "0"], "--goals is 0: give at least 1"),
        (["--goals", "2"], "was made by version"),
        (["--frame", "5", "--look-again"], "was made by version"),
        (["--search.rounds", "0"], "search.rounds is 0: give at least 1"),
        (["--seed", "-1"], "The seed is -1: give 0 or more"),
        (["--goals", "2", "--sequence", "1"], "leave out --sequence"),
    ],
)
def test_what_cannot_be_planned_is_said(tiny_checkpoints, store, words, message, capsys) -> None:
    command = ["plan", str(tiny_checkpoints / "fixed"), "--data", str(store), *words]
    assert main(command) == 2
    assert message in capsys.readouterr().err


def test_a_model_that_is_named_twice_or_told_nothing_is_refused_first(
    tiny_checkpoints, store, tmp_path, capsys
) -> None:
    model = tiny_checkpoints / "fixed"
    assert plan(model, model, "--data", store) == 2
    assert "A checkpoint is named twice" in capsys.readouterr().err
    data = {"source": "simulated", "train": 8, "validate": 4}
    deaf = lively_checkpoint(prior="fixed", conditioned=False)
    save_checkpoint(replace(deaf, path=tmp_path / "deaf", data=data))
    assert plan(model, tmp_path / "deaf", "--data", store, "--out", tmp_path / "plans") == 2
    told = capsys.readouterr()
    assert "deaf is told no actions" in told.err and "futures tried" not in told.out
    assert not (tmp_path / "plans").exists()


def test_without_a_model_it_says_so(store, capsys) -> None:
    assert main(["plan", "--data", str(store)]) == 2
    assert "name the folder of a trained model" in capsys.readouterr().err
