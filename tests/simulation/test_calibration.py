import numpy as np
import pytest

from cvae.__main__ import main
from cvae.data.sequence import MAX_TOYS, Sequence
from cvae.data.store import Store, StoreWriter
from cvae.errors import InputError
from cvae.simulation.calibration import measure, meets_toy, read_real, table
from cvae.simulation.generation import simulate
from tests.command import run_cvae
from tests.memory_limit import read_within
from tests.tiny_data import tiny_sequence


def sequence_of(frames: np.ndarray, **more) -> Sequence:
    return Sequence("s", frames, np.zeros((len(frames), 4), np.float32), **more)


@pytest.fixture(scope="module")
def simulated() -> list[Sequence]:
    return list(simulate("test", 12, workers=2))


def test_statistics_equal_hand_values():
    frames = np.full((12, 64, 64, 3), 100, np.uint8)
    frames[..., 1] = 50
    frames[2:] += 20  # one step of 20 grey levels, between frames 1 and 2
    statistics = measure([sequence_of(frames), sequence_of(frames)])
    red = np.array([100] * 2 + [120] * 10)
    assert statistics.count == 2
    assert np.allclose(statistics.mean, [red.mean(), red.mean() - 50, red.mean()])
    assert np.allclose(statistics.std, red.std())
    assert np.allclose(statistics.differences, 20 / 11)
    assert np.allclose(statistics.copy_psnr, 10 * np.log10(255**2 / 20**2))
    assert statistics.meeting is None


@pytest.mark.parametrize(
    ("moved", "distance", "met"), [(0.02, 0.03, True), (0.005, 0.03, False), (0.02, 0.3, False)]
)
def test_a_toy_is_met_when_it_moves_near_the_gripper(moved, distance, met):
    toys = np.full((12, MAX_TOYS, 3), np.nan, np.float32)
    toys[:, 0] = (0.6, 0.0, 0.03)
    toys[6:, 0, 1] += moved
    positions = np.full((12, 3), 0.2, np.float32)
    positions[:, :2] = (0.6 + distance, 0.0)
    frames = np.zeros((12, 64, 64, 3), np.uint8)
    assert meets_toy(sequence_of(frames, toys=toys, positions=positions)) is met


def test_real_files_of_every_form_are_read(tmp_path):
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (2, 30, 64, 64, 3), dtype=np.uint8)
    np.savez(tmp_path / "named.npz", frames=frames[0], actions=np.zeros((30, 4)))
    np.savez(tmp_path / "batch.npz", frames=frames)
    np.savez(tmp_path / "many.npz", first=frames[0], second=frames[1])
    found = {name: read_real(tmp_path / f"{name}.npz") for name in ("named", "batch", "many")}
    assert [len(sequences) for sequences in found.values()] == [1, 2, 2]
    assert np.array_equal(found["many"][1].frames, found["batch"][1].frames)


def test_files_without_frames_are_refused_by_name(tmp_path):
    np.savez(tmp_path / "small.npz", frames=np.zeros((30, 32, 32, 3), np.uint8))
    (tmp_path / "text.npz").write_text("no archive")
    np.save(tmp_path / "plain.npy", np.zeros((30, 64, 64, 3), np.uint8))
    for name in ("small.npz", "text.npz", "plain.npy", "absent.npz"):
        with pytest.raises(InputError, match=name):
            read_real(tmp_path / name)


def test_an_endless_file_does_not_fill_the_memory(tmp_path):
    with (tmp_path / "real.npz").open("wb") as stream:
        stream.truncate(1 << 34)
    imports = "from cvae.simulation.calibration import read_real"
    told = read_within(300, imports, "read_real(path)", tmp_path / "real.npz")
    assert told.startswith("refused: ") and "real.npz" in told


@pytest.mark.simulator
def test_the_command_prints_both_columns(simulated, tmp_path):
    np.savez(tmp_path / "real.npz", frames=np.stack([s.frames for s in simulated]))
    options = ("--sequences", len(simulated), "--workers", 1)
    run = run_cvae("calibrate", tmp_path / "real.npz", *options, check=True)
    rows = [line.strip("| ").split(" | ") for line in run.stdout.splitlines()]
    values = {name: columns for name, *columns in rows[2:]}
    # The same sequences stand in both columns here.
    assert values["sequences"] == [str(len(simulated))] * 2
    for name in ("mean of R, G, B", "std of R, G, B", "mean absolute frame difference"):
        real, made = values[name]
        assert real == made
    assert values["arm moves a toy"][0] == "unknown"


def test_the_command_measures_a_store_where_one_is_named(store, tmp_path, capsys):
    split = Store.open(store).split("validate")
    frames = np.stack([split[i].frames for i in range(len(split))])
    np.savez(tmp_path / "real.npz", frames=frames)
    options = ["--store", str(store), "--split", "validate"]
    assert main(["calibrate", str(tmp_path / "real.npz"), *options]) == 0
    printed = capsys.readouterr().out
    assert f"| sequences | {len(split)} | {len(split)} |" in printed
    assert main(["calibrate"]) == 2
    assert "No file of real frames is given" in capsys.readouterr().err


def test_the_command_refuses_what_can_not_be_measured(tmp_path, capsys):
    sequence = tiny_sequence("brief", 1, labelled=False)
    np.savez(tmp_path / "real.npz", frames=sequence.frames)
    writer = StoreWriter(tmp_path / "short", {"test": ["brief"]}, source="simulated", length=11)
    writer.write("test", 0, sequence.window(0, 11))
    writer.finish()
    for options, words in {
        ("--store", str(tmp_path / "short")): "brief has 11 frames, but 12 are needed",
        ("--sequences", "0"): "--sequences is 0",
        ("--workers", "-1"): "--workers is -1: give 1 or more.",
        ("--workers", "0"): "--workers is 0: give 1 or more.",
    }.items():
        assert main(["calibrate", str(tmp_path / "real.npz"), *options]) == 2
        [sentence] = capsys.readouterr().err.strip().splitlines()
        assert words in sentence


@pytest.mark.simulator
def test_the_arm_moves_a_toy_in_at_least_half_of_the_sequences(simulated):
    assert measure(simulated).meeting >= 0.5


@pytest.mark.simulator
def test_simulated_frames_are_like_real_ones(simulated, real_bair):
    real, made = measure(read_real(real_bair("real_frames.npz"))), measure(simulated)
    print(table(real, made))  # shown if one of these fails
    assert np.abs(real.mean - made.mean).max() < 10
    assert np.abs(real.std - made.std).max() < 10
    assert abs(made.differences.mean() / real.differences.mean() - 1) < 0.25
    assert abs(made.copy_psnr.mean() - real.copy_psnr.mean()) < 1.5
    assert np.ptp(made.copy_psnr.mean(axis=1)) > 3
