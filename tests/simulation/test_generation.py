import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cvae.commands.simulate import main as simulate
from cvae.data.png_tree import list_sequences, read_sequence
from cvae.data.store import Store
from cvae.errors import InputError
from cvae.simulation.generation import FIRST_SEEDS
from tests.command import cvae_command
from tests.processes import standing_still

COUNTS = ("--train", "4", "--validate", "1", "--test", "1", "--workers", "1")


def command(*arguments: str | Path) -> list[str]:
    return cvae_command("simulate", *arguments)


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """A store made in one go."""
    path = tmp_path_factory.mktemp("simulated") / "store"
    subprocess.run(command(path, *COUNTS), check=True, capture_output=True)
    return Store.open(path)


@pytest.mark.simulator
def test_a_store_has_its_splits_seeds_and_labels(store):
    assert store.source == "simulated"
    assert [len(store.split(split)) for split in ("train", "validate", "test")] == [4, 1, 1]
    assert store.split("train").names[3] == "sim-train-00003"
    assert store.split("train")[3].seed == FIRST_SEEDS["train"] + 3
    assert store.split("test")[0].masks is not None
    assert store.split("train")[0].masks is None
    firsts = [store.split(split)[0].frames for split in ("train", "validate", "test")]
    assert not np.array_equal(firsts[0], firsts[1]) and not np.array_equal(firsts[1], firsts[2])
    store.verify()


@pytest.mark.simulator
def test_killed_midway_it_goes_on_and_makes_the_same_store(store, tmp_path):
    path = tmp_path / "store"
    with standing_still(command(path, *COUNTS), "cvae.data.store_writer:StoreWriter.write", 2):
        pass
    assert not path.exists()
    second = subprocess.run(command(path, *COUNTS), check=True, capture_output=True, text=True)
    assert "0/6" not in second.stderr  # it did not start again from nothing
    for file in sorted(store.path.rglob("*")):
        if file.is_file():
            assert file.read_bytes() == (path / file.relative_to(store.path)).read_bytes(), file
    third = subprocess.run(command(path, *COUNTS), check=True, capture_output=True, text=True)
    assert "already complete" in third.stdout


@pytest.mark.simulator
def test_the_png_tree_holds_the_same_sequences(store, tmp_path):
    counts = ("--train", "2", "--validate", "1", "--test", "1", "--workers", "1")
    subprocess.run(command(tmp_path, *counts, "--form", "png"), check=True, capture_output=True)
    kept = tmp_path / "train" / "traj_0_to_255" / "1" / "0.png"
    written = kept.stat().st_mtime_ns
    again = command(tmp_path, *counts, "--form", "png")
    assert "already complete" in subprocess.run(again, capture_output=True, text=True).stdout
    assert kept.stat().st_mtime_ns == written
    folder = tmp_path / "train" / "traj_0_to_255" / "2"
    read, packed = read_sequence(folder, "any"), store.split("train")[1]
    assert np.array_equal(read.frames, packed.frames)
    assert np.array_equal(read.actions, packed.actions)
    assert np.array_equal(read.positions, packed.positions)
    assert [len(split) for split in list_sequences(tmp_path).values()] == [2, 1, 1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"train": -1}, "--train is -1"),
        ({"train": 0, "validate": 0, "test": 0}, "0 sequences"),
        ({"workers": 0}, "--workers is 0"),
    ],
)
def test_impossible_counts_are_refused(options, said, tmp_path):
    with pytest.raises(InputError, match=said):
        simulate(tmp_path / "store", **options)
    assert not list(tmp_path.iterdir())


def test_without_mujoco_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "mujoco", None)  # how Python itself marks a missing module
    with pytest.raises(InputError, match=r"requirements-simulation\.txt"):
        simulate(tmp_path / "store")


@pytest.mark.simulator
def test_where_mujoco_cannot_draw_it_says_what_to_install(tmp_path):
    run = subprocess.run(
        ["env", "MUJOCO_GL=none-such", *command(tmp_path / "store", *COUNTS)],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 2
    assert "libosmesa6" in run.stderr and "Traceback" not in run.stderr
    assert not list(tmp_path.iterdir())
