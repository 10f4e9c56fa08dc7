"""Hostile and damaged files for every reader: `python -m tests.fuzz --help`."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis.configuration import set_hypothesis_home_dir

from tests.fuzz.data_readers import data_readers
from tests.fuzz.model_readers import model_readers
from tests.fuzz.reader import Reader
from tests.fuzz.table_readers import table_readers

# What Hypothesis remembers does not belong into the tree.
set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "hypothesis")


def all_readers(scratch: Path) -> dict[str, Callable[[], Reader]]:
    """By name; `scratch` is a folder for whole files."""
    return data_readers(scratch) | model_readers(scratch) | table_readers()
