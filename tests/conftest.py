"""Fixtures that tests of all parts share."""

from pathlib import Path

import pytest

from tests.tiny_data import tiny_store
from tests.tiny_models import tiny_checkpoint


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny packed store (8 train, 4 validate, 4 test sequences; the test split labelled)."""
    return tiny_store(tmp_path_factory.mktemp("data") / "store")


@pytest.fixture(scope="session")
def tiny_checkpoints(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the checkpoints `fixed` and `learned` of preset tiny; leave it unchanged."""
    root = tmp_path_factory.mktemp("checkpoints")
    for prior in ("fixed", "learned"):
        tiny_checkpoint(store, root / prior, prior)
    return root
