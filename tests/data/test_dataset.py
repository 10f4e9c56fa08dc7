from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from cvae.data.dataset import Normalisation, SequenceDataset, conditions_of
from cvae.data.sampler import EpochSampler, SharedBatches, Window
from cvae.data.store import Store, StoreWriter
from cvae.errors import InputError
from tests.tiny_data import tiny_sequence


@pytest.fixture(scope="module")
def normalisation(store: Path) -> Normalisation:
    return Normalisation.fit(Store.open(store).split("train"))


@pytest.mark.parametrize("split", ["train", "validate", "test"])
def test_index_i_is_sequence_i(store: Path, normalisation: Normalisation, split: str) -> None:
    opened = Store.open(store).split(split)
    dataset = SequenceDataset(opened, normalisation, length=12)
    assert len(dataset) == len(opened)
    loader = DataLoader(dataset, 3, collate_fn=dataset.collate)
    batches = [packed.to("cpu") for packed in loader]
    assert [name for batch in batches for name in batch.names] == opened.names
    frames = torch.cat([batch.frames for batch in batches])
    conditions = torch.cat([batch.conditions for batch in batches])
    for index in range(len(opened)):
        sequence = opened[index]
        assert dataset[index].name == sequence.name
        pixels = (frames[index] * 255).round().to(torch.uint8).permute(0, 2, 3, 1)
        np.testing.assert_array_equal(pixels, sequence.frames[:12])
        recorded = conditions[index].numpy() * normalisation.std + normalisation.mean
        expected = np.hstack([sequence.actions, sequence.positions])[:12]
        np.testing.assert_allclose(recorded, expected, atol=1e-5)


def test_a_batch_is_what_the_model_reads(store: Path, normalisation: Normalisation) -> None:
    dataset = SequenceDataset(Store.open(store).split("train"), normalisation, length=12)
    packed = dataset.collate([dataset[0], dataset[1]])
    assert packed.pixels.dtype == torch.uint8
    batch = packed.to("cpu")
    assert batch.frames.shape == (2, 12, 3, 64, 64) and batch.frames.dtype == torch.float32
    assert 0 <= batch.frames.min() < 0.1 and 0.6 < batch.frames.max() <= 1
    assert batch.conditions.shape == (2, 12, 7) and batch.conditions.dtype == torch.float32
    assert len(batch) == 2 and batch.names == [dataset[0].name, dataset[1].name]


def test_conditions_of_the_training_split_are_standardised(
    store: Path, normalisation: Normalisation
) -> None:
    split = Store.open(store).split("train")
    conditions = normalisation.apply(
        np.concatenate([conditions_of(split[i]) for i in range(len(split))])
    )
    assert normalisation.mean.dtype == normalisation.std.dtype == conditions.dtype == np.float32
    np.testing.assert_allclose(conditions.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(conditions.std(axis=0), 1, atol=1e-4)


def test_identity_leaves_conditions_raw(store: Path) -> None:
    raw = SequenceDataset(Store.open(store).split("train"), Normalisation.identity(), length=12)
    packed = raw.collate([raw[0]])
    np.testing.assert_array_equal(packed.conditions[0], conditions_of(raw[0]))


def test_a_condition_that_never_changes_stays_finite(tmp_path: Path) -> None:
    sequence = tiny_sequence("a", 0, labelled=False)
    sequence.actions[:, 2] = 3
    writer = StoreWriter(tmp_path / "s", {"train": ["a"]}, source="x")
    writer.write("train", 0, sequence)
    writer.finish()
    fitted = Normalisation.fit(Store.open(tmp_path / "s").split("train"))
    applied = fitted.apply(conditions_of(sequence))
    assert np.isfinite(applied).all() and not applied[:, 2].any()


def test_positions_are_asked_for(tmp_path: Path, store: Path) -> None:
    names = ["with", "without"]
    sequences = [tiny_sequence(name, seed, labelled=False) for seed, name in enumerate(names)]
    sequences[1] = replace(sequences[1], positions=None)
    writer = StoreWriter(tmp_path / "s", {"train": names, "test": ["without"]}, source="x")
    writer.write("train", 0, sequences[0])
    writer.write("train", 1, sequences[1])
    writer.write("test", 0, sequences[1])
    writer.finish()
    split = Store.open(tmp_path / "s").split("train")
    fitted = Normalisation.fit(split)
    dataset = SequenceDataset(split, fitted, length=12)
    with pytest.raises(InputError, match=r"without has no positions, .*: record them, or leave"):
        dataset.collate([dataset[0], dataset[1]])
    untold = SequenceDataset(split, fitted, length=12, conditioned=False)
    conditions = untold.collate([untold[0], untold[1]]).conditions
    assert conditions.shape == (2, 12, 7) and not conditions.any()
    np.testing.assert_allclose(fitted.mean[4:], sequences[0].positions.mean(axis=0), rtol=1e-5)
    actions = np.concatenate([sequence.actions for sequence in sequences])
    np.testing.assert_allclose(fitted.mean[:4], actions.mean(axis=0), atol=1e-6)
    with pytest.raises(InputError, match="No training sequence has positions"):
        Normalisation.fit(Store.open(tmp_path / "s").split("test"))


def test_windows_that_do_not_fit_are_refused(store: Path, normalisation: Normalisation) -> None:
    split = Store.open(store).split("train")
    assert len(SequenceDataset(split, normalisation, length=30)[0]) == 30
    with pytest.raises(InputError, match="Windows of 31 frames do not fit into sequences of 30"):
        SequenceDataset(split, normalisation, length=31)


def test_a_window_key_names_its_frames(store: Path, normalisation: Normalisation) -> None:
    split = Store.open(store).split("test")
    cut = SequenceDataset(split, normalisation, length=12)[Window(sequence=2, start=18)]
    np.testing.assert_array_equal(cut.frames, split[2].frames[18:30])
    np.testing.assert_array_equal(cut.actions, split[2].actions[18:30])
    np.testing.assert_array_equal(cut.positions, split[2].positions[18:30])


def test_processes_share_the_batches_of_one() -> None:
    sampler = EpochSampler(20, 19, seed=7, draws_per_epoch=12)
    sampler.begin(2)
    alone = list(SharedBatches(sampler, 8, rank=0, processes=1))
    assert [len(batch) for batch in alone] == [8, 4]
    first, second = (list(SharedBatches(sampler, 8, rank, processes=2)) for rank in (0, 1))
    assert [one + other for one, other in zip(first, second, strict=True)] == alone


def test_a_resumed_epoch_gives_what_was_left_of_it() -> None:
    def draws(sampler: EpochSampler, number: int, drawn: int = 0) -> list[Window]:
        sampler.begin(number, drawn)
        assert len(sampler) == len(list(sampler))
        return list(sampler)

    sampler = EpochSampler(20, 19, seed=3, draws_per_epoch=16)
    whole = draws(sampler, 4)
    assert len(whole) == 16
    fresh = EpochSampler(20, 19, seed=3, draws_per_epoch=16)
    assert draws(fresh, 4, drawn=8) == whole[8:]
    assert draws(fresh, 4) == whole
    assert draws(fresh, 5) != whole
    assert draws(EpochSampler(20, 19, seed=4, draws_per_epoch=16), 4) != whole


@pytest.mark.parametrize("draws_per_epoch", [3, 10, 25])
def test_every_sequence_comes_once_a_pass(draws_per_epoch: int) -> None:
    sampler = EpochSampler(10, 19, seed=1, draws_per_epoch=draws_per_epoch)
    windows = []
    while len(windows) < 100:
        sampler.begin(len(windows) // draws_per_epoch)
        windows += list(sampler)
    passes = [[w.sequence for w in windows[first : first + 10]] for first in range(0, 100, 10)]
    assert all(sorted(indices) == list(range(10)) for indices in passes)
    assert len({tuple(indices) for indices in passes}) == 10


def test_windows_start_anywhere_they_fit_or_at_the_first_frame() -> None:
    random = Counter(w.start for w in EpochSampler(2000, 19, seed=1, draws_per_epoch=2000))
    assert sorted(random) == list(range(19))
    assert max(random.values()) < 2 * min(random.values())
    assert {w.start for w in EpochSampler(50, 1, seed=1, draws_per_epoch=50)} == {0}
