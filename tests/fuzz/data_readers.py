"""Readers of sequences and stores, each with valid tiny data."""

import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np

from cvae.commands.info import main as info
from cvae.data import npz, png_tree, tfrecord, zip_tree
from cvae.data.bundle import Bundle, open_test_sequences, write_bundle
from cvae.data.sequence import Sequence
from cvae.data.store import Store, StoreWriter
from tests.data.tfrecord_bytes import example, features_of
from tests.fuzz.reader import Reader, files_of, write_files
from tests.tiny_data import tiny_names, tiny_sequence

LENGTH = 2
NAME = "tiny"


def data_readers(scratch: Path) -> dict[str, Callable[[], Reader]]:
    """By name; each is made when it is asked for, with files of its own in `scratch`."""
    sequence = tiny_sequence(NAME, 0, labelled=False, length=LENGTH)
    makers = {
        "tfrecord": tfrecord_reader,
        "tfrecord-example": example_reader,
        "png-tree": png_tree_reader,
        "png-chunks": png_chunk_reader,
        "npz": npz_reader,
        "npz-arrays": npy_reader,
        "zip": zip_reader,
        "zip-members": zip_member_reader,
        "store": store_reader,
        "partial-store": partial_store_reader,
        "bundle": bundle_reader,
    }
    return {n: lambda n=n, make=make: make(scratch / n, sequence) for n, make in makers.items()}


def tfrecord_reader(scratch: Path, sequence: Sequence) -> Reader:
    whole = _record(example(features_of(sequence)))
    return Reader({"test/traj_0_to_0.tfrecords": whole}, write_files, _read_unpacked)


def example_reader(scratch: Path, sequence: Sequence) -> Reader:
    """The message in a record whose checksums are right."""

    def write(folder: Path, parts: dict[str, bytes]) -> None:
        write_files(folder, {"test/traj_0_to_0.tfrecords": _record(parts["example"])})

    return Reader({"example": example(features_of(sequence))}, write, _read_unpacked)


def _record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    sums = [struct.pack("<I", tfrecord.masked_crc32c(part)) for part in (length, data)]
    return length + sums[0] + data + sums[1]


def png_tree_reader(scratch: Path, sequence: Sequence) -> Reader:
    png_tree.write_sequence(scratch / "test/traj_0_to_0/1", sequence)
    place = "test/traj_0_to_0/1"
    names = ("0.png", png_tree.ACTIONS, png_tree.POSITIONS, "1.png")
    return Reader(
        files_of(scratch, *(f"{place}/{name}" for name in names)), write_files, _read_unpacked
    )


def png_chunk_reader(scratch: Path, sequence: Sequence) -> Reader:
    """The chunks of a PNG whose checksums are right, with some that carry texts and palettes."""
    png_tree.write_sequence(scratch / "test/traj_0_to_0/1", sequence)
    files = {file.name: file.read_bytes() for file in (scratch / "test/traj_0_to_0/1").iterdir()}
    chunks = _chunks(files["0.png"])
    extra = [b"tRNS" + bytes(6), b"zTXta\0\0" + zlib.compress(bytes(99)), b"pHYs" + bytes(9)]
    extra += [b"iCCPa\0\0" + zlib.compress(bytes(99)), b"acTL" + bytes(8), b"PLTE" + bytes(9)]
    chunks[1:1] = extra

    def write(folder: Path, parts: dict[str, bytes]) -> None:
        content = b"\x89PNG\r\n\x1a\n"
        for chunk in parts.values():
            content += struct.pack(">I", max(0, len(chunk) - 4)) + chunk
            content += struct.pack(">I", zlib.crc32(chunk))
        place = folder / "test/traj_0_to_0/1"
        write_files(place, files | {"0.png": content})

    parts = {f"{number} {chunk[:4].decode()}": chunk for number, chunk in enumerate(chunks)}
    return Reader(parts, write, _read_unpacked)


def _chunks(png: bytes) -> list[bytes]:
    """Type and data of each chunk."""
    found, offset = [], 8
    while offset < len(png):
        [length] = struct.unpack(">I", png[offset : offset + 4])
        found.append(png[offset + 4 : offset + 8 + length])
        offset += 12 + length
    return found


def npz_reader(scratch: Path, sequence: Sequence) -> Reader:
    return Reader({"one.npz": npz.npz_bytes(sequence)}, write_files, _read_unpacked)


def npy_reader(scratch: Path, sequence: Sequence) -> Reader:
    """The arrays of an archive whose checksums are right."""

    def write(folder: Path, parts: dict[str, bytes]) -> None:
        write_files(folder, {"one.npz": _zipped(parts)})

    arrays = {"frames": sequence.frames, "actions": sequence.actions}
    parts = {f"{name}.npy": _npy(array) for name, array in arrays.items()}
    return Reader(parts, write, _read_unpacked)


def zip_reader(scratch: Path, sequence: Sequence) -> Reader:
    return Reader({"one.zip": _zipped(_members(scratch, sequence))}, write_files, _read_zip)


def zip_member_reader(scratch: Path, sequence: Sequence) -> Reader:
    """Files and names in an archive whose checksums are right."""
    members = _members(scratch, sequence)

    def write(folder: Path, parts: dict[str, bytes]) -> None:
        told = parts["names"].decode("utf-8", "replace").replace("\0", "")
        names = [name or "-" for name in told.split("|")]
        contents = [parts.get(name, b"") for name in members]
        write_files(folder, {"one.zip": _zipped(dict(zip(names, contents, strict=False)))})

    names = {"names": "|".join(f"a/{name}" for name in members).encode()}
    return Reader(members | names, write, _read_zip)


def store_reader(scratch: Path, sequence: Sequence) -> Reader:
    names = tiny_names(2, 1, 1)
    with StoreWriter(scratch / "s", names, length=LENGTH, source="x") as writer:
        for split, listed in names.items():
            for index, name in enumerate(listed):
                if index == 1:
                    writer.leave_out(split, index, f"{name}.npz", "is cut off")
                    continue
                writer.write(split, index, tiny_sequence(name, index, False, LENGTH))
        writer.finish()
    arrays = [f"train/{array}.npy" for array in ("frames", "actions", "positions")]
    others = [str(file.relative_to(scratch / "s")) for file in scratch.rglob("s/*/*.npy")]
    kept = files_of(scratch / "s", *others)

    def write(folder: Path, parts: dict[str, bytes]) -> None:
        write_files(folder, kept | parts)

    def read(folder: Path) -> None:
        store = Store.open(folder)
        for split in map(store.split, store.splits):
            assert set(split[0].name) and split.window(-1, 0, 1).frames.shape[1:] == (64, 64, 3)
            split.motion(0)
        store.checksum(*store.splits)
        with redirect_stdout(io.StringIO()):
            info(folder)
        store.verify()

    return Reader(files_of(scratch / "s", "manifest.json", *arrays), write, read)


def partial_store_reader(scratch: Path, sequence: Sequence) -> Reader:
    plan = {"names": {"test": ["a", "b"]}, "length": LENGTH, "source": "x"}
    with StoreWriter(scratch / "s", **plan) as writer:
        writer.write("test", 0, tiny_sequence("a", 0, False, LENGTH))
    made = scratch / "s.partial"
    arrays = [f"test/{array}.npy" for array in ("frames", "actions", "positions")]

    def write(folder: Path, parts: dict[str, bytes]) -> None:
        write_files(folder / "s.partial", files_of(made, *arrays) | parts)

    def read(folder: Path) -> None:
        with StoreWriter(folder / "s", **plan) as writer:
            writer.pending("test")

    return Reader(files_of(made, "plan.json", "test/done.jsonl", "test/frames.npy"), write, read)


def bundle_reader(scratch: Path, sequence: Sequence) -> Reader:
    with StoreWriter(
        scratch / "s", {"test": ["a"]}, length=LENGTH, source="x", labelled=frozenset({"test"})
    ) as writer:
        writer.write("test", 0, tiny_sequence("a", 0, True, LENGTH))
        writer.finish()
    write_bundle(Store.open(scratch / "s").split("test"), 1, scratch / "b")

    def write(folder: Path, parts: dict[str, bytes]) -> None:
        files = {"a.webp": parts["a.webp"], "a.npz": _zipped(_without(parts, "a.webp"))}
        manifest = parts["manifest.json"]
        for name, content in files.items():
            digest = hashlib.sha256((scratch / "b" / name).read_bytes()).hexdigest()
            manifest = manifest.replace(
                digest.encode(), hashlib.sha256(content).hexdigest().encode()
            )
        write_files(folder, {**files, "manifest.json": manifest})

    def read(folder: Path) -> None:
        bundle = open_test_sequences(folder)
        for name in bundle.names[:2]:
            bundle.by_name(name)
            bundle.motion(0)
        with redirect_stdout(io.StringIO()):
            info(folder) if isinstance(bundle, Bundle) else None

    with zipfile.ZipFile(scratch / "b/a.npz") as archive:
        arrays = {name: archive.read(name) for name in archive.namelist()}
    return Reader(files_of(scratch / "b", "manifest.json", "a.webp") | arrays, write, read)


def _without(parts: dict[str, bytes], *names: str) -> dict[str, bytes]:
    return {n: content for n, content in parts.items() if n.endswith(".npy") and n not in names}


def _members(scratch: Path, sequence: Sequence) -> dict[str, bytes]:
    png_tree.write_sequence(scratch / "one", sequence)
    return {file.name: file.read_bytes() for file in sorted((scratch / "one").iterdir())}


def _zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def _read_unpacked(folder: Path) -> None:
    """As evaluation and the app read data that are not packed, and `prepare` what it packs."""
    source = open_test_sequences(folder)
    for index in range(min(2, len(source))):
        _check(source[index])


def _read_zip(folder: Path) -> None:
    file = folder / "one.zip"
    _check(zip_tree.parse_sequence(file.read_bytes(), file, NAME, None))


def _check(sequence: Sequence) -> None:
    """Raises AssertionError unless it is a valid one."""
    count = len(sequence)
    assert sequence.frames.dtype == np.uint8 and sequence.frames.shape == (count, 64, 64, 3)
    assert sequence.actions.dtype == np.float32 and sequence.actions.shape == (count, 4)
    assert np.isfinite(sequence.actions).all()
    if sequence.positions is not None:
        assert sequence.positions.shape == (count, 3) and np.isfinite(sequence.positions).all()
    json.dumps(sequence.name, ensure_ascii=False).encode()
