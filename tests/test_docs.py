"""The documentation: commands can be typed as they stand, examples run, links lead somewhere."""

import ast
import functools
import re
import shlex
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import tyro
from streamlit.web.cli import main_run
from torch.distributed.run import get_args_parser

from cvae.__main__ import COMMANDS
from cvae.evaluation.protocol import find_protocols
from cvae.evaluation.scores import Estimate
from demo.settings import read_settings
from tests.documented import PAGES, PROJECT, Command, anchors, commands, links
from tests.test_notebook import SHAPE, cells_of, run_cell

DOCUMENTED = [command for page in PAGES for command in commands(page)]
# A command that is only named, or ends in "...", goes on like this.
GOES_ON = {
    "simulate": "OUT",
    "calibrate": "REAL.npz",
    "download": "DST",
    "prepare": "SRC DST",
    "info": "STORE",
    "sheet": "STORE OUT.webp",
    "bundle": "STORE OUT",
    "train": "default --data STORE --out RUN",
    "evaluate": "RUN --data STORE",
    "predict": "RUN --data STORE",
    "report": "RUN",
    "shrink": "RUN",
    "bench": "predict",
}


def test_commands_are_found() -> None:
    texts = {command.text for command in DOCUMENTED}
    assert "python -m cvae info data/bair" in texts  # in a table
    assert "make demo PORT=8502" in texts  # in a sentence
    assert any(text.startswith("torchrun --nnodes 2") and "batch-size" in text for text in texts)


@pytest.mark.parametrize("command", DOCUMENTED, ids=str)
def test_every_command_can_be_typed_as_it_stands(command: Command) -> None:
    match command.words:
        case ["python", "-m", "cvae", *words]:
            check_cvae(words)
        case ["torchrun", *words]:
            started = get_args_parser().parse_args(_before_dots(words))
            assert (started.module, started.training_script) == (True, "cvae")
            check_cvae(words[words.index("cvae") + 1 :])
        case ["streamlit", "run", app, *words]:
            assert (PROJECT / app).is_file()
            check_streamlit(words)
        case ["make", *words]:
            check_make(words)
        case _:
            pytest.fail(f"{command.text}: of a kind that this test does not know")


def check_cvae(words: list[str]) -> None:
    """Accepted by the parser of `python -m cvae`, which is not let run it."""
    if not words or words[0] == "--help":
        return
    name, *rest = words
    assert name in COMMANDS, f"there is no command {name}"
    if not rest or rest[-1] == "...":
        rest = [*rest[:-1], *shlex.split(GOES_ON.get(name, ""))]
    try:
        values = parsed(name, rest)
    except SystemExit as ended:
        # 0: it explained itself. The parser's complaint is in the captured output.
        assert not ended.code, f"`{name} {shlex.join(rest)}` is refused"
        return
    if "protocols" in values:
        find_protocols(values["protocols"])


def parsed(name: str, words: list[str]) -> dict[str, Any]:
    """What the command would be called with. Raises InputError for values out of range."""
    main = import_module(f"cvae.commands.{name}").main

    @functools.wraps(main)  # tyro makes the options from its signature
    def note(*_: object, **values: object) -> dict[str, Any]:
        return values

    return tyro.cli(note, args=words)


def check_streamlit(words: list[str]) -> None:
    """Options of Streamlit's own before --, the app's behind it."""
    middle = words.index("--") if "--" in words else len(words)
    main_run.make_context("run", ["app.py", *words[:middle]])
    read_settings(words[middle + 1 :])


def check_make(words: list[str]) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    for word in words:
        variable, is_setting, value = word.partition("=")
        known = rf"\$\({variable}\)" if is_setting else rf"^{word}:"
        assert re.search(known, makefile, re.MULTILINE), f"the Makefile knows no {word}"
        if variable == "TESTS":
            assert (PROJECT / value).exists(), f"there are no tests {value}"


def _before_dots(words: list[str]) -> list[str]:
    return words[:-1] if words[-1] == "..." else words


def run_examples(name: str, shapes: int) -> dict[str, Any]:
    """What the Python on a page leaves, run with what comes with the repository.

    So many comments tell a shape, which has to be the true one.
    """
    page, names = (PROJECT / "docs" / name).read_text(encoding="utf-8"), {}
    for code in cells_of(page):
        run_cell(code, names)
        for expression, shape in SHAPE.findall(code):
            assert eval(expression, names).shape == ast.literal_eval(shape), expression
    assert len(SHAPE.findall(page)) == shapes
    return names


def test_the_examples_of_prediction_run() -> None:
    names = run_examples("prediction.md", shapes=1)
    assert names["frame"].shape == (64, 64, 3), "after a step"


def test_the_example_of_evaluation_reads_what_is_stored() -> None:
    names = run_examples("evaluation.md", shapes=0)
    measured = names["evaluations"]["field"].overall["one sample"]["psnr"]
    assert isinstance(measured, Estimate) and measured.sequences == 256
    columns = ["protocol", "sequence", "variant", "frame", "psnr"]
    assert list(names["scores"].columns)[: len(columns)] == columns


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_and_picture_is_there(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(target), f"{target.name} has no heading for {link}"


def test_the_citation_is_of_this_version() -> None:
    project = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    [version] = re.findall(r'^version = "(.+)"', project, re.MULTILINE)
    cited = (PROJECT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {version}\n" in cited
    assert f"{version}" in (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
