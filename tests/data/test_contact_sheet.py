import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

from cvae.data.contact_sheet import contact_sheet
from cvae.data.store import Store
from tests.command import run_cvae
from tests.tiny_data import tiny_sequence


def sheet(*arguments: object) -> subprocess.CompletedProcess:
    return run_cvae("sheet", *arguments)


def test_shows_first_and_last_frame_of_every_sequence() -> None:
    sequences = [tiny_sequence(f"s{i}", i) for i in range(5)]
    page = np.asarray(contact_sheet(sequences, [s.name for s in sequences]))
    for sequence in sequences:
        for t in (0, 29):
            drawn = sequence.frames[t].repeat(2, axis=0).repeat(2, axis=1)
            assert is_part_of(drawn, page)
    assert not is_part_of(sequences[0].frames[1].repeat(2, 0).repeat(2, 1), page)


def is_part_of(picture: np.ndarray, page: np.ndarray) -> bool:
    height, width = picture.shape[:2]
    corners = np.argwhere((page == picture[0, 0]).all(-1))
    return any(
        np.array_equal(page[y : y + height, x : x + width], picture)
        for y, x in corners
        if y + height <= page.shape[0] and x + width <= page.shape[1]
    )


def test_the_command_writes_a_picture_or_says_why_not(store: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.png"
    done = sheet(store, page, "--count", 3)
    assert done.returncode == 0, done.stderr
    with Image.open(page) as picture:
        assert picture.width > 3 * 5 * 128
    assert sheet(store, page, "--first", 1, "--count", 2).returncode == 0
    test = Store.open(store).split("test")
    expected = contact_sheet([test[1], test[2]], test.names[1:3])
    with Image.open(page) as picture:
        assert np.array_equal(picture, expected)
    too_many = sheet(store, page, "--count", 99)
    assert (too_many.returncode, "has 4 test sequences" in too_many.stderr) == (2, True)
    wrong = sheet(store, tmp_path / "page.gif", "--count", 1)
    assert (wrong.returncode, "ends in neither .png nor .webp" in wrong.stderr) == (2, True)
    assert sheet(store, tmp_path / "new" / "page.webp", "--count", 1).returncode == 0
    with Image.open(tmp_path / "new" / "page.webp") as picture:
        assert picture.format == "WEBP"
    (tmp_path / "file").write_text("in the way")
    refused = sheet(store, tmp_path / "file" / "page.png", "--count", 1)
    assert (refused.returncode, "page.png can't be written (File" in refused.stderr) == (2, True)
