"""What is stored is whole, belongs to the weights beside it, and is told when it does not."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from cvae.errors import InputError
from cvae.evaluation import storage
from cvae.evaluation.protocol import FIELD, GIVEN_STATES, HORIZON, PROTOCOLS, Protocol
from cvae.evaluation.rows import VARIANTS
from cvae.evaluation.scores import load_evaluations, load_scores
from cvae.evaluation.storage import Partial, check_size, store
from cvae.model.checkpoint import EVALUATION_CSV, load_checkpoint, save_checkpoint
from cvae.model.weights import weights_checksum
from tests.evaluation.made_up import evaluation_of, made_up


@pytest.fixture
def folder(tiny_checkpoints, tmp_path) -> Path:
    """A checkpoint to write into."""
    return shutil.copytree(tiny_checkpoints / "fixed", tmp_path / "fixed")


def store_made_up(folder: Path, *protocols: Protocol, seed: int = 0) -> None:
    for protocol in protocols:
        scores = made_up(protocol, seed=seed)
        store(folder, weights_checksum(folder), evaluation_of(scores, protocol), scores)


def change_weights(folder: Path) -> None:
    """As another training into the same folder does."""
    checkpoint = load_checkpoint(folder)
    with torch.no_grad():
        next(checkpoint.model.parameters()).add_(0.01)
    save_checkpoint(checkpoint)


def test_what_is_stored_comes_back(folder) -> None:
    store_made_up(folder, FIELD, GIVEN_STATES)
    scores = made_up(FIELD)
    loaded = load_evaluations(folder)
    assert list(loaded) == ["given-states", "field"], "in the order of the protocols"
    assert loaded["field"] == evaluation_of(scores, FIELD)
    stored = load_scores(folder)
    assert list(stored.protocol.drop_duplicates()) == ["given-states", "field"]
    back = stored[stored.protocol == "field"].reset_index(drop=True)
    assert list(back.variant.drop_duplicates()) == [v for v in VARIANTS if v in {*scores.variant}]
    keys = ["sequence", "variant", "frame"]
    back, scores = (table.sort_values(keys, ignore_index=True) for table in (back, scores))
    pd.testing.assert_frame_equal(back, scores, check_exact=False, rtol=0, atol=0.0051)


def test_scores_that_could_not_be_read_again_are_refused_and_lose_nothing(
    folder, monkeypatch
) -> None:
    store_made_up(folder, FIELD)
    before = (folder / EVALUATION_CSV).read_bytes()
    monkeypatch.setattr(storage, "MOST_UNPACKED", 1_000)
    with pytest.raises(InputError, match="at most 0 MB of a model are kept: measure fewer"):
        store_made_up(folder, GIVEN_STATES)
    assert (folder / EVALUATION_CSV).read_bytes() == before
    assert list(load_evaluations(folder)) == ["field"]


def test_a_split_with_too_many_sequences_is_refused_before_it_is_measured() -> None:
    check_size(256, list(PROTOCOLS.values()))
    check_size(43_008, [GIVEN_STATES])  # all of BAIR's training sequences
    with pytest.raises(InputError, match=r"The scores would take .* measure fewer"):
        check_size(43_008, [GIVEN_STATES, HORIZON])


def test_a_protocol_measured_again_takes_the_place_of_its_old_numbers(folder) -> None:
    store_made_up(folder, GIVEN_STATES, FIELD)
    before = load_evaluations(folder)
    store_made_up(folder, FIELD, seed=9)
    after = load_evaluations(folder)
    assert after["given-states"] == before["given-states"]
    assert after["field"] != before["field"]
    assert not load_scores(folder).duplicated(["protocol", "sequence", "variant", "frame"]).any()


def test_numbers_of_other_weights_are_stale(folder) -> None:
    store_made_up(folder, GIVEN_STATES, HORIZON)
    change_weights(folder)
    for load in (load_evaluations, load_scores):
        with pytest.raises(InputError, match=r"stale.*other weights.*cvae evaluate"):
            load(folder)
    store_made_up(folder, FIELD)  # one protocol alone; the others' numbers are not mixed in
    assert list(load_evaluations(folder)) == ["field"]
    assert set(load_scores(folder).protocol) == {"field"}


def test_scores_of_another_evaluation_are_told(folder) -> None:
    """Killed between its two files, an evaluation leaves scores that its summary knows not of."""
    store_made_up(folder, FIELD)
    summary = (folder / "evaluation.json").read_bytes()
    store_made_up(folder, FIELD, seed=9)
    (folder / "evaluation.json").write_bytes(summary)
    with pytest.raises(InputError, match=r"csv\.xz is damaged.*cvae evaluate"):
        load_scores(folder)
    store_made_up(folder, FIELD)
    assert len(load_scores(folder))


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"weights": 1}'])
def test_a_damaged_evaluation_is_told_and_can_be_replaced(folder, text) -> None:
    store_made_up(folder, FIELD)
    (folder / "evaluation.json").write_text(text)
    with pytest.raises(InputError, match=r"evaluation\.json is (damaged|stale)"):
        load_evaluations(folder)
    store_made_up(folder, GIVEN_STATES)
    assert list(load_evaluations(folder)) == ["given-states"]


def test_what_is_missing_or_no_table_is_told(folder) -> None:
    for load in (load_evaluations, load_scores):
        with pytest.raises(InputError, match=r"evaluation\.json is missing; run"):
            load(folder)
    store_made_up(folder, FIELD)
    values = json.loads((folder / "evaluation.json").read_text())
    values["protocols"]["unheard-of"] = values["protocols"]["field"]
    (folder / "evaluation.json").write_text(json.dumps(values))
    with pytest.raises(InputError, match=r"evaluation\.json is damaged"):
        load_evaluations(folder)
    (folder / EVALUATION_CSV).write_bytes(b"")
    with pytest.raises(InputError, match=r"csv\.xz is damaged"):
        load_scores(folder)


def test_the_numbers_of_a_whole_split_stay_small(folder) -> None:
    longest = sorted(PROTOCOLS.values(), key=lambda protocol: protocol.horizon)[-2:]
    for protocol in longest:
        scores = made_up(protocol, sequences=256)
        store(folder, weights_checksum(folder), evaluation_of(scores, protocol), scores)
    size = sum((folder / name).stat().st_size for name in (EVALUATION_CSV, "evaluation.json"))
    assert size < 1.1e6  # of random numbers, which can be compressed least of all


def test_partial_results_come_back_to_the_bit_and_only_where_they_belong(tmp_path) -> None:
    scores = made_up(FIELD)
    scores.loc[3, "psnr_moved"] = np.nan
    scores["sequence"] = scores["sequence"].replace("sim-test-00001", "NA")
    identity = {"weights": "a", "samples": 5}
    partial = Partial(tmp_path, "field", identity)
    partial.keep(range(3, 6), scores)
    assert Partial(tmp_path, "field", identity).has(range(3, 6))
    pd.testing.assert_frame_equal(partial.load(range(3, 6)), scores, check_exact=True)
    assert not partial.has(range(6)), "another chunk"
    assert not Partial(tmp_path, "field", {**identity, "weights": "b"}).has(range(3, 6))
    assert not Partial(tmp_path, "horizon", identity).has(range(3, 6))
    next(partial.path.iterdir()).write_bytes(b"half")
    with pytest.raises(InputError, match=r"damaged.*delete"):
        partial.load(range(3, 6))


def test_a_read_only_folder_is_told(folder) -> None:
    scores = made_up(FIELD)
    blocked = folder / "config.json" / "deeper"  # a file stands where a folder is needed
    with pytest.raises(InputError, match="can't be written"):
        store(blocked, "weights", evaluation_of(scores, FIELD), scores)
