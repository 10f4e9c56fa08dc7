"""docs/dependencies.md: all that is pinned stands there, and no use needs more than it says."""

import os
import re
import subprocess
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.documented import PROJECT

PAGE = PROJECT / "docs" / "dependencies.md"
REQUIREMENTS = sorted(PROJECT.glob("requirements*.txt"))


def rows(table: str) -> list[dict[str, str]]:
    """The rows of the table between <!-- table --> and its end, by the heads of its columns."""
    _, text, _ = re.split(f"<!-- /?{table} -->", PAGE.read_text(encoding="utf-8"))
    lines = [re.split(r" *\| *", line.strip("|")) for line in text.split("\n") if line[:1] == "|"]
    head, _, *body = [[cell.strip() for cell in line] for line in lines]
    return [dict(zip(head, line, strict=True)) for line in body]


ROWS = rows("needed") + rows("development")


def test_every_pinned_package_stands_in_a_table_once() -> None:
    pinned = [
        name
        for file in REQUIREMENTS
        for name in re.findall(r"^([\w-]+)==\S+$", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert len(pinned) > 20
    assert sorted(row["package"] for row in ROWS) == sorted(pinned)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["package"])
def test_the_licence_is_the_one_that_the_package_declares(row: dict[str, str]) -> None:
    assert row["licence"] == declared_licence(distribution(row["package"]))


def declared_licence(package: Distribution) -> str:
    """As its metadata word it: an expression, else a line of text, else the classifier's words."""
    metadata = package.metadata
    classified = [text for text in metadata.get_all("Classifier", []) if text[:7] == "License"]
    for field in ("License-Expression", "License"):
        if metadata[field] is not None:
            return metadata[field]
    return classified[0].rpartition(" :: ")[2]


def test_the_command_for_the_library_alone_names_what_is_marked() -> None:
    [names] = re.findall(r"grep -E '\^\((.+)\)=='", PAGE.read_text(encoding="utf-8"))
    assert names.split("|") == [row["package"] for row in rows("needed") if row["library"]]


LIBRARY = """
from cvae.data.bundle import open_test_sequences
from cvae.inference.predictor import Predictor

[prediction] = Predictor.load({model}, "cpu").predict([open_test_sequences({store})[0]])
assert prediction.frames.shape == (1, 10, 64, 64, 3)
"""
APP = """
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest

sys.argv = ["app.py", "--data", {store}, "--runs", {models}]
for page in sorted(Path("demo/views").glob("*.py")):
    app = AppTest.from_file("demo/app.py", default_timeout=240)
    app.switch_page(f"views/{{page.name}}")
    app.query_params["metric"] = "ssim"
    app.run().run()
    assert not app.exception, app.exception
"""
TRAINING = """
from cvae.__main__ import main

words = ["train", "tiny", "--data", {store}, "--out", {out}, "--device", "cpu"]
assert main(words) == 0
"""
SIMULATION = """
from cvae.__main__ import main
import cvae.simulation.recording  # what the command's own processes import

words = ["simulate", {out}, "--train", "1", "--validate", "0", "--test", "0", "--workers", "1"]
assert main(words) == 0
"""
USES = [
    pytest.param("library", LIBRARY, id="library"),
    pytest.param("app", APP, id="app"),
    pytest.param("training", TRAINING, id="training"),
    pytest.param("simulation", SIMULATION, id="simulation", marks=pytest.mark.simulator),
]
TELL = "\nimport sys\nprint('IMPORTED', *{name.partition('.')[0] for name in sys.modules})\n"


@pytest.mark.parametrize(("use", "script"), USES)
def test_a_use_needs_what_is_marked_and_no_more(
    use: str, script: str, store: Path, tiny_checkpoints: Path, tmp_path: Path
) -> None:
    marked = [row["package"] for row in rows("needed") if row[use]]
    site = environment(marked, tmp_path / "site")
    paths = {
        "store": store,
        "models": tiny_checkpoints,
        "model": tiny_checkpoints / "fixed",
        "out": tmp_path / "out",
    }
    script = script.format(**{name: repr(str(path)) for name, path in paths.items()})
    ran = subprocess.run(
        [sys.executable, "-S", "-c", script + TELL],  # -S: without the environment of the tests
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": f"{site}{os.pathsep}{PROJECT}"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    imported = set(ran.stdout.rpartition("IMPORTED")[2].split())
    unused = [name for name in marked if not imported & parts(distribution(name))]
    assert not unused, "marked, but not imported"


def environment(packages: list[str], folder: Path) -> Path:
    """A folder with links to what `pip install` of `packages` alone would have installed."""
    folder.mkdir()
    for package in required(packages):
        for part in parts(package):
            link = folder / part
            if not link.exists():
                link.symlink_to(package.locate_file(part))
    return folder


def parts(package: Distribution) -> set[str]:
    """Files and folders of `package` in site-packages; its modules have these names."""
    return {file.parts[0] for file in package.files or []} - {"..", "__pycache__"}


def required(packages: list[str]) -> list[Distribution]:
    """`packages` and, all the way down, what they require."""
    found: dict[str, Distribution] = {}
    pending = [Requirement(package) for package in packages]
    while pending:
        wanted = pending.pop()
        key = f"{canonicalize_name(wanted.name)}[{','.join(sorted(wanted.extras))}]"
        if key in found:
            continue
        found[key] = distribution(wanted.name)
        for text in found[key].requires or []:
            further = Requirement(text)
            extras = wanted.extras or {""}
            if not further.marker or any(
                further.marker.evaluate({"extra": extra}) for extra in extras
            ):
                pending.append(further)
    return list(found.values())
