"""The forms of data with real BAIR frames, where a file of them is at hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cvae.bundled import CHECKPOINTS
from cvae.commands.prepare import main as prepare
from cvae.data.bundle import Bundle, open_test_sequences, write_bundle
from cvae.data.png_tree import read_sequence, write_sequence
from cvae.data.sequence import Sequence
from cvae.data.store import Store, StoreWriter
from cvae.evaluation.metrics import psnr
from cvae.inference.predictor import Predictor, to_float_frames
from tests.data.same import assert_same


@pytest.fixture
def file(real_bair) -> Path:
    return real_bair("real_sequence.npz")


@pytest.fixture
def real(file: Path) -> Sequence:
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


def test_a_real_sequence_is_prepared_and_predicted(
    file: Path, real: Sequence, tmp_path: Path
) -> None:
    prepare(file, tmp_path / "store")
    sequences = open_test_sequences(tmp_path / "store")
    assert (sequences.names, sequences.source) == (["real_sequence"], "bair")
    assert_same(sequences[0], replace(real, name="real_sequence"))
    predictor = Predictor.load(CHECKPOINTS / "fixed", "cpu")
    [prediction] = predictor.predict([sequences[0]], horizon=3)
    assert prediction.states == "read"  # no positions were recorded
    assert prediction.frames.shape == (1, 3, 64, 64, 3)
    # Another data set than the one it was trained on: more than noise, if less than at home.
    truth = to_float_frames(sequences[0].frames[2:5])
    assert psnr(to_float_frames(prediction.frames[0]), truth).mean() > 10
