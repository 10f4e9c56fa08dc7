"""A disk that is really full: a small one in memory, where the system lets one be mounted."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cvae.__main__ import main as command_line
from cvae.data.store import Store, StoreWriter
from cvae.evaluation.scores import load_scores
from cvae.model.checkpoint import load_checkpoint
from cvae.model.history import load_history
from tests.data.sources import COUNTS, LENGTH, sequence_of, write_npz_folder
from tests.tiny_models import tiny_checkpoint

FULL = "can't be written (No space left on device): make room or choose another place"


class SmallDisk:
    """A disk of 16 MB at `path`, with a file that fills it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self, leave: int) -> None:
        """Nothing but `leave` bytes, in whole pages, are free."""
        with self._filler.open("wb", buffering=0) as stream:
            with suppress(OSError):
                while stream.write(bytes(4096)):
                    pass
            stream.truncate(self._filler.stat().st_size - leave)

    def make_room(self) -> None:
        self._filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    path = tmp_path / "disk"
    path.mkdir()
    try:
        words = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(path)]
        subprocess.run(words, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no small disk can be mounted here ({getattr(error, 'stderr', error)})")
    yield SmallDisk(path)
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def said(words: list[object], capsys: pytest.CaptureFixture) -> tuple[int, str]:
    """Exit code of a command, and the last line that it told as an error."""
    capsys.readouterr()
    code = command_line([str(word) for word in words])
    return code, capsys.readouterr().err.strip().rpartition("\n")[2]


def test_packing_goes_on_when_there_is_room(disk: SmallDisk, tmp_path: Path, capsys) -> None:
    source, store = write_npz_folder(tmp_path / "data"), disk.path / "store"
    names = {
        split: [sequence_of(split, n).name.replace("/", "-") for n in range(1, count + 1)]
        for split, count in COUNTS.items()
    }
    about = {"made from": "data", "form": "NPZ files"}
    # Laid out while there was room: the arrays take it only as they are filled.
    StoreWriter(store, names, length=LENGTH, source="bair", description=about).__exit__()
    disk.fill(leave=150_000)
    words = ["prepare", source, store, "--length", LENGTH]
    code, told = said(words, capsys)
    assert code == 2 and "prepare: " in told and FULL in told, told
    assert not store.exists()
    disk.make_room()
    assert said(words, capsys)[0] == 0
    Store.open(store).verify()


def test_training_goes_on_when_there_is_room(disk: SmallDisk, store: Path, capsys) -> None:
    out = disk.path / "run"
    words = ["train", "tiny", "--data", store, "--out", out, "--device", "cpu"]
    disk.fill(leave=100_000)
    code, told = said(words, capsys)
    assert code == 2 and "train: " in told and FULL in told, told
    disk.make_room()
    assert said(words, capsys)[0] == 0
    assert len(load_history(out)) == 2


def test_measuring_goes_on_when_there_is_room(disk: SmallDisk, store: Path, capsys) -> None:
    model = tiny_checkpoint(store, disk.path / "fixed", "fixed")
    words = ["evaluate", model, "--data", store, "--protocols", "given-states", "--samples", "1"]
    disk.fill(leave=4096)
    code, told = said(words, capsys)
    assert code == 2 and "evaluate: " in told and FULL in told, told
    load_checkpoint(model)
    disk.make_room()
    assert said(words, capsys)[0] == 0
    assert set(load_scores(model)["protocol"]) == {"given-states"}
