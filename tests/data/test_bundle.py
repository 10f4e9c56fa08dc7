import json
from pathlib import Path

import pytest

from cvae.data.bundle import Bundle, open_test_sequences, write_bundle
from cvae.data.notable import notable
from cvae.data.split import Split
from cvae.data.store import Store, StoreWriter
from cvae.errors import InputError
from tests.data.same import assert_same
from tests.tiny_data import tiny_sequence


@pytest.fixture
def bundle(store: Path, tmp_path: Path) -> Path:
    write_bundle(Store.open(store).split("test"), 3, tmp_path / "bundle")
    return tmp_path / "bundle"


def test_gives_back_its_sequences_exactly(store: Path, bundle: Path) -> None:
    split, opened = Store.open(store).split("test"), open_test_sequences(bundle)
    assert len(opened) == len(opened.names) == 3
    assert (opened.source, opened.length, opened.has_masks) == ("simulated", 30, True)
    for index, name in enumerate(opened.names):
        assert_same(opened[index], split.by_name(name))
        assert_same(opened.by_name(name), split.by_name(name))
        actions, positions = opened.motion(index)
        assert (actions == opened[index].actions).all()
        assert (positions == opened[index].positions).all()
    with pytest.raises(IndexError):
        opened[3]


def test_titled_sequences_come_first_and_then_the_first_of_the_others(
    store: Path, tmp_path: Path
) -> None:
    split = Store.open(store).split("test")
    titles = notable(split[index] for index in range(len(split)))
    write_bundle(split, len(split), tmp_path / "all")
    opened = open_test_sequences(tmp_path / "all")
    assert {title: split.names.index(name) for name, title in opened.titles.items()} == titles
    titled = list(opened.titles)
    others = [name for name in split.names if name not in titled]
    assert titled
    assert opened.names == titled + others
    assert split.titles == {}


def test_noise_survives_and_real_names_become_files(tmp_path: Path) -> None:
    name = "traj_0_to_255/7"
    sequence = tiny_sequence(name, 0, labelled=False)
    noisy = sequence.frames ^ (sequence.frames.cumsum(axis=2) % 251).astype("uint8")
    sequence = type(sequence)(name, noisy, sequence.actions)
    writer = StoreWriter(tmp_path / "store", {"test": [name]}, source="bair")
    writer.write("test", 0, sequence)
    writer.finish()
    write_bundle(Store.open(tmp_path / "store").split("test"), 1, tmp_path / "bundle")
    assert_same(Bundle.open(tmp_path / "bundle").by_name(name), sequence)
    assert not Bundle.open(tmp_path / "bundle").has_masks


def test_a_store_gives_its_test_split(store: Path) -> None:
    opened = open_test_sequences(store)
    assert opened.names == Store.open(store).split("test").names


def test_is_written_whole_or_not_at_all(store: Path, bundle: Path, tmp_path: Path) -> None:
    split = Store.open(store).split("test")
    with pytest.raises(InputError, match="already there: choose another place or delete it"):
        write_bundle(split, 2, bundle)
    with pytest.raises(InputError, match="has 4 sequences; 5 can't be bundled"):
        write_bundle(split, 5, tmp_path / "more")
    leftover = tmp_path / "again.partial"
    leftover.mkdir()
    (leftover / "old.webp").write_text("")
    write_bundle(split, 1, tmp_path / "again")
    assert not leftover.exists()
    assert sorted(file.name for file in (tmp_path / "again").iterdir()) == [
        "manifest.json",
        f"{Bundle.open(tmp_path / 'again').names[0]}.npz",
        f"{Bundle.open(tmp_path / 'again').names[0]}.webp",
    ]


def write_store(path: Path, names: list[str], length: int) -> Split:
    writer = StoreWriter(path, {"test": names}, length=length, source="mine")
    for number, name in enumerate(names):
        writer.write("test", number, tiny_sequence(name, number, labelled=False, length=length))
    writer.finish()
    return Store.open(path).split("test")


@pytest.mark.parametrize(
    ("names", "length", "said"),
    [
        (["a/b", "a__b"], 2, "two names mean the same file"),
        (["a"], 256, "its sequences have 256 frames, not 1 to 255"),
        (["a" * 201], 2, "it has names that can't be shown, or are too long"),
    ],
)
def test_what_could_not_be_opened_is_not_written(
    tmp_path: Path, names: list[str], length: int, said: str
) -> None:
    split = write_store(tmp_path / "store", names, length)
    with pytest.raises(InputError, match=rf"Split test of .*store can't be bundled .{said}"):
        write_bundle(split, len(names), tmp_path / "bundle")
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_the_longest_sequences_can_be_bundled(tmp_path: Path) -> None:
    write_bundle(write_store(tmp_path / "store", ["a"], 255), 1, tmp_path / "new" / "bundle")
    assert len(Bundle.open(tmp_path / "new" / "bundle")[0]) == 255


def test_a_place_that_can_not_be_made_is_told(store: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"can't be written .Not a directory.: .*another"):
        write_bundle(Store.open(store).split("test"), 1, tmp_path / "file" / "bundle")


def test_names_the_damaged_file(bundle: Path) -> None:
    opened = Bundle.open(bundle)
    sheet = bundle / f"{opened.names[1]}.webp"
    whole = sheet.read_bytes()
    sheet.write_bytes(whole[:-10])
    opened[0]
    with pytest.raises(InputError, match=rf"{sheet.name} is damaged .*checksum"):
        opened[1]
    sheet.unlink()
    with pytest.raises(InputError, match=rf"{sheet.name} is missing though manifest.json"):
        Bundle.open(bundle)


def test_says_what_of_the_manifest_is_damaged(bundle: Path, tmp_path: Path) -> None:
    file = bundle / "manifest.json"
    manifest = json.loads(file.read_text())
    file.write_text(json.dumps(manifest | {"version": 99}))
    with pytest.raises(InputError, match=r"'cvae bundle' of version 99; .* update the program"):
        open_test_sequences(bundle)
    file.write_text(json.dumps(manifest | {"seeds": []}))
    with pytest.raises(InputError, match=r"manifest.json is damaged .*do not fit together"):
        open_test_sequences(bundle)
    nothing = {"names": [], "seeds": [], "sha256": {}, "titles": {}}
    file.write_text(json.dumps(manifest | nothing))
    with pytest.raises(InputError, match=r"manifest.json is damaged .*it has no sequences"):
        open_test_sequences(bundle)
    del manifest["names"]
    file.write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=r"manifest.json is damaged .*'names'"):
        open_test_sequences(bundle)
    with pytest.raises(InputError, match=r"There is no folder .*absent"):
        open_test_sequences(tmp_path / "absent")
    with pytest.raises(InputError, match="describes a 'cvae bundle', not a packed store"):
        Store.open(bundle)
