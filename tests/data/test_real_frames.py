"""The forms of data with real BAIR frames, where a file of them is at hand."""

import os
from pathlib import Path

import numpy as np
import pytest

from cvae.data.bundle import Bundle, write_bundle
from cvae.data.png_tree import read_sequence, write_sequence
from cvae.data.sequence import Sequence
from cvae.data.store import Store, StoreWriter
from tests.data.test_store import assert_same

BESIDE_THE_CHECKOUT = Path(__file__).parents[3] / "shared" / "bair"


@pytest.fixture
def real() -> Sequence:
    folder = Path(os.environ.get("BAIR_REAL_FRAMES_DIR", BESIDE_THE_CHECKOUT))
    file = folder / "real_sequence.npz"
    if not file.is_file():
        pytest.skip(f"no real frames at {file}; BAIR_REAL_FRAMES_DIR names their folder")
    with np.load(file) as arrays:
        return Sequence("traj_0_to_255/1", arrays["frames"], arrays["actions"])


def test_every_form_keeps_real_frames_exactly(real: Sequence, tmp_path: Path) -> None:
    write_sequence(tmp_path / "1", real)
    assert_same(read_sequence(tmp_path / "1", real.name), real)
    writer = StoreWriter(tmp_path / "store", {"test": [real.name]}, source="bair")
    writer.write("test", 0, real)
    writer.finish()
    split = Store.open(tmp_path / "store").split("test")
    assert_same(split[0], real)
    write_bundle(split, 1, tmp_path / "bundle")
    assert_same(Bundle.open(tmp_path / "bundle")[0], real)
    size = sum(file.stat().st_size for file in (tmp_path / "bundle").iterdir())
    assert size < 11e6 / 48  # what one of the 48 bundled sequences may take
