"""`python -m cvae download` as a process, against a server on the loopback address."""

import os
import resource
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

from cvae.benchmarks.repeated_data import write_tfrecords
from cvae.commands.download import main as download_command
from cvae.data.download import BLOCK
from cvae.data.store import Store
from cvae.errors import InputError
from tests.command import cvae_command, run_cvae
from tests.data.file_server import FileServer
from tests.data.limits import without_privileges
from tests.processes import started
from tests.tiny_data import tiny_png_tree, tiny_sequence

CUT = 4 * BLOCK
TREE = {"train": 12, "validate": 2, "test": 2}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A tar file with a PNG tree in a folder of its own."""
    root = tmp_path_factory.mktemp("archive")
    tiny_png_tree(root / "tree", **TREE)
    with tarfile.open(root / "bair.tar", "w") as tar:
        tar.add(root / "tree", "softmotion30_44k")
    return (root / "bair.tar").read_bytes()


def download(dst: Path, url: str, *options: str, **settings) -> subprocess.CompletedProcess:
    return run_cvae("download", dst, "--url", url, *options, **settings)


def refusal(done: subprocess.CompletedProcess) -> str:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    sentence = done.stderr.splitlines()[-1]
    assert sentence.startswith("download: ")
    return sentence


def check_store(path: Path) -> None:
    store = Store.open(path)
    store.verify()
    assert {split: len(store.split(split)) for split in store.splits} == TREE
    name = "traj_4_to_7/2"
    expected = tiny_sequence(name, 5, labelled=False)
    assert (store.split("train").by_name(name).frames == expected.frames).all()


def test_from_a_server_that_breaks_off_to_a_store(archive: bytes, tmp_path: Path) -> None:
    with FileServer(archive) as server:
        server.cut_after = len(archive) // 2
        done = download(tmp_path / "bair", server.url)
        assert done.returncode == 0, done.stderr
        assert server.asked[-1] is not None  # only the rest was fetched again
    check_store(tmp_path / "bair")
    assert os.listdir(tmp_path) == ["bair"]


def test_the_archive_as_it_was_published(tmp_path: Path) -> None:
    samples = [tiny_sequence(str(seed), seed, labelled=False) for seed in range(3)]
    write_tfrecords(tmp_path / "records", samples, 16)
    with tarfile.open(tmp_path / "bair.tar", "w") as tar:
        tar.add(tmp_path / "records" / "softmotion30_44k", "softmotion30_44k")
    with FileServer((tmp_path / "bair.tar").read_bytes()) as server:
        done = download(tmp_path / "bair", server.url)
    assert done.returncode == 0, done.stderr
    assert "TFRecords" in done.stdout
    store = Store.open(tmp_path / "bair")
    assert {split: len(store.split(split)) for split in store.splits} == {
        "train": 13,
        "validate": 1,
        "test": 2,
    }
    found = store.split("train").by_name("traj_0_to_13/2")
    assert (found.frames == samples[1].frames).all()
    assert (found.actions == samples[1].actions).all()
    assert not (tmp_path / "bair.download").exists()


def test_killed_midway_the_same_command_goes_on(archive: bytes, tmp_path: Path) -> None:
    with FileServer(archive, hold_after=CUT) as server:
        part = tmp_path / "bair.download" / "archive.tar.part"
        with started(cvae_command("download", tmp_path / "bair", "--url", server.url)) as process:
            while not (part.exists() and part.stat().st_size == CUT):
                assert process.poll() is None
                time.sleep(0.01)
            meanwhile = download(tmp_path / "bair", server.url)
            assert "Another process is downloading into" in refusal(meanwhile)
            process.kill()
        assert os.listdir(tmp_path) == ["bair.download"]
        elsewhere = download(tmp_path / "bair", server.url + "?mirror")
        assert f"was begun with --url {server.url}" in refusal(elsewhere)
        server.hold_after = None
        server.asked.clear()
        done = download(tmp_path / "bair", server.url)
    assert done.returncode == 0, done.stderr
    assert server.asked == [None, f"bytes={CUT}-"]
    check_store(tmp_path / "bair")


def test_damaged_sequences_are_left_out_where_that_is_asked_for(tmp_path: Path) -> None:
    tree = tiny_png_tree(tmp_path / "tree", **TREE)
    (tree / "train" / "traj_0_to_3" / "2" / "actions.csv").write_text("0,0,0\n")
    with tarfile.open(tmp_path / "bair.tar", "w") as tar:
        tar.add(tree, "softmotion30_44k")
    with FileServer((tmp_path / "bair.tar").read_bytes()) as server:
        assert "actions.csv has 1 rows" in refusal(download(tmp_path / "bair", server.url))
        done = download(tmp_path / "bair", server.url, "--skip-bad")
    assert done.returncode == 0, done.stderr
    assert "Left out because damaged: 1." in done.stdout
    names = Store.open(tmp_path / "bair").split("train").names
    assert len(names) == 11 and "traj_0_to_3/2" not in names


def test_kept_and_run_again(archive: bytes, tmp_path: Path) -> None:
    with FileServer(archive) as server:
        assert download(tmp_path / "bair", server.url, "--keep").returncode == 0
        kept = tmp_path / "bair.download"
        assert (kept / "archive.tar").read_bytes() == archive
        assert (kept / "unpacked/softmotion30_44k/train/traj_4_to_7/2/0.png").exists()
        server.asked.clear()
        again = download(tmp_path / "bair", server.url)
        assert again.returncode == 0, again.stderr
        assert "already complete" in again.stdout
        assert server.asked == []
    assert os.listdir(tmp_path) == ["bair"]


def test_killed_while_it_clears_away(archive: bytes, tmp_path: Path) -> None:
    with FileServer(archive) as server:
        assert download(tmp_path / "bair", server.url, "--keep").returncode == 0
        # As a kill would leave it: the store is there, and half of what it was made from.
        work = tmp_path / "bair.download"
        (work / "unpacked").rename(work / "packed")
        shutil.rmtree(work / "packed" / "softmotion30_44k" / "test")
        done = download(tmp_path / "bair", server.url)
    assert done.returncode == 0, done.stderr
    assert os.listdir(tmp_path) == ["bair"]
    check_store(tmp_path / "bair")


def test_a_full_disk_is_told_and_got_over(archive: bytes, tmp_path: Path) -> None:
    room = 1 << 19
    with FileServer(archive) as server:
        failed = download(
            tmp_path / "bair",
            server.url,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
        )
        assert "archive.tar.part can't be written (File too large)" in refusal(failed)
        assert not (tmp_path / "bair").exists()
        done = download(tmp_path / "bair", server.url)
        assert done.returncode == 0, done.stderr
        assert server.asked[-1] == f"bytes={room}-"
    check_store(tmp_path / "bair")


def test_a_disk_that_is_too_small_is_told_before_anything_is_fetched(tmp_path: Path) -> None:
    with FileServer(b"begin", says_size=2**50) as server:
        sentence = refusal(download(tmp_path / "bair", server.url))
        needs = "needs 2,097,152.0 GiB of disk on the way (archive 1,048,576.0 GiB, unpacked"
        assert needs in sentence and "are free: make room" in sentence
        assert "2,621,440.0 GiB" in refusal(download(tmp_path / "bair", server.url, "--keep"))
    assert os.listdir(tmp_path) == []


def test_an_archive_without_data_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no data here")
    with tarfile.open(tmp_path / "notes.tar", "w") as tar:
        tar.add(tmp_path / "notes.txt", "notes.txt")
    with FileServer((tmp_path / "notes.tar").read_bytes()) as server:
        sentence = refusal(download(tmp_path / "bair", server.url))
    assert "has no folder train" in sentence
    assert not (tmp_path / "bair").exists()


def test_what_is_refused_at_once(archive: bytes, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with FileServer(archive, statuses=[404]) as server:
        assert "404 Not Found" in refusal(download(tmp_path / "bair", server.url))
        server.asked.clear()
        assert "already there" in refusal(download(tmp_path / "there", server.url))
        assert "--retries is -1" in refusal(download(tmp_path / "x", server.url, "--retries", "-1"))
        (tmp_path / "file").write_text("")
        assert "can't be made" in refusal(download(tmp_path / "file" / "bair", server.url))
        assert server.asked == []
    assert sorted(os.listdir(tmp_path)) == ["file", "there"]


@pytest.mark.parametrize("mode", [0o555, 0])
def test_missing_rights_are_told(shared_path: Path, mode: int) -> None:
    out = shared_path / "out"
    out.mkdir()
    out.chmod(mode)
    with without_privileges(), pytest.raises(InputError, match=r"can't be made .Permission denied"):
        download_command(out / "bair", "http://127.0.0.1/bair.tar")
