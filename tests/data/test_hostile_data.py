"""Data that claim what is not so, point elsewhere, or would fill the memory."""

import hashlib
import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cvae.data import npz, png_tree, tfrecord, zip_tree
from cvae.data.bundle import Bundle, open_test_sequences, write_bundle
from cvae.data.damage import DamagedSequence
from cvae.data.store import Store, StoreWriter
from cvae.errors import InputError
from tests.data.sources import sequence_of, write_npz, write_tfrecord_folder
from tests.memory_limit import read_within
from tests.tiny_data import tiny_sequence, tiny_store

SEQUENCE = sequence_of("test", 1)
OPEN_TEST = "from cvae.data.bundle import open_test_sequences"
FEW_MEGABYTES = 100


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store to spoil."""
    return tiny_store(tmp_path / "store", train=1, validate=1, test=2)


def edit(file: Path, change: Callable[[dict], object]) -> None:
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


def npy(header: str, numbers: bytes = b"") -> bytes:
    """An NPY file with `header` in place of what belongs there."""
    text = header.encode("latin1") + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + numbers


def claim(shape: object, descr: object = "|u1", fortran: bool = False) -> str:
    return repr({"descr": descr, "fortran_order": fortran, "shape": shape})


LYING_HEADERS = {
    "far too large": claim((100_000, 100_000)),
    "beyond 64 bits": claim((10**30, 0)),
    "negative": claim((-1, 64, 64, 3)),
    "no numbers": claim((2,), "|S0"),
    "a structure": claim((1,), [("a", "<f4"), ("b", "|O")]),
    "an odd type": claim((1,), ("|u1", 2, 3)),
    "nested": "-" * 9000 + "1",
    "no header": "{'descr': (",
    "an archive": "",
}


@pytest.mark.parametrize("lie", LYING_HEADERS)
def test_an_array_whose_header_lies_is_refused(tmp_path: Path, store: Path, lie: str) -> None:
    content = npy(LYING_HEADERS[lie], bytes(64))
    if lie == "an archive":  # numpy would take it for one, and give no array
        write_npz(tmp_path / "inner.npz", SEQUENCE)
        content = (tmp_path / "inner.npz").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.npz", "w") as archive:
        archive.writestr("frames.npy", content)
        archive.writestr("actions.npy", b"")
    with pytest.raises(DamagedSequence, match=r"has an array 'frames' that can't be read"):
        npz.read_sequence(tmp_path / "one.npz", "one")
    (store / "test" / "frames.npy").write_bytes(content)
    with pytest.raises(InputError, match=r"test/frames.npy is cut off or damaged"):
        Store.open(store)


def test_rows_that_do_not_follow_each_other_are_refused(store: Path) -> None:
    file = store / "test" / "actions.npy"
    np.save(file, np.asfortranarray(np.load(file)))
    with pytest.raises(InputError, match=r"actions.npy is cut off or damaged"):
        Store.open(store)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m["splits"].update({"../other": m["splits"]["test"]}), "'../other' can't be"),
        (lambda m: m["splits"].update({"/etc": m["splits"]["test"]}), "'/etc' can't be the name"),
        (
            lambda m: m["splits"]["test"]["sha256"].update({"../../x": "0"}),
            "checksums of other arrays",
        ),
        (lambda m: m.update(length=1e999), "has Infinity where a finite number belongs"),
        (lambda m: m.update(length=float("nan")), "has NaN where a finite number belongs"),
        (lambda m: m.update(length=10**30), "beyond those of 64 bits"),
        (lambda m: m.update(length="30"), "length is '30', not a whole number"),
        (lambda m: m.update(length=0), "sequences of 0 frames"),
        (lambda m: m.update(version=True), "version is True, not a whole number"),
        (lambda m: m.update(splits={}), "says 0 splits"),
        (lambda m: m.update(description=[]), "description is something nested, not"),
        (lambda m: m["splits"]["test"].update(names=[["a"], ["b"]]), r"names\[0\] is something"),
        (lambda m: m["splits"]["test"].update(names=["a", "a"]), "names that are the same"),
        (lambda m: m["splits"]["test"].update(names=["a", "b\n"]), "that can't be shown"),
        (lambda m: m["splits"]["test"].update(names=["a", "\ud800"]), "no text in UTF-8"),
        (lambda m: m["splits"]["test"].update(seeds=["1", 2]), r"seeds\[0\] is '1', not"),
        (lambda m: m["splits"]["test"].update(without_positions=[7]), "that are not there"),
        (lambda m: m["splits"]["test"].update(ranges={"actions": None}), "has ranges of actions"),
        (
            lambda m: m["splits"]["test"]["ranges"].update(actions={"min": [1.0], "max": []}),
            "do not fit its columns",
        ),
    ],
)
def test_a_manifest_that_asks_for_odd_things_is_refused(store: Path, change, said: str) -> None:
    edit(store / "manifest.json", change)
    with pytest.raises(InputError, match=rf"manifest.json is damaged .*{said}"):
        Store.open(store)


@pytest.mark.parametrize("opening", ["[", '{"splits":'])
def test_a_manifest_nested_beyond_measure_is_refused(store: Path, opening: str) -> None:
    (store / "manifest.json").write_text(opening * 100_000)
    with pytest.raises(InputError, match=r"manifest.json is damaged \(it is nested too deeply"):
        open_test_sequences(store)


def bundle_of(path: Path) -> Path:
    names = {"test": ["a"]}
    with StoreWriter(path / "s", names, source="x", labelled=frozenset({"test"})) as writer:
        writer.write("test", 0, tiny_sequence("a", 0))
        writer.finish()
    write_bundle(Store.open(path / "s").split("test"), 1, path / "bundle")
    return path / "bundle"


def put(bundle: Path, name: str, content: bytes) -> None:
    """A file in a bundle, with the checksum that belongs to it."""
    (bundle / name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    edit(bundle / "manifest.json", lambda m: m["sha256"].update({name: digest}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"names": [1]}, r"it.names\[0\] is 1, not a text"),
        ({"length": "30"}, "it.length is '30'"),
        ({"length": 1 << 40}, "sequences have 1099511627776 frames"),
        ({"titles": {"z": "push"}}, "titles are those of other sequences"),
        ({"seeds": [1.5]}, r"it.seeds\[0\] is 1.5"),
        ({"sha256": None}, "it.sha256 is None"),
    ],
)
def test_a_bundle_that_says_odd_things_is_refused(tmp_path: Path, change: dict, said: str) -> None:
    bundle = bundle_of(tmp_path)
    edit(bundle / "manifest.json", lambda m: m.update(change))
    with pytest.raises(InputError, match=rf"manifest.json is damaged .*{said}"):
        open_test_sequences(bundle)


def test_a_bundle_with_other_pictures_or_arrays_is_refused(tmp_path: Path) -> None:
    bundle = bundle_of(tmp_path)
    whole = (bundle / "a.webp").read_bytes()
    for kind, size, said in (
        ("PNG", (64 * 30, 64), "can't be read as a picture"),
        ("WEBP", (64, 64), "is .64, 64. pixels, not .1920, 64."),
    ):
        stream = io.BytesIO()
        Image.new("RGB", size).save(stream, kind)
        put(bundle, "a.webp", stream.getvalue())
        with pytest.raises(InputError, match=f"a.webp {said}"):
            Bundle.open(bundle)[0]
    put(bundle, "a.webp", whole)
    with np.load(bundle / "a.npz") as arrays:
        arrays = dict(arrays)
    for change, said in (
        ({"actions": arrays["actions"][:3]}, "has actions float32 .3, 4."),
        ({"actions": arrays["actions"] * np.nan}, "not finite numbers"),
        ({"masks": arrays["masks"].astype(np.int64)}, "has masks int64"),
        ({"toys": np.array([{}])}, "Object arrays are not read"),
    ):
        stream = io.BytesIO()
        np.savez(stream, **(arrays | change))
        put(bundle, "a.npz", stream.getvalue())
        with pytest.raises(InputError, match=f"a.npz .*{said}.*restore the folder"):
            Bundle.open(bundle)[0]


def test_a_file_name_that_promises_without_end_is_not_believed(tmp_path: Path) -> None:
    root = write_tfrecord_folder(tmp_path)
    folder = root / "softmotion30_44k" / "test"
    (folder / "traj_0_to_3.tfrecords").rename(folder / "traj_0_to_99999999999.tfrecords")
    listed = tfrecord.list_test(root)
    assert len(listed) == tfrecord.MOST_RECORDS
    *_, last = listed.values()
    with pytest.raises(DamagedSequence, match="ends after 4 of 65536 sequences"):
        tfrecord.read_sequence(last, "last")


def test_records_without_number_are_not_listed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(tfrecord, "MOST_RECORDS", 3)
    with pytest.raises(InputError, match=r"traj_0_to_3.tfrecords has more than 3 sequences: div"):
        tfrecord.list_test(write_tfrecord_folder(tmp_path))


def test_digits_that_are_none_are_sorted_all_the_same(tmp_path: Path) -> None:
    for name in ("²", "10", "9"):
        write_npz(tmp_path / f"{name}.npz", SEQUENCE)
    assert set(npz.list_test(tmp_path)) == {"²", "9", "10"}


@pytest.mark.parametrize("name", ["", "a\nb/0.png", "\x1b[2J.png"])
def test_a_member_without_a_name_to_show_is_refused(name: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("#" * max(1, len(name.encode())), b"")
    content = stream.getvalue().replace(b"#" * max(1, len(name.encode())), name.encode() or b"\0")
    with pytest.raises(
        DamagedSequence, match=r"mine.zip (holds a file with an unreadable name|is no ZIP)"
    ):
        zip_tree.parse_sequence(content, Path("mine.zip"), "mine", None)


def png_claiming(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(bytes(1000))
    chunks = (header, data, b"IEND")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in chunks
    )


def huge_png(root: Path) -> None:
    png_tree.write_sequence(root / "test" / "traj_0_to_0" / "1", SEQUENCE)
    (root / "test" / "traj_0_to_0" / "1" / "0.png").write_bytes(png_claiming(100_000, 100_000))


def endless_file(file: Path, size: int = 1 << 34) -> None:
    """As many bytes, which take no room."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as stream:
        os.truncate(stream.fileno(), size)


def endless_png(root: Path) -> None:
    huge_png(root)
    endless_file(root / "test" / "traj_0_to_0" / "1" / "0.png")


def lying_npz(root: Path) -> None:
    write_npz(root / "good.npz", SEQUENCE)
    with zipfile.ZipFile(root / "good.npz", "a") as archive:
        archive.writestr("image.npy", npy(claim((100_000, 100_000))))


def npz_bomb(root: Path) -> None:
    with zipfile.ZipFile(root / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("frames.npy", bytes(1 << 29))


def records(root: Path, size: int) -> Path:
    """A record that says that it has `size` bytes, with the right checksum of that."""
    file = root / "test" / "traj_0_to_0.tfrecords"
    file.parent.mkdir(parents=True)
    length = struct.pack("<Q", size)
    file.write_bytes(length + struct.pack("<I", tfrecord.masked_crc32c(length)))
    return file


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (huge_png, "0.png is far larger than 64 x 64 pixels"),
        (endless_png, "0.png has more than 17 MB"),
        (lying_npz, "needs one array called frames or image"),
        (npz_bomb, "unpacks to 537 MB, more than the 268 MB allowed"),
        (lambda root: endless_file(root / "one.npz"), "one.npz has more than 268 MB"),
        (lambda root: records(root, 1 << 60), "is cut off in sequence 1"),
        (
            lambda root: endless_file(records(root, 1 << 33), (1 << 33) + 16),
            "has 8,589,934,592 bytes",
        ),
        (lambda root: endless_file(root / "manifest.json"), "it has more than 34 MB"),
    ],
)
def test_what_would_fill_the_memory_is_refused_before(tmp_path: Path, make, said: str) -> None:
    root = tmp_path / "data"
    root.mkdir()
    make(root)
    told = read_within(FEW_MEGABYTES, OPEN_TEST, "open_test_sequences(path)[0]", root)
    assert told.startswith("refused: ") and said in told
