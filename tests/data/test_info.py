import json
from pathlib import Path

import pytest

from cvae.__main__ import main as command_line
from cvae.commands.prepare import main as prepare
from cvae.data.bundle import write_bundle
from cvae.data.store import Store
from tests.command import run_cvae
from tests.data.sources import LENGTH, cut_in_half, flip, write_npz_folder


@pytest.fixture
def told(capsys):
    """What `info` prints, line by line; errors are the last line of stderr."""

    def info(*words: object) -> tuple[int, list[str], str]:
        code = command_line(["info", *map(str, words)])
        out = capsys.readouterr()
        return code, out.out.splitlines(), "".join(out.err.splitlines()[-1:])

    return info


@pytest.fixture
def prepared(tmp_path: Path, capsys) -> Path:
    """Made from NPZ files of which one was damaged."""
    source = write_npz_folder(tmp_path / "data")
    cut_in_half(source / "train" / "traj_0_to_3-2.npz")
    prepare(source, tmp_path / "store", length=LENGTH, skip_bad=True)
    capsys.readouterr()
    return tmp_path / "store"


def test_tells_where_a_store_comes_from_and_what_it_holds(prepared: Path, told) -> None:
    code, lines, _ = told(prepared)
    assert code == 0
    assert lines[0] == f"{prepared}: cvae packed store, format 2"
    text = "\n".join(" ".join(line.split()) for line in lines)
    assert "source bair\nmade from data\nform NPZ files\nsequence 4 frames of 64 x 64" in text
    assert "\ntrain 3 1 3 no\nvalidate 4 0 4 no\ntest 4 0 4 no\n" in text
    train = Store.open(prepared).split("train")
    actions = [train[index].actions for index in range(3)]
    smallest = min(float(values[:, 0].min()) for values in actions)
    assert f"\ntrain min {smallest:.3f} " in text
    assert f"\ntrain frames {train.sha256['frames']}\n" in text
    assert (
        "\nleft out, because damaged\ntrain traj_0_to_3-2: train/traj_0_to_3-2.npz is no NPZ"
    ) in text
    assert str(prepared.parent) not in "\n".join(lines[1:])
    assert str(prepared.parent) not in (prepared / "manifest.json").read_text()


def test_verify_reads_everything(prepared: Path, told) -> None:
    code, lines, _ = told(prepared, "--verify")
    assert (code, lines[-1][:9]) == (0, "Verified:")
    flip(prepared / "train" / "actions.npy", -7)
    assert told(prepared)[0] == 0
    code, lines, said = told(prepared, "--verify")
    assert code == 2
    assert "train/actions.npy is damaged (its checksum is not the manifest's)" in said
    assert not any("Verified" in line for line in lines)


def test_tells_of_a_bundle(store: Path, tmp_path: Path, told) -> None:
    bundle = tmp_path / "bundle"
    write_bundle(Store.open(store).split("test"), 3, bundle)
    code, lines, _ = told(bundle, "--verify")
    text = "\n".join(" ".join(line.split()) for line in lines)
    assert code == 0
    assert lines[0] == f"{bundle}: cvae bundle, format 3"
    assert "made from 3 of 4 sequences of split test" in text
    assert "\n3 sequences, 3 with positions, with masks\n" in text
    assert "\ntest max 0.0" in text and lines[-1].startswith("Verified:")
    [picture, *_] = sorted(bundle.glob("*.webp"))
    flip(picture, 100)
    code, _, said = told(bundle, "--verify")
    assert code == 2 and f"{picture.name} is damaged" in said


def test_says_what_is_no_store(prepared: Path, tmp_path: Path) -> None:
    manifest = prepared / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"version": 99}))
    for path, said in {
        prepared: "has store format 99, this program knows formats up to 2: update the program",
        tmp_path / "absent": "There is no folder",
        tmp_path / "data": "is not a store (it has no manifest.json)",
        manifest: "is a file, not the folder of a store",
    }.items():
        done = run_cvae("info", path)
        assert done.returncode == 2 and done.stdout == ""
        assert done.stderr.startswith("info: ") and said in done.stderr
        assert done.stderr.count("\n") == 1
