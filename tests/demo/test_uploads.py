"""Uploaded files, good and bad: what is read, and what is said of what is not."""

import io
import pickle
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cvae.data.npz import npz_bytes
from cvae.data.png_tree import write_sequence
from cvae.errors import InputError
from demo.uploads import EXAMPLE, example, read_upload
from tests.data.test_store import assert_same
from tests.tiny_data import tiny_sequence

SEQUENCE = tiny_sequence("mine", 3, labelled=False, length=14)


def npz(**changed) -> bytes:
    arrays = {"frames": SEQUENCE.frames, "actions": SEQUENCE.actions} | changed
    stream = io.BytesIO()
    np.savez_compressed(stream, **{k: array for k, array in arrays.items() if array is not None})
    return stream.getvalue()


@pytest.mark.parametrize("positions", [True, False])
def test_an_npz_is_read(positions: bool):
    sequence = SEQUENCE if positions else replace(SEQUENCE, positions=None)
    upload = read_upload("mine.npz", npz_bytes(sequence))
    assert_same(upload.sequence, sequence)
    assert upload.length == 14 and not upload.example


@pytest.mark.parametrize("positions", [True, False])
def test_a_zip_of_a_png_folder_is_read(tmp_path: Path, positions: bool):
    sequence = SEQUENCE if positions else replace(SEQUENCE, positions=None)
    write_sequence(tmp_path / "7", sequence)
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        for file in (tmp_path / "7").iterdir():
            archive.write(file, f"7/{file.name}")
    upload = read_upload("mine.zip", (tmp_path / "mine.zip").read_bytes())
    assert_same(upload.sequence, sequence)


def test_the_example_is_simulated_also_when_it_is_uploaded():
    upload = read_upload(EXAMPLE, example())
    assert upload.example and upload.source == "simulated"
    assert upload.length == 30 and upload.sequence.positions is not None


def test_the_name_is_fit_for_files():
    names = {
        "my file (1).npz": "my-file-1",
        "../../etc/passwd.npz": "passwd",
        "C:\\x\\y.npz": "y",
        "<b>.npz": "b",
        "...npz": "upload",
        "a" * 300 + ".npz": "a" * 60,
    }
    for file, name in names.items():
        assert read_upload(file, npz()).sequence.name == name


class Harm:
    def __reduce__(self):
        return (open, ("harm.txt", "w"))


OBJECTS = np.full((14, 4), None, dtype=object)
OBJECTS[:] = Harm()
HUGE = SEQUENCE.actions.copy()
HUGE[3, 1] = 1e6
NAN = SEQUENCE.actions.copy()
NAN[2, 0] = np.nan
MANY = np.zeros((10_000, 64, 64, 3), np.uint8)
SOME = np.zeros((1001, 64, 64, 3), np.uint8)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("a.npz", b"", "a.npz is empty. Expected is"),
        ("a.npz", b"hello", "a.npz is no NPZ file, cut off or damaged. Expected is"),
        ("a.npz", npz()[:900], "a.npz is no NPZ file, cut off or damaged"),
        ("a.npz", pickle.dumps(Harm()), "a.npz is no NPZ file, cut off or damaged"),
        ("a.txt", b"hello", "a.txt is neither .npz nor .zip"),
        ("a.zip", npz(), "a.zip holds no sequence"),
        ("a.npz", npz(actions=OBJECTS), "a.npz has an array 'actions' that can't be read"),
        ("a.npz", npz(actions=None), "needs one array called actions or action and holds frames"),
        ("a.npz", npz(actions=SEQUENCE.actions[:5]), r"actions of shape (5, 4), not (14, 4)"),
        ("a.npz", npz(actions=SEQUENCE.actions[:, :3]), r"shape (14, 3), not (14, 4)"),
        ("a.npz", npz(actions=np.full((14, 4), "up")), "actions of type <U2 where numbers belong"),
        ("a.npz", npz(actions=NAN), "has nan in actions at frame 2"),
        ("a.npz", npz(actions=HUGE), "has 1e+06 in actions at frame 3; they are metres"),
        ("a.npz", npz(positions=NAN), r"positions of shape (14, 4), not (14, 3)"),
        ("a.npz", npz(frames=SEQUENCE.frames / 255), "not uint8 (T, 64, 64, 3)"),
        ("a.npz", npz(frames=SEQUENCE.frames[:, :32]), "not uint8 (T, 64, 64, 3)"),
        ("a.npz", npz(frames=SEQUENCE.frames[0]), "not uint8 (T, 64, 64, 3)"),
        (
            "a.npz",
            npz(frames=SEQUENCE.frames[:2], actions=SEQUENCE.actions[:2]),
            "a.npz has 2 frames. Expected is",
        ),
        (
            "a.npz",
            npz(frames=MANY[:0], actions=np.zeros((0, 4))),
            "an array 'frames' that can't be read (it is empty)",
        ),
        ("a.npz", npz(frames=SOME, actions=np.zeros((1001, 4))), "a.npz has 1,001 frames"),
        (
            "a.npz",
            npz(frames=MANY, actions=np.zeros((10_000, 4))),
            "a.npz unpacks to 123 MB, more than the 67 MB allowed",
        ),
    ],
)
def test_what_is_wrong_and_what_is_expected_is_said(tmp_path, monkeypatch, file, content, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        read_upload(file, content)
    message = str(caught.value)
    assert said in message
    assert "Expected is an NPZ with the arrays frames" in message or "convert them" in message
    assert "--skip-bad" not in message
    assert not list(tmp_path.iterdir()), "nothing is unpickled, nothing is written"
