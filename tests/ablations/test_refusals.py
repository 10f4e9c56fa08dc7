"""Bad settings, other folders and damaged runs: what `ablate` says of them, and what it keeps."""

import shutil

import numpy as np
import pandas as pd
import pytest

from cvae.__main__ import main
from cvae.data.store import StoreWriter
from tests.ablations.tiny_study import QUESTIONS, words
from tests.tiny_data import tiny_sequence, tiny_store


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--questions", "beta"), "There is no question 'beta'; choose from: beta-max,"),
        (("--epochs", "2"), "--epochs is 2"),
        (("--samples", "0"), "Asked for 0 samples"),
        (("--limit", "0"), "Asked for 0 sequences"),
        (("--device", "abacus"), "There is no device 'abacus'"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(
    store, tmp_path, capsys, options, sentence
) -> None:
    out = tmp_path / "out"
    assert main(words(store, out, *options)) == 2
    assert sentence in capsys.readouterr().err
    assert not out.exists()


def test_a_store_without_the_validation_split_is_refused(tmp_path, capsys) -> None:
    writer = StoreWriter(tmp_path / "store", {"train": ["one"]}, source="simulated")
    writer.write("train", 0, tiny_sequence("one", 1))
    writer.finish()
    assert main(words(tmp_path / "store", tmp_path / "out")) == 2
    assert "has no split 'validate'; choose one of: train" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--seed", "2"), "training.seed was 1, is 2"),
        (("--samples", "3"), "measured.samples was 2, is 3"),
        (("--windows", "64"), "training.sequences_per_epoch was 4, is 16"),
    ],
)
def test_other_settings_in_the_same_folder_are_named(
    store, whole, capsys, options, sentence
) -> None:
    before = (whole[0] / "ablations.csv").read_bytes()
    assert main(words(store, whole[0], "--questions", "windows", *options)) == 2
    assert sentence in capsys.readouterr().err
    assert (whole[0] / "ablations.csv").read_bytes() == before


def test_other_data_and_a_folder_of_something_else_are_refused(
    store, whole, tmp_path, capsys
) -> None:
    other = tiny_store(tmp_path / "other", validate=3)
    assert main(words(other, whole[0])) == 2
    assert "data.checksum was" in capsys.readouterr().err
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me")
    assert main(words(store, tmp_path / "mine")) == 2
    assert "holds no study; choose a new folder" in capsys.readouterr().err
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda history: history.drop(columns="kl"), "history.csv lacks kl"),
        (lambda history: history.assign(kl=np.nan), "history.csv has no numbers of the last epoch"),
    ],
)
def test_a_history_without_numbers_is_told_of_its_run_alone(
    store, whole, tmp_path, capsys, damage, sentence
) -> None:
    out = shutil.copytree(whole[0], tmp_path / "whole")
    file = out / "grad-clip-none" / "history.csv"
    damage(pd.read_csv(file)).to_csv(file, index=False)
    shutil.rmtree(out / "compositing-no")  # comes after the damaged one
    (out / "ablations.csv").unlink()
    assert main(words(store, out, "--questions", *QUESTIONS)) == 2
    page, said = capsys.readouterr()
    assert sentence in said and "compositing-no: " not in said.partition("All runs are there")[2]
    assert "blended with the last given frame" in page
    assert set(pd.read_csv(out / "ablations.csv")["run"]) == {"default", "compositing-no"}


def test_a_damaged_run_of_another_question_is_told_beside_the_page(
    store, whole, tmp_path, capsys
) -> None:
    out = shutil.copytree(whole[0], tmp_path / "whole")
    (out / "grad-clip-none" / "history.csv").write_text("epoch\n1\n")
    assert main(words(store, out, "--questions", "compositing")) == 2
    page, said = capsys.readouterr()
    assert "All runs are there but for these. grad-clip-none: " in said
    assert "blended with the last given frame" in page


def test_a_run_that_fails_does_not_keep_the_others_back(store, whole, tmp_path, capsys) -> None:
    out = shutil.copytree(whole[0], tmp_path / "whole")
    (out / "grad-clip-none" / "model.safetensors").unlink()
    assert main(words(store, out, "--questions", *QUESTIONS)) == 2
    page, said = capsys.readouterr()
    assert "All runs are there but for these. grad-clip-none: " in said
    assert "blended with the last given frame" in page
