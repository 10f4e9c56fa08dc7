import os
import subprocess
import time
from pathlib import Path

import pytest

from cvae.__main__ import main
from cvae.data.store import Store
from tests.command import cvae_command, run_cvae
from tests.data.same import assert_same, contents
from tests.processes import started
from tests.tiny_data import tiny_png_tree, tiny_sequence


def prepare(*arguments: object) -> subprocess.CompletedProcess:
    return run_cvae("prepare", *arguments)


def test_packs_a_tree(tmp_path: Path) -> None:
    tree = tiny_png_tree(tmp_path / "tree", train=16, validate=0, test=3)
    done = prepare(tree, tmp_path / "store")
    assert done.returncode == 0, done.stderr
    assert f"{tree}: PNG tree, train 14, validate 2, test 3 sequences." in done.stdout
    store = Store.open(tmp_path / "store")
    store.verify()
    assert store.source == "bair"
    assert store.split("validate").names == ["traj_12_to_15/3", "traj_12_to_15/4"]
    name = "traj_4_to_7/2"
    assert_same(store.split("train").by_name(name), tiny_sequence(name, 5, labelled=False))
    again = prepare(tree, tmp_path / "store")
    assert (again.returncode, "already complete" in again.stdout) == (0, True)
    other = prepare(tree, tmp_path / "store", "--source", "elsewhere")
    assert other.returncode == 2
    assert "already there: choose another place or delete it" in other.stderr


def test_names_that_can_not_be_shown_are_told_or_left_out(tmp_path: Path, capsys) -> None:
    tree, store = tiny_png_tree(tmp_path / "tree"), tmp_path / "store"
    folder = tree / "train" / "traj_0_to_3"
    (folder / "2").rename(folder / "2\u202f")
    os.rename(bytes(folder / "3"), bytes(folder / "3") + b"\xff")
    words = ["prepare", str(tree), str(store)]
    assert main(words) == 2
    told = capsys.readouterr().err
    assert "2 sequences whose names can't be shown, such as 'train/traj_0_to_3/2\\u202f'" in told
    assert not store.with_name("store.partial").exists()
    assert main([*words, "--skip-bad"]) == 0
    assert "'train/traj_0_to_3/3\\udcff'" in capsys.readouterr().out
    assert Store.open(store).split("train").names == [
        *("traj_0_to_3/1", "traj_0_to_3/4"),
        *(f"traj_4_to_7/{number}" for number in (1, 2, 3, 4)),
    ]
    assert main([*words, "--skip-bad"]) == 0
    assert "already complete" in capsys.readouterr().out


@pytest.mark.parametrize("skip_bad", [False, True])
def test_killed_midway_and_run_again_equals_an_uninterrupted_run(
    tmp_path: Path, skip_bad: bool
) -> None:
    tree, store = tiny_png_tree(tmp_path / "tree", train=12, validate=2, test=2), tmp_path / "store"
    options = ["--skip-bad"] if skip_bad else []
    damaged = [f"train/traj_{place}/actions.csv" for place in ("0_to_3/2", "8_to_11/3")]
    for file in damaged if skip_bad else []:
        (tree / file).write_text("0,0,0\n")
    assert prepare(tree, store, *options).returncode == 0
    uninterrupted = contents(store)
    store.rename(tmp_path / "first")
    # A pipe that nobody writes to holds the run up at the eighth sequence for as long as we like.
    frame = tree / "train" / "traj_4_to_7" / "4" / "5.png"
    kept = frame.read_bytes()
    frame.unlink()
    os.mkfifo(frame)
    journal = tmp_path / "store.partial" / "train" / "done.jsonl"
    written = 7 - skip_bad  # one of the seven is damaged
    with started(cvae_command("prepare", tree, store, *options)) as process:
        while not (journal.exists() and journal.read_bytes().count(b"\n") == written):
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    assert not store.exists()
    frame.unlink()
    frame.write_bytes(kept)
    again = prepare(tree, store, *options)
    assert again.returncode == 0, again.stderr
    assert f"{written}/12" in again.stderr  # went on, did not begin anew
    assert contents(store) == uninterrupted
    assert not (tmp_path / "store.partial").exists()
    if skip_bad:
        assert "Left out because damaged: 2." in again.stdout
        for file in damaged:
            assert f"{file} has 1 rows, not 30" in again.stdout


@pytest.mark.parametrize("positions", [True, False])
def test_bad_input_is_one_sentence_and_leaves_no_store(tmp_path: Path, positions: bool) -> None:
    tree = tiny_png_tree(tmp_path / "tree", train=4, validate=1, test=1)
    folder = tree / "train" / "traj_0_to_3" / "2"
    damaged = folder / ("endeffector_positions.csv" if positions else "3.png")
    damaged.write_text("no")
    failed = prepare(tree, tmp_path / "store")
    assert failed.returncode == 2
    assert failed.stderr.splitlines()[-1].startswith(f"prepare: {damaged} ")
    assert "Traceback" not in failed.stderr
    assert not (tmp_path / "store").exists()


def test_says_where_there_is_no_tree(tmp_path: Path) -> None:
    failed = prepare(tmp_path / "absent", tmp_path / "store")
    assert failed.returncode == 2
    assert failed.stderr.startswith("prepare: There is no folder or file")
    assert not list(tmp_path.iterdir())


def test_help_tells_what_it_does() -> None:
    told = prepare("--help")
    assert told.returncode == 0
    for word in ("PNG tree", "TFRecords", "NPZ files", "--skip-bad", "interrupted"):
        assert word in told.stdout
