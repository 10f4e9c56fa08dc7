"""Exported files open and hold the frames and numbers that the page shows."""

import io
import shlex
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cvae.__main__ import main
from cvae.data.npz import parse_sequence
from cvae.data.sequence import FRAME_SIZE
from cvae.evaluation import clips
from cvae.evaluation.figures import BORDER, GAP, HEAD
from cvae.model.weights import WEIGHTS, weights_checksum
from demo.appearance import looks
from demo.comparison import Comparison, compare
from demo.export_files import VIDEO_SCALE, Export
from demo.loading import Model, Setup, stamp_of_model
from tests.demo.compare.page import change_weights
from tests.lacking import lacking
from tests.moving_picture import SIDE, panes
from tests.tiny_data import tiny_sequence


@pytest.fixture(scope="module")
def comparison(tiny_checkpoints: Path) -> Comparison:
    """Two models, three samples each."""
    models = [
        Model(
            name,
            tiny_checkpoints / name,
            name,
            n_past=2,
            conditioned=True,
            stamp=stamp_of_model(tiny_checkpoints / name),
        )
        for name in ("fixed", "learned")
    ]
    sequence = tiny_sequence("mine", 9, labelled=False, length=12)
    return compare(models, looks(models), sequence, Setup(seed=4, samples=3))


@pytest.fixture(scope="module")
def export(comparison: Comparison) -> Export:
    return Export(comparison, [2, 0], "the user's own recording", None)


def expected_panes(comparison: Comparison, t: int) -> list[np.ndarray]:
    fixed, learned = comparison.imagined
    return [comparison.truth.frames[t], fixed.frames[2, t], learned.frames[0, t]]


def test_what_was_compared_is_not_measured_again(comparison, tiny_checkpoints):
    models = [one.model for one in comparison.imagined]
    again = compare(models, looks(models), comparison.truth, comparison.setup)
    assert again is comparison
    other = compare(models, looks(models), comparison.truth, replace(comparison.setup, seed=5))
    assert not np.array_equal(other.imagined[0].frames, comparison.imagined[0].frames)


def test_the_webp_holds_the_frames_to_the_bit(export, comparison):
    with Image.open(io.BytesIO(export.webp())) as webp:
        assert webp.n_frames == 12 and webp.info["loop"] == 0
        for t in range(12):
            webp.seek(t)
            shown = panes(np.asarray(webp.convert("RGB")))
            for pane, frame in zip(shown, expected_panes(comparison, t), strict=True):
                np.testing.assert_array_equal(pane, frame)


def test_the_gif_holds_the_frames_in_256_colours(export, comparison):
    with Image.open(io.BytesIO(export.gif())) as gif:
        assert gif.n_frames == 12 and gif.info["loop"] == 0
        for t in range(12):
            gif.seek(t)
            shown = panes(np.asarray(gif.convert("RGB")).astype(int))
            for pane, frame in zip(shown, expected_panes(comparison, t), strict=True):
                assert np.abs(pane - frame).mean() < 6


def test_labels_stand_above_the_frames(export):
    with Image.open(io.BytesIO(export.webp())) as webp:
        webp.seek(5)
        head = np.asarray(webp.convert("RGB"))[:HEAD]
    starts = [GAP + number * (SIDE + 2 * BORDER + GAP) for number in range(3)]
    for start, colour in zip(starts, ("#1f2328", "#0072B2", "#E69F00"), strict=True):
        rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        assert (head[:, start : start + SIDE] == rgb).all(-1).any()


def test_the_strip_shows_truth_and_the_chosen_samples(export, comparison):
    pixels = np.asarray(Image.open(io.BytesIO(export.strip())))
    # The last column: its frames, doubled, lie at its right margin.
    left = pixels.shape[1] - 2 * GAP - BORDER - 128
    column = pixels[:, left : left + 128]
    for frame in expected_panes(comparison, 11):
        large = frame.repeat(2, axis=0).repeat(2, axis=1)
        places = range(len(column) - 128)
        assert any((column[top : top + 128] == large).all() for top in places)


def test_the_table_holds_every_sample_and_the_reference(export, comparison):
    table = pd.read_csv(io.BytesIO(export.table()))
    assert list(table.columns) == ["model", "sample", "frame", "psnr", "psnr_lab", "ssim"]
    assert len(table) == (2 * 3 + 1) * 10
    for one in comparison.imagined:
        for sample in range(3):
            rows = table[(table["model"] == one.model.name) & (table["sample"] == sample + 1)]
            assert list(rows["frame"]) == list(range(2, 12))
            np.testing.assert_allclose(rows["psnr"], one.psnr[sample], atol=1e-5)
            np.testing.assert_allclose(rows["ssim"], one.measured["ssim"][sample], atol=1e-5)
            assert (rows["psnr_lab"] > rows["psnr"]).all(), "Jensen: the channels differ"
    copied = table[table["model"] == "copy last frame"]
    np.testing.assert_allclose(copied["psnr"], comparison.copy_last["psnr"][0], atol=1e-5)


def test_the_archive_says_how_it_was_made_and_makes_it_again(export, comparison, tmp_path, capsys):
    with zipfile.ZipFile(io.BytesIO(export.archive())) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    names = {file.name for file in tmp_path.iterdir()}
    stem = "mine_fixed-learned_seed4_3-samples"
    kinds = ["gif", "webp", "html", "png", "csv"] + ["mp4"] * clips.can_write_mp4()
    assert names == {f"{stem}.{kind}" for kind in kinds} | {
        f"{stem}_all-samples.png",
        "mine.npz",
        "README.txt",
    }
    assert (tmp_path / f"{stem}.webp").read_bytes() == export.webp()
    sequence = parse_sequence((tmp_path / "mine.npz").read_bytes(), Path("mine"), "mine", None)
    np.testing.assert_array_equal(sequence.frames, comparison.truth.frames)

    readme = (tmp_path / "README.txt").read_text()
    for said in (
        "seed 4, 3 samples",
        "the user's own recording",
        "positions given",
        "torch 2",
        "CPU",
    ):
        assert said in readme
    [command] = [line.strip() for line in readme.splitlines() if line.startswith("  python -m")]
    words = shlex.split(command)
    words[words.index("mine.npz")] = str(tmp_path / "mine.npz")
    words[words.index("prediction")] = str(tmp_path / "again")
    assert words[:3] == ["python", "-m", "cvae"] and main(words[3:]) == 0
    assert f"{comparison.imagined[1].psnr[2].mean():6.2f}" in capsys.readouterr().out


def test_without_an_encoder_there_is_no_mp4(export, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clips, "MP4_NEEDS", "no_such_encoder")
    assert ".mp4" not in export.readme()
    with zipfile.ZipFile(io.BytesIO(export.archive())) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".mp4")]


def test_the_mp4_holds_the_frames_as_its_encoder_smooths_them(export, comparison):
    if not clips.can_write_mp4():
        lacking("no encoder of MP4 found: pip install av")
    video = imageio.imread(export.mp4(), plugin="pyav", extension=".mp4")
    assert len(video) == 12 + 3, "the last one is held"
    assert video.shape[1] % 2 == video.shape[2] % 2 == 0
    (tall, wide), large = video.shape[1:3], VIDEO_SCALE * FRAME_SIZE
    for t in (0, 11):
        frames = expected_panes(comparison, t)
        lefts = [GAP + BORDER + n * (large + 2 * BORDER + GAP) for n in range(len(frames))]
        assert wide == lefts[-1] + large + BORDER + GAP and tall > large
        for left, frame in zip(lefts, frames, strict=True):
            pane = video[t, HEAD + BORDER :, left:][:large, :large].astype(float)
            shrunk = pane.reshape(FRAME_SIZE, VIDEO_SCALE, FRAME_SIZE, VIDEO_SCALE, 3).mean((1, 3))
            assert np.abs(shrunk - frame).mean() < 10


def test_names_of_files_are_harmless(comparison):
    truth = replace(comparison.truth, name="../../a b/ü:1")
    other = Export(replace(comparison, truth=truth), [0, 0], "simulated", Path("data"))
    assert other.stem == "..-..-a-b-ü-1_fixed-learned_seed4_3-samples"


def test_weights_that_were_replaced_or_are_gone_get_no_checksum(comparison, tmp_path):
    kept = comparison.imagined[0].model
    folder = shutil.copytree(kept.path, tmp_path / "fixed")
    loaded = replace(kept, path=folder, stamp=stamp_of_model(folder))
    one = replace(comparison.imagined[0], model=loaded)
    export = Export(replace(comparison, imagined=[one]), [0], "simulated", Path("data"))
    digest = weights_checksum(folder)[:16]
    assert f"sha256 of its weights {digest}" in export.readme()
    change_weights(folder)
    assert "files were replaced since" in export.readme() and "sha256" not in export.readme()
    (folder / WEIGHTS).unlink()
    assert "weights are gone since" in export.readme() and "sha256" not in export.readme()
    shutil.rmtree(folder)
    assert "weights are gone since" in export.readme()
