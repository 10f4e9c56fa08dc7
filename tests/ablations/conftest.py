"""A study that is complete, to look at or to copy."""

import subprocess
from pathlib import Path

import pytest

from tests.ablations.tiny_study import command


@pytest.fixture(scope="session")
def whole(store: Path, tmp_path_factory) -> tuple[Path, str]:
    """The folder of a study, begun where one was killed at once, and the page that it printed."""
    out = tmp_path_factory.mktemp("studies") / "whole"
    out.mkdir()
    (out / ".study.json.1.new").write_text("{")
    done = subprocess.run(command(store, out), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out, done.stdout
