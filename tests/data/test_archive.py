import io
import os
import tarfile
from pathlib import Path

import pytest

from cvae.data.archive import unpack, unpacked_so_far
from cvae.errors import InputError
from tests.data.same import contents

FILES = {f"set/train/{i}.bin": bytes([i]) * (i * 10_000) for i in range(1, 6)}


def pack(archive: Path, *members: tarfile.TarInfo) -> Path:
    """A tar file of FILES, with `members` (without content) at its end."""
    with tarfile.open(archive, "w") as tar:
        for name, content in FILES.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), 1_500_000_000
            tar.addfile(member, io.BytesIO(content))
        for member in members:
            tar.addfile(member)
    return archive


def refusal(archive: Path) -> str:
    with pytest.raises(InputError) as refused:
        unpack(archive, archive.parent / "out")
    assert not (archive.parent / "out").exists()
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_unpacks(tmp_path: Path) -> None:
    unpack(pack(tmp_path / "a.tar"), tmp_path / "out")
    assert contents(tmp_path / "out") == FILES
    assert sorted(os.listdir(tmp_path)) == ["a.tar", "out"]


def test_goes_on_with_the_file_it_was_at(tmp_path: Path) -> None:
    archive = pack(tmp_path / "a.tar")
    whole = archive.read_bytes()
    archive.write_bytes(whole[:50_000])  # ends in the third file
    refusal(archive)
    partial = tmp_path / "out.partial"
    assert FILES["set/train/1.bin"] == contents(partial)["set/train/1.bin"]
    assert unpacked_so_far(tmp_path / "out") >= 30_000
    first = (partial / "set/train/1.bin").stat().st_ino
    archive.write_bytes(whole)
    unpack(archive, tmp_path / "out")
    assert contents(tmp_path / "out") == FILES
    assert (tmp_path / "out/set/train/1.bin").stat().st_ino == first  # not written again


@pytest.mark.parametrize(
    "damage",
    {
        "words": lambda whole: b"<html>moved</html>",
        "nothing": lambda whole: b"",
        "cut off in a file": lambda whole: whole[:50_000],
        "cut off between files": lambda whole: whole[: 512 + 10_240],
        "a byte of a header flipped": lambda whole: whole.replace(b"set/train/3", b"set/train/4"),
        "compressed": lambda whole: b"\x1f\x8b\x08" + whole,
    }.items(),
    ids=lambda item: item[0],
)
def test_damage_is_told(tmp_path: Path, damage: tuple) -> None:
    archive = pack(tmp_path / "a.tar")
    archive.write_bytes(damage[1](archive.read_bytes()))
    assert "is no tar file, or is damaged" in refusal(archive)


def special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


@pytest.mark.parametrize(
    "member",
    [
        special("../evil", tarfile.REGTYPE),
        special("set/../../evil", tarfile.REGTYPE),
        special("link", tarfile.SYMTYPE, "/etc/passwd"),
        special("link", tarfile.SYMTYPE, "../outside"),
        special("link", tarfile.LNKTYPE, "../outside"),
        special("pipe", tarfile.FIFOTYPE),
        special("device", tarfile.CHRTYPE),
    ],
    ids=lambda member: f"{member.name}-{member.linkname}",
)
def test_nothing_lands_outside(tmp_path: Path, member: tarfile.TarInfo) -> None:
    (tmp_path / "outside").write_text("mine")
    box = tmp_path / "box"
    box.mkdir()
    assert "is not unpacked" in refusal(pack(box / "a.tar", member))
    assert sorted(os.listdir(tmp_path)) == ["box", "outside"]
    assert sorted(os.listdir(box)) == ["a.tar", "out.partial"]


def test_no_room_to_unpack_into(tmp_path: Path) -> None:
    archive = pack(tmp_path / "a.tar")
    (tmp_path / "out.partial").write_text("in the way")
    assert "can't be unpacked into" in refusal(archive)
