"""`prepare` without room on the disk, and without the rights that it needs."""

from pathlib import Path

import pytest

from cvae.__main__ import main as command_line
from cvae.commands.prepare import main as prepare
from cvae.data.store import Store, StoreWriter
from cvae.errors import InputError
from tests.data.limits import limited_file_size, without_privileges
from tests.data.sources import LENGTH, WRITERS, write_npz_folder


@pytest.mark.parametrize("form", WRITERS)
def test_a_full_disk_is_told_and_got_over(tmp_path: Path, form: str) -> None:
    source, dst = WRITERS[form](tmp_path / "data"), tmp_path / "store"
    room = 100_000  # bytes a file; the frames of four sequences need 196,608
    with (
        limited_file_size(room),
        pytest.raises(InputError, match=r"store.partial can't be written .File too large.: make"),
    ):
        prepare(source, dst, length=LENGTH)
    assert not dst.exists()
    prepare(source, dst, length=LENGTH)
    Store.open(dst).verify()


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("locked", ["root", "split", "file"])
def test_missing_rights_to_read_stop_even_with_skip_bad(
    shared_path: Path, form: str, locked: str
) -> None:
    source, out = WRITERS[form](shared_path / "data"), shared_path / "out"
    out.mkdir()
    out.chmod(0o777)
    path = {
        "root": source,
        "split": next(source.rglob("train")),
        "file": min(file for file in source.rglob("train/**/*.*") if file.is_file()),
    }[locked]
    path.chmod(0)
    with (
        without_privileges(),
        pytest.raises(
            InputError, match=rf"{path} can't be read .Permission denied.: give the user"
        ),
    ):
        prepare(source, out / "store", length=LENGTH, skip_bad=True)
    assert not (out / "store").exists()


def test_missing_rights_to_write_are_told(shared_path: Path) -> None:
    source, out = write_npz_folder(shared_path / "data"), shared_path / "out"
    out.mkdir()
    out.chmod(0o555)
    with without_privileges(), pytest.raises(InputError, match=r"can't be written .Permission den"):
        prepare(source, out / "store", length=LENGTH)
    assert not list(out.iterdir())
    out.chmod(0)
    with without_privileges(), pytest.raises(InputError, match=r"can't be written .Permission den"):
        prepare(source, out / "store", length=LENGTH)


def test_missing_rights_to_a_store_are_told(shared_path: Path) -> None:
    said = r"can't be read .Permission denied.: give the user"
    prepare(write_npz_folder(shared_path / "data"), shared_path / "store", length=LENGTH)
    for path in ("test/frames.npy", "test", "manifest.json", "."):
        locked = shared_path / "store" / path
        mode = locked.stat().st_mode
        locked.chmod(0)
        with without_privileges(), pytest.raises(InputError, match=said):
            Store.open(shared_path / "store")
        locked.chmod(mode)


def test_the_command_says_so_in_one_sentence(shared_path: Path, capsys) -> None:
    source = write_npz_folder(shared_path / "data")
    file = source / "test" / "traj_0_to_3-3.npz"
    file.chmod(0)
    with without_privileges():
        code = command_line(["prepare", str(file), str(shared_path / "store"), "--length", "4"])
    assert code == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("prepare: ") and "can't be written (Permission denied)" in said
    (shared_path / "out").mkdir()
    (shared_path / "out").chmod(0o777)
    with without_privileges():
        code = command_line(["prepare", str(file), str(shared_path / "out" / "s"), "--length", "4"])
    assert code == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith(f"prepare: {file} can't be read (Permission denied): give the user")


def test_too_small_a_disk_is_told_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"store needs 12,\d{3},\d{3} MB and the disk has [\d,]+ MB"
    ):
        StoreWriter(tmp_path / "store", {"test": ["a"]}, length=10**9, source="x")
