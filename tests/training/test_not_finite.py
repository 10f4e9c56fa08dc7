"""Numbers that are not finite: skipped and counted, and the end of a run when they persist."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cvae.data.store import StoreWriter
from cvae.model.checkpoint import load_checkpoint
from cvae.model.history import load_history
from cvae.training.progress import load_resume
from tests.tiny_data import tiny_names, tiny_sequence
from tests.training.runs import events, train_here


@pytest.fixture
def store_with_a_hole(tmp_path) -> Path:
    """A store of which one training sequence has actions that are no numbers."""
    names = tiny_names(train=8, validate=2, test=1)
    writer = StoreWriter(tmp_path / "hole", names, source="simulated")
    for split, listed in names.items():
        for index, name in enumerate(listed):
            sequence = tiny_sequence(name, index, labelled=False)
            if (split, index) == ("train", 3):
                sequence = replace(sequence, actions=np.full_like(sequence.actions, np.nan))
            writer.write(split, index, sequence)
    writer.finish()
    return tmp_path / "hole"


@pytest.mark.parametrize("conditions", ["raw", "standardised"])
def test_a_batch_without_a_finite_loss_is_skipped_and_counted(
    conditions, store_with_a_hole, tmp_path, capsys
) -> None:
    out = tmp_path / "run"
    # Every pass over the 8 sequences, here an epoch, has one batch of two with the hole in it.
    options = ["--training.conditions", conditions, "--training.epochs", "3"]
    assert train_here(store_with_a_hole, out, *options) == 0
    history = load_history(out)
    assert list(history.skipped) == [1, 1, 1]
    assert history.notna().all().all(), "skipped batches are in no mean"
    assert "skipped 1" in capsys.readouterr().out
    assert [e["event"] for e in events(out)].count("skipped") == 3
    for name, tensor in load_checkpoint(out).model.state_dict().items():
        assert tensor.isfinite().all(), name


def test_a_run_that_diverges_is_stopped_with_a_sentence(store, tmp_path, capsys) -> None:
    out = tmp_path / "run"
    options = ("--training.learning-rate", "1e30", "--training.epochs", "20")
    assert train_here(store, out, *options) == 2
    told = capsys.readouterr().err
    assert "10 batches in a row gave a loss or gradient that is not finite" in told
    assert "training.learning_rate" in told
    assert [e["in_a_row"] for e in events(out) if e["event"] == "skipped"] == list(range(1, 11))
    assert events(out)[-1]["event"] == "failed"
    assert load_resume(out) is not None
