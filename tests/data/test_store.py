import hashlib
import json
import shutil
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cvae.data.store import Store, StoreWriter
from cvae.errors import InputError
from tests.data.same import ARRAYS, assert_same
from tests.tiny_data import tiny_png_tree, tiny_sequence, tiny_store

NAMES = {"train": ["a", "b", "c"], "test": ["d"]}


@pytest.fixture
def copy(store: Path, tmp_path: Path) -> Path:
    """A store of one's own, to damage."""
    return shutil.copytree(store, tmp_path / "copy")


def edit_manifest(path: Path, change) -> None:
    file = path / "manifest.json"
    manifest = json.loads(file.read_text())
    change(manifest)
    file.write_text(json.dumps(manifest))


def test_gives_back_what_was_written(store: Path) -> None:
    opened = Store.open(store)
    assert opened.splits == ["train", "validate", "test"]
    assert opened.source == "simulated"
    test, train = opened.split("test"), opened.split("train")
    assert test.has_masks and not train.has_masks
    assert [len(opened.split(name)) for name in opened.splits] == [8, 4, 4]
    for index in range(4):
        assert_same(test[index], tiny_sequence(f"tiny-test-{index:04d}", 2000 + index))
        assert_same(train[index], tiny_sequence(f"tiny-train-{index:04d}", index, labelled=False))
    assert_same(test.by_name("tiny-test-0002"), test[2])
    assert_same(test[-1], test[3])
    with pytest.raises(IndexError):
        test[4]
    opened.verify()


def test_sequences_are_copies(store: Path) -> None:
    split = Store.open(store).split("test")
    split[0].frames[:] = 0
    assert split[0].frames.any()


def test_positions_may_be_missing_sequence_by_sequence(tmp_path: Path) -> None:
    writer = StoreWriter(tmp_path / "s", NAMES, source="bair")
    for split, names in NAMES.items():
        for index, name in enumerate(names):
            sequence = tiny_sequence(name, index, labelled=False)
            writer.write(
                split, index, sequence if index != 1 else replace(sequence, positions=None)
            )
    writer.finish()
    train = Store.open(tmp_path / "s").split("train")
    assert [train[i].positions is None for i in range(3)] == [False, True, False]
    assert [train.motion(i)[1] is None for i in range(3)] == [False, True, False]
    np.testing.assert_array_equal(train.motion(1)[0], train[1].actions)


def test_says_what_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no folder .*absent"):
        Store.open(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty is an empty folder.*cvae simulate"):
        Store.open(tmp_path / "empty")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("")
    with pytest.raises(InputError, match=r"not a store \(it has no manifest.json\)"):
        Store.open(tmp_path / "other")
    tree = tiny_png_tree(tmp_path / "tree", train=1, validate=0, test=1)
    with pytest.raises(InputError, match=r"is a PNG tree, not a store: .*cvae prepare"):
        Store.open(tree)


def test_names_what_exists(store: Path) -> None:
    opened = Store.open(store)
    with pytest.raises(InputError, match="no split 'tests'; choose one of: train, validate, test"):
        opened.split("tests")
    with pytest.raises(InputError, match="no sequence 'x' in split test; it has 4, from"):
        opened.split("test").by_name("x")


def test_says_what_of_the_manifest_is_damaged(copy: Path) -> None:
    manifest = copy / "manifest.json"
    whole = manifest.read_text()
    manifest.write_text(whole[:200])
    with pytest.raises(InputError, match=r"manifest.json is damaged .*make the store again"):
        Store.open(copy)
    manifest.write_text(whole)
    edit_manifest(copy, lambda m: m.pop("length"))
    with pytest.raises(InputError, match=r"manifest.json is damaged \(KeyError\('length'\)\)"):
        Store.open(copy)
    manifest.write_text(whole)
    edit_manifest(copy, lambda m: m["splits"]["test"].update(count=9))
    with pytest.raises(InputError, match=r"damaged \(split test says 9 sequences, names 4"):
        Store.open(copy)
    manifest.write_text(whole)
    entry = {"row": 9, "name": "x", "file": "x.npz", "reason": "is cut off"}
    edit_manifest(copy, lambda m: m["splits"]["test"].update(left_out=[entry]))
    with pytest.raises(InputError, match=r"damaged \(split test has left-out rows that do not fit"):
        Store.open(copy)
    manifest.write_text(whole)
    edit_manifest(copy, lambda m: m.update(version=99, splits="other"))
    with pytest.raises(InputError, match=r"has store format 99, this program knows .* up to 2"):
        Store.open(copy)


def test_names_the_damaged_array(copy: Path) -> None:
    frames = copy / "test" / "frames.npy"
    whole = frames.read_bytes()
    frames.unlink()
    with pytest.raises(InputError, match=r"test/frames.npy is missing"):
        Store.open(copy)
    frames.write_bytes(whole[:-1])
    with pytest.raises(InputError, match=r"test/frames.npy is cut off or damaged"):
        Store.open(copy)
    frames.write_bytes(b"")
    with pytest.raises(InputError, match=r"test/frames.npy is cut off or damaged"):
        Store.open(copy)
    np.save(frames, np.zeros((4, 30, 32, 32, 3), np.uint8))
    with pytest.raises(InputError, match=r"test/frames.npy holds uint8 \(4, 30, 32, 32, 3\), but"):
        Store.open(copy)
    frames.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    damaged = Store.open(copy)
    with pytest.raises(InputError, match=r"test/frames.npy is damaged .*checksum"):
        damaged.verify()


def test_the_first_format_still_opens(tmp_path: Path) -> None:
    root = tmp_path / "old"
    (root / "test").mkdir(parents=True)
    sequences = [tiny_sequence(name, seed) for seed, name in enumerate("ab")]
    for array in ARRAYS:
        rows = np.stack([getattr(sequence, array) for sequence in sequences])
        np.save(root / "test" / f"{array}.npy", rows)
    checksums = {
        array: hashlib.sha256((root / "test" / f"{array}.npy").read_bytes()).hexdigest()
        for array in ARRAYS
    }
    split = {
        "count": 2,
        "arrays": list(ARRAYS),
        "names": ["a", "b"],
        "seeds": [0, 1],
        "without_positions": [],
        "sha256": checksums,
    }
    manifest = {
        "format": "cvae packed store",
        "version": 1,
        "source": "simulated",
        "description": {"simulator": 1},
        "length": 30,
        "splits": {"test": split},
    }
    (root / "manifest.json").write_text(json.dumps(manifest))
    opened = Store.open(root)
    opened.verify()
    for index, sequence in enumerate(sequences):
        assert_same(opened.split("test")[index], sequence)
    plan = {"labelled": frozenset({"test"}), "description": {"simulator": 1}}
    assert opened.matches({"test": ["a", "b"]}, source="simulated", **plan)
    frames = root / "test" / "frames.npy"
    frames.write_bytes(frames.read_bytes()[:-1] + b"?")
    with pytest.raises(InputError, match=r"test/frames.npy is damaged .*checksum"):
        Store.open(root).verify()


def test_pickles_are_never_loaded(copy: Path) -> None:
    with (copy / "test" / "actions.npy").open("wb") as file:
        np.save(file, np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match=r"test/actions.npy is cut off or damaged"):
        Store.open(copy)


def test_memory_does_not_grow_with_the_store(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        tiny_store(tmp_path / "s", train=24, validate=1, test=1)
        split = Store.open(tmp_path / "s").split("train")
        for index in range(len(split)):
            split[index]
        Store.open(tmp_path / "s").verify()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * split[0].frames.nbytes
