"""The Own data page's logic, without a browser: uploads good and bad, the example, two visitors."""

import io
import shlex
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cvae.__main__ import main
from cvae.data.npz import npz_bytes
from cvae.data.png_tree import write_sequence
from cvae.inference.predictor import Predictor
from demo.uploads import EXAMPLE, example
from tests.demo.going import go
from tests.demo.shown import OpenPage, drawn, player, said, sheet, warnings
from tests.tiny_data import tiny_sequence

SEQUENCE = replace(tiny_sequence("mine", 3, labelled=False, length=14), positions=None)


@pytest.fixture
def open_page(open_view, store: Path, tiny_checkpoints: Path) -> OpenPage:
    """Opens the page as a new visitor."""
    return lambda **query: open_view("own_data", store, tiny_checkpoints, **query)


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def upload(page: AppTest, file: str, content: bytes) -> AppTest:
    page.file_uploader[0].upload(file, content)
    return checked(page.run())


def shows_player(page: AppTest) -> bool:
    return bool(drawn(page, "frame_player"))


def shown_frames(page: AppTest) -> np.ndarray:
    """uint8 (rows, T, H, W, 3): truth, then the models."""
    return sheet(player(page))


def test_before_an_upload_the_page_says_what_to_do(open_page):
    page = open_page()
    assert not shows_player(page)
    assert "Upload one sequence" in said(page) and "uint8 (T, 64, 64, 3)" in said(page)
    assert [button.label for button in page.get("download_button")] == ["Download it (NPZ)"]


def test_an_npz_without_positions_is_predicted(open_page, tiny_checkpoints):
    page = upload(open_page(), "mine.npz", npz_bytes(SEQUENCE))
    assert player(page)["sequence"] == "mine"
    frames = shown_frames(page)
    np.testing.assert_array_equal(frames[0], SEQUENCE.frames[:12])
    for row, name in enumerate(("fixed", "learned"), 1):
        predictor = Predictor.load(tiny_checkpoints / name, "cpu")
        [prediction] = predictor.predict([SEQUENCE], seed=0)
        assert prediction.states == "read"
        np.testing.assert_array_equal(frames[row, 2:], prediction.frames[0])
    assert "Your data: mine, 14 frames" in said(page).replace("**", "")
    assert "no positions" in said(page) and "simulated." not in said(page)
    assert [button.label for button in page.get("download_button")][1:3] == [
        "GIF",
        "WebP, lossless",
    ]


def test_a_zip_of_pngs_shows_the_same_as_the_npz(open_page, tmp_path):
    sequence = tiny_sequence("mine", 3, labelled=False, length=14)
    write_sequence(tmp_path / "7", sequence)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for file in (tmp_path / "7").iterdir():
            archive.write(file, f"7/{file.name}")
    from_zip = upload(open_page(), "mine.zip", stream.getvalue())
    assert "told the positions of the file" in said(from_zip)
    from_npz = upload(open_page(), "mine.npz", npz_bytes(sequence))
    np.testing.assert_array_equal(shown_frames(from_zip), shown_frames(from_npz))


def test_seed_and_states_change_the_predictions(open_page):
    page = upload(open_page(), "mine.npz", npz_bytes(tiny_sequence("mine", 3, length=14)))
    before = shown_frames(page)
    checked(page.number_input(key="seed").set_value(7).run())
    seeded = shown_frames(page)
    assert (seeded[1, 2:] != before[1, 2:]).any()
    checked(page.segmented_control(key="states").set_value("rolled out").run())
    assert (shown_frames(page)[1, 3:] != seeded[1, 3:]).any()
    assert "rolled out from the actions" in said(page)


def commands(page: AppTest) -> list[str]:
    return [code.value for code in page.code if "cvae predict" in code.value]


def test_the_example_is_shown_by_a_press_and_labelled_simulated(open_page):
    page = open_page()
    checked(page.toggle(key="example").set_value(True).run())
    assert player(page)["sequence"] == "example"
    assert "simulated**, no robot moved" in said(page) and "Your data" not in said(page)
    again = upload(open_page(), EXAMPLE, example())
    assert "simulated**, no robot moved" in said(again), "also when it is uploaded"
    np.testing.assert_array_equal(shown_frames(again), shown_frames(page))


def test_a_link_shows_the_example(open_page):
    page = open_page(example="true", seed="3", frame="7")
    assert player(page)["sequence"] == "example" and page.number_input(key="seed").value == 3
    assert page.query_params["frame"] == "7"
    assert not page.warning
    assert not shows_player(open_page(example="false"))


def test_a_link_to_an_example_that_is_not_there_is_told_once(open_page):
    page = open_page(example="../<b>x</b>", seed="-5")
    assert "give true or false. Shown: no example" in warnings(page)
    assert len(page.warning) == 1 and not shows_player(page)


def test_upload_and_example_make_room_for_each_other(open_page):
    page = upload(open_page(example="true"), "mine.npz", npz_bytes(SEQUENCE))
    assert player(page)["sequence"] == "mine" and not page.toggle(key="example").value
    checked(page.toggle(key="example").set_value(True).run())
    assert player(page)["sequence"] == "example" and "Your data" not in said(page)
    checked(page.toggle(key="example").set_value(False).run())
    assert player(page)["sequence"] == "mine"
    page = upload(page, "bad.npz", b"hello")
    assert not shows_player(page) and "bad.npz is no NPZ file" in said(page)
    checked(page.toggle(key="example").set_value(True).run())
    assert player(page)["sequence"] == "example"


def test_the_command_makes_the_same_again_from_the_file_that_is_offered(
    open_page, tmp_path, monkeypatch, capsys
):
    page = open_page(example="true", seed="3", models="fixed")
    [command] = commands(page)
    assert "--data example.npz --sequence example" in command and "--seed 3" in command
    assert "put example.npz there, which is offered above" in said(page)
    monkeypatch.chdir(tmp_path)
    Path(EXAMPLE).write_bytes(example())
    assert main(shlex.split(command)[3:]) == 0
    truth, imagined = shown_frames(page)[:, 2:].astype(float)
    psnr = 10 * np.log10(255**2 / ((truth - imagined) ** 2).mean((1, 2, 3)))
    assert f"{psnr.mean():6.2f}" in capsys.readouterr().out


def test_the_command_takes_an_upload_as_the_zip_has_it(open_page):
    page = upload(open_page(), "My own.npz", npz_bytes(SEQUENCE))
    [command] = commands(page)
    assert "--data My-own.npz --sequence My-own" in command
    assert "put My-own.npz there, which lies in the ZIP" in said(page)
    renamed = upload(open_page(), "renamed.npz", example())
    assert "put renamed.npz there, which lies in the ZIP" in said(renamed)


@pytest.mark.parametrize(
    ("file", "content", "wrong"),
    [
        ("bad.npz", b"hello", "bad.npz is no NPZ file"),
        ("bad.npz", b"", "bad.npz is empty"),
        ("bad.zip", b"PK\x05\x06", "bad.zip is no ZIP archive"),
        ("two.npz", npz_bytes(SEQUENCE.window(0, 2)), "two.npz has 2 frames"),
        ("<b>x</b>.npz", b"hello", "b>.npz is no NPZ file"),
    ],
)
def test_a_bad_file_is_told_in_place_and_a_good_one_helps(open_page, file, content, wrong):
    page = upload(open_page(), "mine.npz", npz_bytes(SEQUENCE))
    page = upload(page, file, content)
    assert wrong in said(page) and "Expected is an NPZ" in said(page)
    assert not shows_player(page), "the earlier sequence is not shown as if it were this one"
    page = upload(page, "mine.npz", npz_bytes(SEQUENCE))
    assert not page.error or "Expected is" not in said(page)
    assert player(page)["sequence"] == "mine"


def test_what_was_wrong_with_a_file_is_said_beside_that_file_alone(open_page):
    page = upload(open_page(), "bad.npz", b"hello")
    checked(page.toggle(key="example").set_value(True).run())
    assert "bad.npz" not in said(page), "the example stands there"
    checked(page.toggle(key="example").set_value(False).run())
    assert "bad.npz is no NPZ file" in said(page), "its file is still in the field"
    go(go(page, "training"), "own_data")
    assert "bad.npz" not in said(page), "the field is empty"


def test_an_upload_that_is_come_back_to_is_named_and_can_be_removed(open_page):
    page = upload(open_page(), "my_own.npz", npz_bytes(SEQUENCE))
    assert "uploaded before" not in said(page)
    go(go(page, "training"), "own_data")
    assert player(page)["sequence"] == "my_own"
    assert "**my_own**, uploaded before, is still there." in said(page)
    checked(page.button(key="own_gone").click().run())
    assert not shows_player(page) and "uploaded before" not in said(page)
    go(go(page, "training"), "own_data")
    assert not shows_player(page)


def test_another_sequence_does_not_open_where_the_link_to_the_last_one_did(open_page):
    page = open_page(example="true", frame="7")
    assert player(page)["start"] == 7
    page = upload(page, "mine.npz", npz_bytes(SEQUENCE))
    assert player(page)["start"] is None and "frame" not in page.query_params


def test_three_frames_are_enough(open_page):
    page = upload(open_page(), "short.npz", npz_bytes(SEQUENCE.window(0, 3)))
    assert player(page)["frames"] == 3


def test_what_one_visitor_uploads_another_does_not_see(open_page):
    mine = upload(open_page(), "mine.npz", npz_bytes(SEQUENCE))
    theirs = open_page()
    assert not shows_player(theirs) and "mine" not in said(theirs)
    other = tiny_sequence("mine", 8, labelled=False, length=14)
    theirs = upload(theirs, "mine.npz", npz_bytes(other))
    np.testing.assert_array_equal(shown_frames(theirs)[0], other.frames[:12])
    checked(mine.run())
    np.testing.assert_array_equal(shown_frames(mine)[0], SEQUENCE.frames[:12])
    assert (shown_frames(theirs)[1, 2:] != shown_frames(mine)[1, 2:]).any()


def test_a_link_with_nonsense_is_told(open_page):
    page = open_page(seed="-5")
    checked(page.toggle(key="example").set_value(True).run())
    assert "seed" in warnings(page)
    assert player(page)["sequence"] == "example"
