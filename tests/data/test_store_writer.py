from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cvae.data.store import Store, StoreWriter
from cvae.errors import InputError
from tests.data.same import assert_same
from tests.data.test_store import NAMES
from tests.tiny_data import tiny_names, tiny_sequence


def write_all(writer: StoreWriter) -> None:
    for split, names in writer.plan.names.items():
        for index in writer.pending(split):
            writer.write(split, index, tiny_sequence(names[index], index))
    writer.finish()


def test_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "store"
    names = tiny_names(5, 2, 2)
    first = StoreWriter(path, names, source="simulated")
    first.write("train", 3, tiny_sequence(names["train"][3], 3))
    first.write("test", 0, tiny_sequence(names["test"][0], 0))
    del first
    assert not path.exists()
    with pytest.raises(InputError, match=r"is not finished.*run the command that began it again"):
        Store.open(path)
    second = StoreWriter(path, names, source="simulated")
    assert second.pending("train") == [0, 1, 2, 4]
    assert second.pending("test") == [1]
    write_all(second)
    assert not path.with_name("store.partial").exists()
    assert sorted(file.name for file in path.iterdir()) == [
        "manifest.json",
        "test",
        "train",
        "validate",
    ]
    for index in range(5):
        expected = tiny_sequence(names["train"][index], index)
        assert_same(
            Store.open(path).split("train")[index], replace(expected, masks=None, toys=None)
        )


def begun(folder: Path) -> Path:
    """Where a store shall be of which two sequences are written."""
    writer = StoreWriter(folder / "store", NAMES, source="x")
    for index in (0, 1):
        writer.write("train", index, tiny_sequence(NAMES["train"][index], index))
    return folder / "store"


def test_a_journal_line_cut_off_by_a_kill_counts_for_nothing(tmp_path: Path) -> None:
    path = begun(tmp_path)
    journal = tmp_path / "store.partial" / "train" / "done.jsonl"
    journal.write_bytes(journal.read_bytes()[:-4])
    writer = StoreWriter(path, NAMES, source="x")
    assert writer.pending("train") == [1, 2]
    write_all(writer)
    assert_same(
        Store.open(path).split("train")[1],
        replace(tiny_sequence("b", 1), masks=None, toys=None),
    )


def test_rows_that_a_power_cut_has_lost_are_written_again(tmp_path: Path) -> None:
    """A journal's line may reach the disk, and what it tells of not."""
    path = begun(tmp_path)
    frames = np.load(tmp_path / "store.partial" / "train" / "frames.npy", mmap_mode="r+")
    frames[0, 5:] = 0
    frames.flush()
    writer = StoreWriter(path, NAMES, source="x")
    assert writer.pending("train") == [0, 2]
    write_all(writer)
    store = Store.open(path)
    store.verify()
    expected = replace(tiny_sequence(NAMES["train"][0], 0), masks=None, toys=None)
    assert_same(store.split("train")[0], expected)


@pytest.mark.parametrize("file", ["plan.json", "train/done.jsonl"])
def test_a_damaged_beginning_is_told(tmp_path: Path, file: str) -> None:
    with StoreWriter(tmp_path / "s", NAMES, source="x") as writer:
        writer.write("train", 0, tiny_sequence("a", 0))
    (tmp_path / "s.partial" / file).write_bytes(bytes(9) + b"\n")
    with pytest.raises(InputError, match=r"s.partial is damaged .*: delete the folder and begin"):
        StoreWriter(tmp_path / "s", NAMES, source="x")


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("plan.json", b"[" * 100_000, "nested too deeply"),
        ("plan.json", b"[]", "list indices"),
        ("plan.json", b'{"names": [1]}', "names is something nested"),
        ("train/done.jsonl", b'{"row": 0}\n', "line 1 lacks or should not have positions"),
        (
            "train/done.jsonl",
            b'{"row": 7, "seed": null, "positions": true, "sha256": {}}\n',
            "line 1, tells of what was not planned",
        ),
        ("train/actions.npy", b"\x93NUMPY", "no NPY file"),
        ("train/frames.npy", None, "bytes are not the numbers that its header says"),
    ],
)
def test_a_beginning_that_holds_something_odd_is_told(tmp_path, file, content, said) -> None:
    with StoreWriter(tmp_path / "s", NAMES, source="x") as writer:
        writer.write("train", 0, tiny_sequence("a", 0))
    damaged = tmp_path / "s.partial" / file
    damaged.write_bytes(damaged.read_bytes()[:-1] if content is None else content)
    with pytest.raises(InputError, match=rf"s.partial is damaged .*{said}.*: delete the folder"):
        StoreWriter(tmp_path / "s", NAMES, source="x")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"names": {"train": ["a"], "test": ["d"]}}, "train 3, test 1 sequences, not train 1"),
        ({"names": NAMES | {"test": ["e"]}}, "same counts .* other sequence names"),
        ({"length": 20}, "length 30, not 20"),
        ({"source": "bair"}, "source 'simulated', not 'bair'"),
        ({"labelled": frozenset({"test"})}, r"labelled \[\], not \['test'\]"),
        ({"description": {"version": 2}}, "description {'version': 1}, not {'version': 2}"),
    ],
)
def test_another_plan_does_not_resume(tmp_path: Path, changed: dict, named: str) -> None:
    plan = {"names": NAMES, "source": "simulated", "description": {"version": 1}}
    StoreWriter(tmp_path / "s", **plan)
    with pytest.raises(InputError, match=f"begun with another plan .*{named}.*delete the folder"):
        StoreWriter(tmp_path / "s", **(plan | changed))
    write_all(StoreWriter(tmp_path / "s", **plan))
    assert Store.open(tmp_path / "s").matches(**plan)
    assert not Store.open(tmp_path / "s").matches(**(plan | changed))


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    first = StoreWriter(tmp_path / "s", NAMES, source="x")
    with pytest.raises(InputError, match=r"Another process is writing .*s\.partial"):
        StoreWriter(tmp_path / "s", NAMES, source="x")
    write_all(first)


def test_does_not_overwrite(store: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="already there: choose another place or delete it"):
        StoreWriter(store, NAMES, source="x")
    (tmp_path / "file").write_text("text")
    with pytest.raises(InputError, match="already there"):
        StoreWriter(tmp_path / "file", NAMES, source="x")
    with pytest.raises(InputError, match=r"can't be written .Not a directory.: .*another place"):
        StoreWriter(tmp_path / "file" / "store", NAMES, source="x")


@pytest.mark.parametrize("there", [True, False])
def test_a_link_to_where_it_shall_be_stays(tmp_path: Path, there: bool) -> None:
    if there:
        (tmp_path / "large disk").mkdir()
    (tmp_path / "s").symlink_to("large disk")
    write_all(StoreWriter(tmp_path / "s", NAMES, source="x"))
    assert (tmp_path / "s").is_symlink()
    Store.open(tmp_path / "s").verify()


def test_the_folder_one_is_in_becomes_a_store(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "s").mkdir()
    monkeypatch.chdir(tmp_path / "s")
    write_all(StoreWriter(".", NAMES, source="x"))
    Store.open(tmp_path / "s").verify()


def test_refuses_what_was_not_planned(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Split train .* needs sequences of different names"):
        StoreWriter(tmp_path / "t", {"train": ["a", "a"]}, source="x")
    for name in ("a\N{NO-BREAK SPACE}b", "a\udcff", "a\n", ""):
        with pytest.raises(InputError, match=r"Split train .* can't be shown: give it another"):
            StoreWriter(tmp_path / "t", {"train": ["a", name]}, source="x")
    writer = StoreWriter(tmp_path / "s", NAMES, source="x", labelled=frozenset({"test"}))
    sequence = tiny_sequence("a", 0)
    with pytest.raises(InputError, match="a can't be number 1 of split train: b was planned"):
        writer.write("train", 1, sequence)
    with pytest.raises(InputError, match=r"a has frames uint8 \(20, 64, 64, 3\), not"):
        writer.write("train", 0, sequence.window(0, 20))
    with pytest.raises(InputError, match="a has frames float32"):
        writer.write("train", 0, replace(sequence, frames=sequence.frames.astype(np.float32)))
    with pytest.raises(InputError, match="d has no masks, which split test needs"):
        writer.write("test", 0, tiny_sequence("d", 0, labelled=False))
    with pytest.raises(InputError, match=r"still lacks sequences \(3 of train, 1 of test\)"):
        writer.finish()
    assert not (tmp_path / "s").exists()


def test_left_out_sequences_are_holes_that_nobody_sees(tmp_path: Path) -> None:
    names = tiny_names(6, 1, 1)
    with StoreWriter(tmp_path / "s", names, source="x") as writer:
        for split, listed in names.items():
            for index, name in enumerate(listed):
                if (split, index) in (("train", 4), ("train", 1)):
                    writer.leave_out(split, index, f"{name}.npz", "is cut off")
                else:
                    sequence = tiny_sequence(name, index, labelled=False)
                    without = replace(sequence, positions=None)
                    writer.write(split, index, without if index == 2 else sequence)
        writer.finish()
    opened = Store.open(tmp_path / "s")
    opened.verify()
    train = opened.split("train")
    there = [0, 2, 3, 5]
    assert train.names == [names["train"][index] for index in there]
    assert len(train) == 4 and train.recorded_positions == 3
    for place, index in enumerate(there):
        expected = tiny_sequence(train.names[place], index, labelled=False)
        if index == 2:
            expected = replace(expected, positions=None)
        assert_same(train[place], expected)
        assert_same(train[place - 4], expected)
        assert (train.motion(place)[1] is None) == (index == 2)
    actions = np.concatenate([train[place].actions for place in range(4)])
    assert train.ranges["actions"]["min"] == actions.min(axis=0).tolist()
    assert train.ranges["actions"]["max"] == actions.max(axis=0).tolist()
    positions = np.concatenate([train[place].positions for place in (0, 2, 3)])
    assert train.ranges["positions"]["min"] == positions.min(axis=0).tolist()
    assert [(entry.row, entry.name) for entry in train.left_out] == [
        (1, names["train"][1]),
        (4, names["train"][4]),
    ]
    with pytest.raises(InputError, match=f"no sequence {names['train'][1]!r} in split train"):
        train.by_name(names["train"][1])
    assert opened.matches(names, source="x")


def test_a_split_of_damaged_sequences_only_is_refused(tmp_path: Path) -> None:
    with StoreWriter(tmp_path / "s", NAMES, source="x") as writer:
        for index, name in enumerate(NAMES["train"]):
            writer.leave_out("train", index, f"{name}.npz", "is cut off")
        writer.write("test", 0, tiny_sequence("d", 0))
        with pytest.raises(InputError, match=r"Nothing is left of split train: all 3 .* a.npz is"):
            writer.finish()
    assert not (tmp_path / "s").exists()
