"""The library as a notebook uses it; the documented example is read from docs/notebook.md."""

import ast
import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cvae
from cvae import bundled
from cvae.errors import InputError
from cvae.evaluation.future import Future

GUIDE = bundled.PROJECT / "docs" / "notebook.md"
SHAPE = re.compile(r"^(\S+)  # [^(]*(\([\d, ]+\))", re.MULTILINE)


@pytest.fixture(autouse=True)
def models(tiny_checkpoints: Path, monkeypatch) -> None:
    """Tiny models in place of the bundled ones."""
    monkeypatch.setattr(bundled, "CHECKPOINTS", tiny_checkpoints)


@pytest.fixture(scope="module")
def future(tiny_checkpoints: Path) -> Future:
    push = cvae.load_sequences()["push"]
    return cvae.load_model(tiny_checkpoints / "learned").predict(push, samples=3, seed=4, horizon=5)


def cells_of(page: str) -> list[str]:
    """The Python of a page, block by block."""
    return re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


def run_cell(code: str, names: dict) -> object:
    """Run a cell as a notebook does; returns the value of its last line."""
    cell = ast.parse(code)
    last = cell.body.pop() if isinstance(cell.body[-1], ast.Expr) else None
    exec(compile(cell, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None


def test_the_documented_example_runs_and_its_shapes_are_true(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    guide = GUIDE.read_text(encoding="utf-8")
    names, shown = {}, []
    for code in cells_of(guide):
        shown.append(run_cell(code, names))
        for expression, shape in SHAPE.findall(code):
            assert eval(expression, names).shape == ast.literal_eval(shape), expression
    assert len(SHAPE.findall(guide)) == 4
    moving = [value for value in shown if isinstance(value, Future)]
    assert "data:image/gif;base64," in moving[0]._repr_html_()
    strips = [value for value in shown if hasattr(value, "_repr_png_")]
    assert len(strips) == 3
    for strip in strips:
        assert Image.open(io.BytesIO(strip._repr_png_())).width > 12 * 128
    with Image.open("push.gif") as gif:
        assert gif.n_frames == 12
    assert not np.array_equal(names["other_way"].frames, names["learned"].frames)


def test_importing_the_library_does_not_load_pytorch() -> None:
    program = "import sys, cvae; assert 'torch' not in sys.modules; cvae.load_sequences"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=bundled.PROJECT)
    with pytest.raises(AttributeError, match="load_modle"):
        cvae.load_modle  # noqa: B018


def test_a_model_is_found_by_name_and_by_folder(tiny_checkpoints) -> None:
    by_name, by_folder = cvae.load_model("fixed"), cvae.load_model(tiny_checkpoints / "fixed")
    assert by_name.name == by_folder.name == "fixed"
    assert "fixed prior, 2 given frames" in repr(by_name)
    with pytest.raises(InputError, match=r"no model 'fixd'.*fixed, learned"):
        cvae.load_model("fixd")


def test_a_sequence_is_found_by_title_name_and_number(store) -> None:
    sequences = cvae.load_sequences()
    name = sequences.titles["push"]
    number = sequences.names.index(name)
    found = [sequences[wanted] for wanted in ("push", name, number, number - len(sequences))]
    assert {sequence.name for sequence in found} == {name}
    assert "push" in sequences and name in sequences and "pull" not in sequences
    assert [sequence.name for sequence in sequences] == sequences.names
    assert "push" in repr(sequences)
    trained_on = cvae.load_sequences(store, split="train")
    assert len(trained_on) == 8 and trained_on[0].name == "tiny-train-0000"


def test_a_contact_sheet_shows_what_sequences_there_are(store) -> None:
    few, many = cvae.load_sequences(store), cvae.load_sequences()
    heights = [Image.open(io.BytesIO(s._repr_png_())).height for s in (few, many)]
    assert heights[0] < heights[1]


def test_metrics_are_those_of_the_frames(future) -> None:
    assert future.frames.shape == (3, 5, 64, 64, 3) and future.frames.dtype == np.uint8
    assert np.array_equal(future.truth, cvae.load_sequences()["push"].frames[2:7])
    error = (future.frames.astype(float) - future.truth) / 255
    assert future.psnr == pytest.approx(-10 * np.log10((error**2).mean((-3, -2, -1))), abs=1e-3)
    assert future.ssim.shape == (3, 5) and (future.ssim < 1).all()


def test_best_and_worst_are_samples_of_the_future(future) -> None:
    means = future.psnr.mean(1)
    assert future.best.psnr.mean() == means.max() > future.worst.psnr.mean() == means.min()
    best = int(means.argmax())
    assert np.array_equal(future.best.frames, future.frames[best : best + 1])
    assert np.array_equal(future.best.frames, future[best - 3].frames)
    assert f"learned, sample {best}" in future.best.strip().alt
    assert len(future) == 3 and len(future.best) == 1


def test_a_seed_means_the_same_future_again(future) -> None:
    model, push = cvae.load_model("learned"), cvae.load_sequences()["push"]
    one = model.predict(push, seed=4, horizon=5)
    assert np.abs(one.frames.astype(int) - future[0].frames).max() <= 1
    assert not np.array_equal(model.predict(push, seed=5, horizon=5).frames, one.frames)


def test_what_can_not_be_had_is_told(future) -> None:
    model, sequences = cvae.load_model("learned"), cvae.load_sequences()
    with pytest.raises(InputError, match="at most 28"):
        model.predict(sequences["push"], horizon=29)
    with pytest.raises(InputError, match=r"no sequence 'pull'.*push"):
        sequences["pull"]
    with pytest.raises(InputError, match=r"no number 48.*0 to 47"):
        sequences[48]
    with pytest.raises(IndexError):
        future[3]
    with pytest.raises(InputError, match="not of the same frames"):
        future.strip(model.predict(sequences["carry"], horizon=5))


def test_a_picture_is_saved_whole_and_tells_what_it_shows(future, tmp_path) -> None:
    strip = future.strip()
    strip.save(tmp_path / "new" / "strip.png")
    assert (tmp_path / "new" / "strip.png").read_bytes() == strip._repr_png_()
    assert future.gif()._repr_png_() is None
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="can't be written"):
        strip.save(tmp_path / "file" / "strip.png")


def test_a_name_can_not_break_the_page(future) -> None:
    name = 'a"><script>alert(1)</script>'
    one = future[0]
    prediction = replace(one.prediction, sequence=name)
    odd = replace(one, prediction=prediction, sequence=replace(one.sequence, name=name))
    assert "<script>" not in odd._repr_html_()
    assert "&lt;script&gt;" in odd._repr_html_()
