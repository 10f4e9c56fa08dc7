"""The tutorial's commands work, in their order: all of them are run, with less of everything."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cvae.bundled import CHECKPOINTS
from cvae.model.history import load_history
from tests.documented import PROJECT, commands

TUTORIAL = PROJECT / "docs" / "tutorial.md"
# What the tutorial says, and what is run in its place.
LESS = {
    "--train 96 --validate 16 --test 16": "--train 4 --validate 2 --test 2",
    "train default": "train tiny",
    "--model.width 0.125 ": "",
    "--training.epochs 6 --training.sequences-per-epoch 160": "--training.epochs 1",
    "--training.state-updates 300": "--training.state-updates 10",
    "--samples 4": "--samples 1",
}


@pytest.mark.simulator
@pytest.mark.timeout(1800)
def test_every_command_of_the_tutorial_works(tmp_path: Path, monkeypatch) -> None:
    for bundled in ("checkpoints", "demo"):
        (tmp_path / bundled).symlink_to(PROJECT / bundled)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    steps = [c for c in commands(TUTORIAL) if c.fenced and c.words[0] != "make"]
    whole = " ".join(step.text for step in steps)
    assert all(said in whole for said in LESS), "the tutorial says something else by now"
    for step in steps:
        words = step.words
        if words[:3] == ["python", "-m", "cvae"]:
            run(step.text, tmp_path)
        else:
            show(words, tmp_path, monkeypatch)
    made = {file.name for file in tmp_path.rglob("*.*")}
    assert {"history.csv", "evaluation.json", "report.html"} <= made
    assert any(name.endswith(".gif") for name in made)


def test_the_columns_that_it_cuts_out_are_those_that_it_names() -> None:
    [numbers] = re.findall(r"^cut -d, -f(\S+) ", TUTORIAL.read_text(encoding="utf-8"), re.MULTILINE)
    columns = load_history(CHECKPOINTS / "learned").columns
    cut_out = [columns[int(number) - 1] for number in numbers.split(",")]
    assert cut_out == ["epoch", "kl", "active_dims", "validation_psnr"]


def run(text: str, folder: Path) -> None:
    for said, less in LESS.items():
        text = text.replace(said, less)
    words = [sys.executable, *text.split()[1:]]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, f"{text}\n{done.stderr}"


def show(words: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app as `streamlit run` starts it: on its first page, with the new model among others."""
    assert words[:4] == ["streamlit", "run", "demo/app.py", "--"]
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["app.py", *words[4:]])
    page = AppTest.from_file(str(PROJECT / "demo" / "app.py"), default_timeout=300).run()
    assert not page.exception, page.exception
    assert "mine" in page.multiselect(key="models").options
