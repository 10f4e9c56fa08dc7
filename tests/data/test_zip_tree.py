"""ZIP archives of one sequence: whole ones, damaged ones, and those made to do harm."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cvae.data.damage import DamagedSequence
from cvae.data.png_tree import write_sequence
from cvae.data.sequence import Sequence
from cvae.data.zip_tree import parse_sequence
from tests.data.same import assert_same
from tests.memory_limit import read_within
from tests.tiny_data import tiny_sequence

SEQUENCE = tiny_sequence("mine", 5, labelled=False, length=4)
FILE = Path("mine.zip")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, bytes]:
    """The files of SEQUENCE by their names in its folder."""
    write_sequence(tmp_path / "1", SEQUENCE)
    return {file.name: file.read_bytes() for file in (tmp_path / "1").iterdir()}


def archive(files: dict[str, bytes], folder: str = "") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as writer:
        for name, content in files.items():
            writer.writestr(folder + name, content)
    return stream.getvalue()


def parse(content: bytes, most: int = 1 << 26) -> Sequence:
    return parse_sequence(content, FILE, "mine", None, most)


def picture(width: int, height: int) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (width, height)).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("folder", ["", "./", "traj_0_to_255/7/"])
def test_reads_the_files_or_the_folder_that_holds_them(files, folder: str) -> None:
    assert_same(parse(archive(files, folder)), SEQUENCE)


def test_what_a_mac_adds_is_not_looked_at(files) -> None:
    more = {f"__MACOSX/1/._{name}": b"" for name in files} | {"__MACOSX/1/0.png": b""}
    inside = {f"1/{name}": content for name, content in files.items()} | {"1/.DS_Store": b"x"}
    assert_same(parse(archive(inside | more)), SEQUENCE)


def test_positions_may_be_absent(files) -> None:
    del files["endeffector_positions.csv"]
    assert parse(archive(files)).positions is None


def without(name: str) -> Callable[[dict], dict]:
    return lambda files: {key: content for key, content in files.items() if key != name}


def having(name: str, content: bytes) -> Callable[[dict], dict]:
    return lambda files: files | {name: content}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("2.png"), r"mine.zip/2.png is missing"),
        (without("actions.csv"), r"mine.zip/actions.csv is missing"),
        (having("0.png", b"GIF89a"), r"0.png can't be read as a picture"),
        (having("0.png", picture(9000, 9000)), r"0.png is 9000 x 9000 pixels, not 64 x 64"),
        (having("0.png", picture(20000, 20000)), r"0.png is far larger than 64 x 64 pixels"),
        (having("999999.png", b""), r"mine.zip/4.png is missing"),
        (having("actions.csv", b"0,0,0,nan\n" * 4), r"actions.csv has 'nan' in row 1"),
        (having("actions.csv", b"0,0,0,0\n" * 9), r"actions.csv has 9 rows, not 4"),
        (having("actions.csv", b"0," * 9**6), r"has 1,062,882 bytes, far more than 4 rows"),
        (having("other/0.png", b""), r"mine.zip holds 2 sequences, not one"),
        (lambda files: {"a.txt": b""}, r"mine.zip holds no sequence .0.png, 1.png and so on with"),
        (having("../0.png", b""), r"would land outside of its folder .'../0.png'"),
        (having("/etc/0.png", b""), r"would land outside of its folder"),
        (having("a\\..\\..\\0.png", b""), r"would land outside of its folder"),
        (having("C:/0.png", b""), r"would land outside of its folder"),
        (lambda files: {f"{t}.png": b"" for t in range(5000)}, r"holds more than 4096 files"),
    ],
)
def test_names_file_and_damage(files, change, said: str) -> None:
    with pytest.raises(DamagedSequence, match=said):
        parse(archive(change(files)))


@pytest.mark.parametrize("content", [b"", b"a page of text", b"PK\x05\x06 and no more"])
def test_says_what_is_no_archive(content: bytes) -> None:
    with pytest.raises(DamagedSequence, match=r"mine.zip is no ZIP archive, cut off or damaged"):
        parse(content)


def test_a_cut_off_archive_is_refused(files) -> None:
    content = archive(files)
    with pytest.raises(DamagedSequence, match=r"is no ZIP archive, cut off or damaged"):
        parse(content[: len(content) // 2])


def test_a_flipped_byte_is_refused_or_harms_nothing(files) -> None:
    content = bytearray(archive(files))
    offsets, refused = range(0, len(content), 5), 0
    for offset in offsets:
        content[offset] ^= 0x10
        try:
            # Times in the archive have no checksum, and no meaning here.
            assert_same(parse(bytes(content)), SEQUENCE)
        except DamagedSequence:
            refused += 1
        content[offset] ^= 0x10
    assert refused > len(offsets) / 2


def test_an_encrypted_archive_is_refused(files) -> None:
    content = bytearray(archive(files))
    for begins, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(begins) + flags] |= 1  # the first file, where it lies and is listed
    with pytest.raises(DamagedSequence, match=r"is no ZIP archive, cut off or damaged"):
        parse(bytes(content))


def test_two_files_of_one_name_are_refused(files) -> None:
    content = archive(files | {"0.pnG": b""}).replace(b"0.pnG", b"0.png")
    with pytest.raises(DamagedSequence, match=r"holds two files of one name"):
        parse(content)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_only_as_a_whole_is_refused(files, method: int) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as writer:
        for name, content in files.items():
            writer.writestr(name, content)
    with pytest.raises(DamagedSequence, match=r"is no ZIP archive"):
        parse(stream.getvalue())


def test_a_declared_bomb_is_not_unpacked(files) -> None:
    with pytest.raises(DamagedSequence, match=r"unpacks to 10\d MB, more than the 67 MB allowed"):
        parse(archive(files | {"more": bytes(10**8)}))


def said_of(form: str, content: bytes, folder: Path) -> str:
    """What a process of its own says of it that may take 60 MiB."""
    (folder / "bomb").write_bytes(content)
    read = "parse_sequence(path.read_bytes(), Path('mine'), 'mine', None, 1 << 26)"
    return read_within(60, f"from cvae.data.{form} import parse_sequence", read, folder / "bomb")


def test_a_bomb_that_declares_little_takes_little_memory(files, tmp_path: Path) -> None:
    size = 1 << 27
    content = archive(files | {"4.png": bytes(size)}).replace(
        struct.pack("<I", size), struct.pack("<I", 1000)
    )
    assert len(content) < 1 << 20
    said = said_of("zip_tree", content, tmp_path)
    assert said.startswith("refused: ") and "is no ZIP archive, cut off or damaged" in said


def test_an_array_that_claims_to_be_huge_takes_little_memory(tmp_path: Path) -> None:
    header = io.BytesIO()
    claimed = {"descr": "|u1", "fortran_order": False, "shape": (10**6, 64, 64, 3)}
    np.lib.format.write_array_header_1_0(header, claimed)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as writer:
        writer.writestr("frames.npy", header.getvalue() + bytes(1000))
    said = said_of("npz", stream.getvalue(), tmp_path)
    assert said.startswith("refused: ") and "has an array 'frames' that can't be read" in said
