"""`report`: one page that holds everything, and tells what is missing."""

import base64
import io
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from cvae.__main__ import main
from cvae.data.store import Store
from cvae.evaluation.palette import look
from cvae.evaluation.report.chart import Line, line_chart
from cvae.evaluation.rows import ONE_SAMPLE
from cvae.evaluation.scores import load_evaluations

NAMES = ("tiny-test-0002", "tiny-test-0000")


class Page(HTMLParser):
    """What a page says, and which addresses it has."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(file.read_text(encoding="utf-8"))
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("src", "href", "srcset")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def pictures(self, kind: str) -> list[Image.Image]:
        start = f"data:image/{kind};base64,"
        found = [link.removeprefix(start) for link in self.links if link.startswith(start)]
        return [Image.open(io.BytesIO(base64.b64decode(code))) for code in found]


@pytest.fixture(scope="module")
def runs(tiny_checkpoints, store, tmp_path_factory) -> Path:
    """Two runs, of which only `fixed` is evaluated, under one protocol."""
    root = shutil.copytree(tiny_checkpoints, tmp_path_factory.mktemp("report") / "runs")
    options = ["--data", str(store), "--protocols", "field", "--samples", "1"]
    assert main(["evaluate", str(root / "fixed"), *options]) == 0
    return root


@pytest.fixture(scope="module")
def file(runs, store) -> Path:
    """The report about both, made by the command."""
    out = runs.parent / "new" / "report.html"
    words = ["report", str(runs / "fixed"), str(runs / "learned"), "--data", str(store)]
    assert main([*words, "--sequences", NAMES[0], "0", "--out", str(out)]) == 0
    assert [path.name for path in out.parent.iterdir()] == ["report.html"]
    return out


def test_the_page_needs_no_other_file(file) -> None:
    page = Page(file)
    assert all(link.startswith(("data:image/", "#")) for link in page.links)
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert not re.search(r"url\(|@import|https?://", file.read_text())
    assert str(file.parent.parent) not in file.read_text(), "folders of this machine stay here"


def test_it_shows_what_happened_and_what_each_model_predicts(file, store) -> None:
    page, source = Page(file), Store.open(store).split("test")
    assert [gif.n_frames for gif in page.pictures("gif")] == [12, 12]
    frames = [np.asarray(picture) for picture in page.pictures("png")]
    assert len(frames) == 2 * (12 + 10 + 10)
    for place, name in ((0, NAMES[0]), (32, NAMES[1])):
        assert name in page.text
        assert np.array_equal(
            np.stack(frames[place : place + 12]), source.by_name(name).frames[:12]
        )
    assert not np.array_equal(frames[12], frames[22]), "two models, two predictions"


def test_it_has_the_stored_numbers_curves_settings_and_commands(file, runs) -> None:
    text = Page(file).text
    measured = load_evaluations(runs / "fixed")["field"].overall[ONE_SAMPLE]["psnr"]
    assert f"fixed: one sample {measured.mean:.2f} ± {measured.half_width:.2f}" in text
    assert "one given frame -> 15 predicted" in text and "copy the last given frame" in text
    charts = re.findall(r'role="img" aria-label="([^"]+)"', file.read_text())
    assert len(charts) == 2 + 4
    for title in ("PSNR, dB", "KL, nats", "validation", "β", "Teacher forcing"):
        [words] = [chart for chart in charts if title in chart.split(":")[0]]
        assert "fixed from" in words
    assert 'class="differs"><th scope="row">model.prior' in file.read_text()
    for command in ("train tiny", "evaluate fixed", "report fixed learned"):
        assert f"python -m cvae {command}" in text
    assert f"--sequences {' '.join(NAMES)}" in text


def test_a_run_without_evaluation_says_which_command_makes_it(file) -> None:
    text = Page(file).text
    assert "learned : learned/evaluation.json is missing; run `python -m cvae evaluate`" in text
    assert "python -m cvae evaluate learned --data STORE" in text


def test_runs_of_one_name_and_names_that_are_markup_are_told_apart(
    runs, store, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("<i>a", "b"):
        shutil.copytree(runs / "learned", tmp_path / folder / "learned")
    (tmp_path / "b" / "learned" / "history.csv").unlink()
    paths = ["<i>a/learned", "b/learned", "b/../b/learned"]
    assert main(["report", *paths, "--data", str(store), "--sequences", "1"]) == 0
    page = Page(tmp_path / "report.html")
    assert "i" not in page.tags
    assert page.words.count(" <i>a/learned") == page.words.count(" b/learned") == 3
    assert "b/learned/history.csv can't be read" in page.text
    assert "python -m cvae evaluate '<i>a/learned' --data STORE" in page.text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--sequences", "nobody"), "no sequence 'nobody'"),
        (("--sequences", "4"), "no number 4"),
        (("--data", "nowhere"), "nowhere"),
        (("--out", "report.pdf"), "does not end in .html"),
        (("--out", "config.json/report.html"), "can't be written"),
    ],
)
def test_what_can_not_be_had_ends_with_one_sentence_and_no_page(
    options, words, runs, store, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(shutil.copytree(runs / "fixed", tmp_path / "here"))
    Path("report.html").write_text("the one of yesterday")
    before = set(tmp_path.rglob("*"))
    command = ["report", ".", "--data", str(store), "--sequences", "0"]
    assert main([*command, *options]) == 2
    [sentence] = capsys.readouterr().err.strip().splitlines()
    assert words in sentence
    assert set(tmp_path.rglob("*")) == before
    assert Path("report.html").read_text() == "the one of yesterday"


def test_a_report_about_no_run_and_about_no_model_is_refused(tmp_path, capsys) -> None:
    assert main(["report"]) == 2
    assert "No run is named" in capsys.readouterr().err
    assert main(["report", str(tmp_path), "--out", str(tmp_path / "r.html")]) == 2
    assert "config.json" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_chart_breaks_its_line_where_a_value_is_missing() -> None:
    line = Line(
        "a <b>", look(1), range(5), [1.0, 3.0, None, 2.0, None], [0.5, 1.0, None, None, None]
    )
    chart = line_chart("KL", "epoch", [line, Line("none", look(0), range(5), [None] * 5)])
    [drawn] = chart.lines
    (left, low), (second, high) = re.findall(r"([\d.]+) ([\d.]+)", drawn.path)
    assert (float(left), float(second)) == (
        pytest.approx(chart.left, abs=0.1),
        pytest.approx(chart.left + (chart.right - chart.left) / 4, abs=0.1),
    )
    assert chart.top < float(high) < float(low) < chart.bottom
    assert len(drawn.dots) == 1 and drawn.band.endswith("Z")
    assert [tick.words for tick in chart.x_ticks] == ["0", "1", "2", "3", "4"]
    assert chart.alt == "KL: a <b> from 1 to 2"


@pytest.mark.parametrize("values", [[0.5], [0.0, 0.0], []])
def test_a_chart_of_little_can_be_drawn(values) -> None:
    line = Line("a", look(0), range(1, 1 + len(values)), values)
    chart = line_chart("β", "epoch", [line], from_zero=True)
    assert len(chart.lines) == bool(values)
    assert all(chart.top <= tick.place <= chart.bottom for tick in chart.y_ticks)


def test_looks_differ_and_begin_as_in_the_demo() -> None:
    assert (look(0).colour, look(0).dash) == ("#0072B2", "")
    assert (look(1).colour, bool(look(1).dash)) == ("#E69F00", True)
    assert len({look(number) for number in range(36)}) == 36


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_it_on_a_narrow_screen(browser: Browser, file, scheme) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    page, told = context.new_page(), []
    page.on("console", lambda message: told.append(message.text))
    page.on("request", lambda request: told.append(request.url))
    page.goto(file.as_uri())
    assert [words for words in told if not words.startswith("data:")] == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", paper))) > 384) == (scheme == "light")
    context.close()
