"""A scene run again: the same commands give the same bits, other ones a future of their own."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cvae.data.bundle import Bundle, write_bundle
from cvae.data.png_tree import read_sequence
from cvae.data.sequence import Sequence
from cvae.data.store import Store, StoreWriter
from cvae.errors import InputError
from cvae.simulation.generation import generate_store
from cvae.simulation.origin import DESCRIPTION
from cvae.simulation.policy import PolicyConfig, random_actions
from cvae.simulation.rerun import checked_actions, find_recorded, read_actions, rerun
from tests.command import run_cvae
from tests.memory_limit import read_within

NAME = "sim-test-00000"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("rerun") / "store"
    generate_store(path, {"test": 1}, workers=1)
    return path


@pytest.fixture(scope="module")
def recorded(store) -> Sequence:
    return find_recorded(store, NAME)


def commands(length: int = 30, seed: int = 5) -> np.ndarray:
    return random_actions(np.random.default_rng(seed), length, PolicyConfig())


def assert_same(one: Sequence, other: Sequence, frames: slice = np.s_[:]) -> None:
    for array in ("frames", "actions", "positions", "toys"):
        first, second = getattr(one, array)[frames], getattr(other, array)[frames]
        assert np.array_equal(first, second, equal_nan=array == "toys"), array


@pytest.mark.simulator
def test_its_own_commands_give_the_recorded_bits_whatever_ran_before(recorded):
    # The recording was made in another process; here another scene and other commands go first.
    rerun(replace(recorded, seed=recorded.seed + 1), commands(6))
    rerun(recorded, commands(6))
    assert_same(rerun(recorded, recorded.actions), recorded)


@pytest.mark.simulator
@pytest.mark.parametrize("changed", [2, 12])
def test_frames_before_the_first_changed_command_are_the_recorded_ones(recorded, changed):
    actions = recorded.actions.copy()
    actions[changed:] = -actions[changed:]
    actions[changed:, 2:] = 0
    other = rerun(recorded, actions)
    kept = np.s_[:changed]
    assert_same(other, recorded, kept)
    # The frame at which another command is given shows what was before it.
    assert np.array_equal(other.frames[changed], recorded.frames[changed])
    assert not np.array_equal(other.frames[changed + 2], recorded.frames[changed + 2])


@pytest.mark.simulator
@pytest.mark.parametrize("length", [2, 7, 34])
def test_a_future_may_be_shorter_or_longer(recorded, length):
    other = rerun(recorded, commands(length))
    assert other.name == recorded.name and len(other) == length
    assert other.positions.shape == (length, 3) and other.masks is None
    assert np.array_equal(other.frames[0], recorded.frames[0])


@pytest.mark.simulator
def test_the_command_writes_the_frames_of_the_new_future(store, recorded, tmp_path):
    file, out = tmp_path / "commands.csv", tmp_path / "out"
    out.with_name("out.partial").mkdir()
    (out.with_name("out.partial") / "33.png").write_bytes(b"of one that was killed")
    actions = np.concatenate([recorded.actions[:4], commands(6)])
    np.savetxt(file, actions, fmt="%.9g", delimiter=",")
    words = ("simulate", out, "--like", NAME, "--actions", file, "--data", store)
    run = run_cvae(*words, check=True)
    assert NAME in run.stdout and "up to frame 4" in run.stdout
    written, expected = read_sequence(out, NAME, length=10), rerun(recorded, actions)
    assert np.array_equal(written.frames, expected.frames)
    assert np.array_equal(written.actions, actions)
    assert np.array_equal(written.positions, expected.positions)
    assert len(list(out.glob("*.png"))) == 10
    with Image.open(out / "sequence.gif") as movie:
        assert movie.n_frames == 10
    again = run_cvae(*words)
    assert again.returncode == 2 and "already there" in again.stderr


@pytest.mark.simulator
def test_a_bundle_serves_as_well_as_a_store(store, recorded, tmp_path):
    write_bundle(Store.open(store).split("test"), 1, tmp_path / "bundle")
    assert_same(find_recorded(tmp_path / "bundle", NAME), recorded)
    assert Bundle.open(tmp_path / "bundle").description == DESCRIPTION


def store_made_by(path: Path, *, seed: int | None = 1, **plan) -> Path:
    writer = StoreWriter(path, {"test": [NAME]}, length=4, **plan)
    still = np.zeros((4, 4), np.float32)
    frames, positions = np.zeros((4, 64, 64, 3), np.uint8), np.zeros((4, 3), np.float32)
    writer.write("test", 0, Sequence(NAME, frames, still, positions, seed=seed))
    writer.finish()
    return path


def test_other_data_are_refused(tmp_path):
    real = store_made_by(tmp_path / "real", source="bair", seed=None)
    with pytest.raises(InputError, match="not simulated"):
        find_recorded(real, NAME)
    older = store_made_by(tmp_path / "old", source="simulated", description={"simulator": 1})
    with pytest.raises(InputError, match="version 1 of the simulator"):
        find_recorded(older, NAME)
    current = store_made_by(tmp_path / "new", source="simulated", description=DESCRIPTION)
    with pytest.raises(InputError, match=f"no sequence 'none'.*{NAME}"):
        find_recorded(current, "none")
    with pytest.raises(InputError, match="nowhere"):
        find_recorded(tmp_path / "nowhere", NAME)
    with pytest.raises(InputError, match="has no seed"):
        rerun(Sequence("real/1", np.zeros((4, 64, 64, 3), np.uint8), commands(4)), commands(4))


def changed(row: int, column: int, value: float, *, both: bool = True) -> np.ndarray:
    actions = commands(6).astype(np.float64)
    actions[row : row + 1 + both, column] = value
    return actions


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        (commands(6)[:1], "at least 2 rows"),
        (commands(6)[:, :3], "shape"),
        (changed(2, 0, np.nan), "row 3, is not finite"),
        (changed(2, 3, np.inf), "row 3, is not finite"),
        (changed(4, 1, 0.08), "row 5, moves by more than 0.066"),
        (changed(0, 2, 5), "row 1, has a count"),
        (changed(0, 3, -1), "row 1, has a count"),
        (changed(0, 3, 1.5), "row 1, has a count"),
        (changed(3, 1, 0.0, both=False), "row 4, differs from the row before"),
    ],
)
def test_commands_that_the_arm_cannot_be_given_are_refused(actions, said, tmp_path):
    with pytest.raises(InputError, match=said):
        checked_actions(actions, "commands")
    np.save(tmp_path / "commands.npy", actions)
    with pytest.raises(InputError, match=f"commands.npy.*{said}"):
        read_actions(tmp_path / "commands.npy")


def test_commands_are_read_from_every_form(tmp_path):
    actions = commands(7)
    np.savetxt(tmp_path / "a.csv", actions, fmt="%.9g", delimiter=",")
    np.save(tmp_path / "a.npy", actions)
    np.savez(tmp_path / "a.npz", actions=actions)
    np.savez(tmp_path / "b.npz", frames=np.zeros(3), action=actions)
    for file in ("a.csv", "a.npy", "a.npz", "b.npz"):
        read = read_actions(tmp_path / file)
        assert read.dtype == np.float32 and np.array_equal(read, actions), file


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"dx,dy,close,lift\n0,0,0,0\n0,0,0,0\n", "row 1, has 'dx'"),
        ("a.csv", b"0,0,0,0\n0,0,0\n", "row 2, has 3 columns"),
        ("a.csv", b"", "shape"),
        ("a.csv", b"\xff\xfe\x00", "can't be read as a CSV"),
        ("a.csv", b"0,0,0,nan\n0,0,0,nan\n", "row 1, is not finite"),
        ("a.npy", b"\x93NUMPY", "can't be read as a NPY"),
        ("a.npz", b"PK\x03\x04 cut off", "can't be read as a NPZ"),
        ("a.txt", b"0,0,0,0\n0,0,0,0\n", "neither CSV, NPY nor NPZ"),
    ],
)
def test_damaged_files_of_commands_are_refused(name, content, said, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_actions(tmp_path / name)


@pytest.mark.parametrize("name", ["a.csv", "a.npy", "a.npz"])
def test_endless_files_of_commands_do_not_fill_the_memory(name, tmp_path):
    with (tmp_path / name).open("wb") as stream:
        stream.truncate(1 << 34)
    imports = "from cvae.simulation.rerun import read_actions"
    told = read_within(300, imports, "read_actions(path)", tmp_path / name)
    assert told.startswith("refused: ") and name in told


def test_a_missing_file_and_a_file_without_commands_are_refused(tmp_path):
    with pytest.raises(InputError, match="missing"):
        read_actions(tmp_path / "none.csv")
    np.savez(tmp_path / "a.npz", frames=np.zeros(3))
    with pytest.raises(InputError, match="no array `actions`"):
        read_actions(tmp_path / "a.npz")
    np.save(tmp_path / "a.npy", np.array([["a"] * 4] * 2))
    with pytest.raises(InputError, match="give numbers"):
        read_actions(tmp_path / "a.npy")


@pytest.mark.parametrize("option", [{"like": NAME}, {"actions": Path("a.csv")}])
def test_like_and_actions_belong_together(option, tmp_path):
    from cvae.commands.simulate import main as simulate

    with pytest.raises(InputError, match="belong together"):
        simulate(tmp_path / "out", **option)
    assert not list(tmp_path.iterdir())


def test_options_of_a_data_set_are_refused_for_one_sequence(tmp_path):
    from cvae.commands.simulate import main as simulate

    with pytest.raises(InputError, match="leave out --train"):
        simulate(tmp_path / "out", train=3, like=NAME, actions=Path("a.csv"))
