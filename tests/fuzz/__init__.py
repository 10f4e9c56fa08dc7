"""Hostile and damaged files for every reader: `python -m tests.fuzz --help`."""

from collections.abc import Callable
from pathlib import Path

from tests.fuzz.data_readers import data_readers
from tests.fuzz.model_readers import model_readers
from tests.fuzz.reader import Reader
from tests.fuzz.table_readers import table_readers


def all_readers(scratch: Path) -> dict[str, Callable[[], Reader]]:
    """By name; `scratch` is a folder for whole files."""
    return data_readers(scratch) | model_readers(scratch) | table_readers()
