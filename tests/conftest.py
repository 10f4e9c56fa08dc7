"""Fixtures that tests of all parts share."""

from pathlib import Path

import pytest

from tests.tiny_data import tiny_store


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny packed store (8 train, 4 validate, 4 test sequences; the test split labelled)."""
    return tiny_store(tmp_path_factory.mktemp("data") / "store")
