"""`prepare` with every form of data, whole and damaged."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cvae.commands.prepare import main as prepare
from cvae.data.forms import find_form
from cvae.data.store import Store
from cvae.errors import InputError
from tests.data.same import assert_same
from tests.data.sources import (
    COUNTS,
    LENGTH,
    WRITERS,
    cut_in_half,
    flip,
    npz_name,
    sequence_of,
    write_npz,
    write_npz_folder,
    write_png_tree,
    write_tfrecord_folder,
)
from tests.data.tfrecord_bytes import (
    BYTES_LIST,
    example,
    feature,
    features_of,
    floats,
    record,
    write_tfrecords,
)

FORMS = list(WRITERS)
SECOND = sequence_of("train", 2)


def names_in(form: str, numbers: str) -> list[str]:
    names = [f"traj_0_to_3/{number}" for number in numbers]
    return [name.replace("/", "-") for name in names] if form == "NPZ files" else names


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_sequences(tmp_path: Path, form: str, capsys) -> None:
    source = WRITERS[form](tmp_path / "data")
    prepare(source, tmp_path / "store", length=LENGTH)
    counts = "train 4, validate 4, test 4 sequences"
    assert f"data: {form}, {counts}" in capsys.readouterr().out
    store = Store.open(tmp_path / "store")
    store.verify()
    assert (store.source, store.splits) == ("bair", list(COUNTS))
    assert store.description == {"made from": "data", "form": form}
    for split, count in COUNTS.items():
        assert store.split(split).names == names_in(form, "1234")
        for number in range(1, count + 1):
            expected = sequence_of(split, number)
            if form == "NPZ files":
                expected = replace(expected, name=npz_name(expected))
            assert_same(store.split(split)[number - 1], expected)
    prepare(source, tmp_path / "store", length=LENGTH)
    assert "store is already complete" in capsys.readouterr().out


@pytest.mark.parametrize("place", ["", "softmotion30_44k"])
def test_tfrecords_are_found_in_their_folder_and_in_its_parent(tmp_path: Path, place: str) -> None:
    write_tfrecord_folder(tmp_path)
    assert find_form(tmp_path / place).title == "TFRecords"


def test_one_npz_file_is_a_test_split(tmp_path: Path) -> None:
    sequence = replace(sequence_of("test", 1), name="some", positions=None)
    prepare(write_npz(tmp_path / "some.npz", sequence), tmp_path / "store", length=LENGTH)
    store = Store.open(tmp_path / "store")
    assert store.splits == ["test"]
    assert_same(store.split("test")[0], sequence)


@dataclass(frozen=True)
class Damage:
    """What is done to the file of a training sequence, and what follows from it.

    lost: numbers of the sequences that are lost.
    """

    form: str
    file: str
    does: Callable[[Path], object]
    said: str
    lost: str = "2"


def png(file: str, does: Callable[[Path], object], said: str) -> Damage:
    return Damage("PNG tree", f"train/traj_0_to_3/2/{file}", does, said)


def npz(does: Callable[[Path], object], said: str) -> Damage:
    return Damage("NPZ files", "train/traj_0_to_3-2.npz", does, said)


def tfrecord(does: Callable[[Path], object], said: str, lost: str = "2") -> Damage:
    return Damage("TFRecords", "softmotion30_44k/train/traj_0_to_3.tfrecords", does, said, lost)


def other_record(**changed: bytes) -> Callable[[Path], object]:
    """Puts other features into the second of the four records; b"" takes one out."""

    def does(file: Path) -> None:
        records = [record(example(features_of(sequence_of("train", n)))) for n in range(1, 5)]
        features = features_of(SECOND) | changed
        records[1] = record(example({n: value for n, value in features.items() if value}))
        write_tfrecords(file, records)

    return does


def other_array(**changed: object) -> Callable[[Path], object]:
    return lambda file: write_npz(file, replace(SECOND, name=npz_name(SECOND)), **changed)


def text(file: Path) -> None:
    file.write_text("a page of text")


def other_picture(file: Path) -> None:
    Image.new("RGB", (64, 32)).save(file)


IMAGE, ACTION, POSITION = "3/image_aux1/encoded", "3/action", "3/endeffector_pos"
NAN = np.full((LENGTH, 4), np.nan)
INFINITE = np.full((LENGTH, 3), np.inf)
DAMAGES = {
    "png cut off": png("3.png", cut_in_half, "can't be read as a picture .cut off or damaged."),
    "png flipped byte": png("3.png", lambda f: flip(f, 60), "can't be read as a picture"),
    "png too few frames": png("3.png", Path.unlink, "is missing"),
    "png too few rows": png("actions.csv", lambda f: f.write_text("0,0,0,0\n"), "has 1 rows, not"),
    "png other size": png("3.png", other_picture, "is 64 x 32 pixels, not 64 x 64"),
    "png words": png("actions.csv", lambda f: f.write_text("0,0,up,0\n" * LENGTH), "has 'up' in"),
    "png nan": png("actions.csv", lambda f: f.write_text("0,nan,0,0\n" * LENGTH), "has 'nan' in"),
    "png infinity": png(
        "endeffector_positions.csv", lambda f: f.write_text("0,0,inf\n" * LENGTH), "has 'inf' in"
    ),
    "png other kind": png("3.png", text, "can't be read as a picture"),
    "tfrecord cut off": tfrecord(cut_in_half, "ends after 2 of 4 sequences", lost="34"),
    "tfrecord cut off within": tfrecord(
        lambda f: f.write_bytes(f.read_bytes()[:-9]), "is cut off in sequence 4", lost="4"
    ),
    "tfrecord flipped byte": tfrecord(
        lambda f: flip(f, f.stat().st_size // 4 + 99), "has a wrong checksum in sequence 2"
    ),
    "tfrecord too few frames": tfrecord(other_record(**{IMAGE: b""}), "has 3 frames instead of 4"),
    "tfrecord too many frames": tfrecord(
        other_record(**{IMAGE.replace("3", "4", 1): feature(BYTES_LIST, b"")}),
        "has 5 frames instead of 4",
    ),
    "tfrecord other size": tfrecord(
        other_record(**{IMAGE: feature(BYTES_LIST, bytes(32 * 32 * 3))}), "has 3072 bytes in"
    ),
    "tfrecord words": tfrecord(
        other_record(**{ACTION: feature(BYTES_LIST, b"up")}), "of type bytes_list, not float_list"
    ),
    "tfrecord nan": tfrecord(other_record(**{ACTION: floats([0, 0, np.nan, 0])}), "has nan in"),
    "tfrecord infinity": tfrecord(
        other_record(**{POSITION: floats([0, -np.inf, 0])}), "has -inf in 'endeffector_pos' of"
    ),
    "tfrecord other kind": tfrecord(text, "has no TFRecord where sequence 1", lost="1234"),
    "npz cut off": npz(cut_in_half, "is no NPZ file, cut off or damaged"),
    "npz flipped byte": npz(lambda f: flip(f, 200), "is no NPZ file, cut off or damaged"),
    "npz too few frames": npz(other_array(frames=SECOND.frames[1:]), "has 3 frames, not 4"),
    "npz too few actions": npz(other_array(actions=SECOND.actions[1:]), "has actions of shape"),
    "npz other size": npz(other_array(frames=SECOND.frames[:, :32]), "has frames uint8 .4, 32, 64"),
    "npz words": npz(other_array(actions=NAN.astype("U8")), "has actions of type <U8 where number"),
    "npz nan": npz(other_array(actions=NAN), "has nan in actions at frame 0 where a finite number"),
    "npz infinity": npz(other_array(positions=INFINITE), "has inf in positions at frame 0 where a"),
    "npz other kind": npz(text, "is no NPZ file, cut off or damaged"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damage_stops_and_is_left_out_on_request(tmp_path: Path, damage: Damage, capsys) -> None:
    source, dst = WRITERS[damage.form](tmp_path / "data"), tmp_path / "store"
    damage.does(source / damage.file)
    with pytest.raises(
        InputError, match=f"{damage.said}.*, or leave it out with --skip-bad"
    ) as told:
        prepare(source, dst, length=LENGTH)
    assert str(told.value).startswith(f"{source / damage.file} ") and "\n" not in str(told.value)
    assert not dst.exists()
    if damage.lost == "1234":
        with pytest.raises(InputError, match=r"Nothing is left of split train: all 4 .*no TFRec"):
            prepare(source, dst, length=LENGTH, skip_bad=True)
        assert not dst.exists()
        return
    prepare(source, dst, length=LENGTH, skip_bad=True)
    out = capsys.readouterr().out
    assert f"Left out because damaged: {len(damage.lost)}.\n" in out
    store = Store.open(dst)
    store.verify()
    train = store.split("train")
    kept = [number for number in "1234" if number not in damage.lost]
    assert train.names == names_in(damage.form, "".join(kept))
    assert [entry.name for entry in train.left_out] == names_in(damage.form, damage.lost)
    assert {entry.file for entry in train.left_out} == {damage.file}
    assert f"{damage.file} {train.left_out[0].reason}" in out
    for index, number in enumerate(kept):
        expected = replace(sequence_of("train", int(number)), name=train.names[index])
        assert_same(train[index], expected)
        assert_same(train.by_name(expected.name), expected)
        np.testing.assert_array_equal(train.motion(index)[0], expected.actions)
    assert len(store.split("test")) == 4 and not store.split("test").left_out


def test_says_what_is_none_of_the_forms(tmp_path: Path) -> None:
    dst = tmp_path / "store"
    expected = r"expected is one of: PNG tree .*; TFRecords .*; NPZ files .*\.$"
    with pytest.raises(InputError, match=f"There is no folder or file .*absent; {expected}"):
        prepare(tmp_path / "absent", dst)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=f"empty is an empty folder; {expected}"):
        prepare(tmp_path / "empty", dst)
    (tmp_path / "other").mkdir()
    for name in "abcde":
        (tmp_path / "other" / f"{name}.mp4").write_text("")
    with pytest.raises(InputError, match=f"other has a.mp4, b.mp4, c.mp4 and 2 more; {expected}"):
        prepare(tmp_path / "other", dst)
    with pytest.raises(InputError, match=f"a.mp4 is a file of another kind; {expected}"):
        prepare(tmp_path / "other" / "a.mp4", dst)
    write_png_tree(tmp_path / "two")
    write_tfrecord_folder(tmp_path / "two")
    with pytest.raises(InputError, match="two has PNG tree and TFRecords: give a folder that has"):
        prepare(tmp_path / "two", dst)
    prepare(write_npz_folder(tmp_path / "npz"), dst, length=LENGTH)
    with pytest.raises(InputError, match=r"store is prepared already \(it has a manifest.json\)"):
        prepare(dst, tmp_path / "again")
    with pytest.raises(InputError, match="--length is 0"):
        prepare(tmp_path / "npz", tmp_path / "again", length=0)
    assert not (tmp_path / "again").exists()
