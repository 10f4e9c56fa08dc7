"""Checkpoints cut off, changed by a byte, or made to do harm: told in a sentence, and not used."""

import json
import math
import re
import shutil
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cvae.errors import InputError
from cvae.model.checkpoint import CONFIG, load_checkpoint, load_config, save_checkpoint
from cvae.model.history import HISTORY, load_history
from cvae.model.weights import PACKED, WEIGHTS, pack_weights, weights_checksum
from tests.memory_limit import read_within


@pytest.fixture
def folder(tiny_checkpoints: Path, tmp_path: Path) -> Path:
    """A checkpoint to damage."""
    return shutil.copytree(tiny_checkpoints / "fixed", tmp_path / "fixed")


def test_weights_cut_off_anywhere_are_refused(folder: Path) -> None:
    file = folder / WEIGHTS
    whole = file.read_bytes()
    for length in (0, 7, 8, 100, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(InputError, match=rf"{WEIGHTS} is damaged"):
            load_checkpoint(folder)


def test_a_flipped_byte_of_the_weights_is_refused(folder: Path) -> None:
    file = folder / WEIGHTS
    content = bytearray(file.read_bytes())
    [header] = struct.unpack("<Q", content[:8])
    offsets = [*range(0, 8 + header, 97), *range(8 + header, len(content), len(content) // 40)]
    for offset in offsets:
        content[offset] ^= 0x10
        file.write_bytes(content)
        with pytest.raises(InputError, match=rf"{WEIGHTS} (is damaged|does not fit)"):
            load_checkpoint(folder)
        content[offset] ^= 0x10


def test_packed_weights_cut_off_or_changed_anywhere_are_refused(folder: Path) -> None:
    pack_weights(folder)
    (folder / WEIGHTS).unlink()
    file = folder / PACKED
    whole = file.read_bytes()
    load_checkpoint(folder)
    for length in (0, 5, 12, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(InputError, match=rf"{PACKED} is damaged"):
            load_checkpoint(folder)
    for offset in range(0, len(whole), len(whole) // 20):
        file.write_bytes(whole[:offset] + bytes([whole[offset] ^ 0x10]) + whole[offset + 1 :])
        with pytest.raises(InputError, match=rf"{PACKED} is damaged"):
            load_checkpoint(folder)
    for halves in (
        {"even": np.zeros(9, np.uint8)},
        {"even": np.zeros(9, np.uint8), "odd": np.zeros(7, np.uint8)},
        {"even": np.zeros(8, np.int8), "odd": np.zeros(8, np.int8)},
        {"even": np.zeros((2, 4), np.uint8), "odd": np.zeros((2, 4), np.uint8)},
    ):
        np.savez(file, **halves)
        with pytest.raises(InputError, match=rf"{PACKED} is damaged .it does not hold the bytes"):
            load_checkpoint(folder)


def test_plain_weights_are_read_where_packed_ones_lie_beside_them(folder: Path) -> None:
    before = weights_checksum(folder)
    (folder / PACKED).write_bytes(b"what a killed process left")
    load_checkpoint(folder)
    assert weights_checksum(folder) == before


def test_a_configuration_cut_off_anywhere_is_refused(folder: Path) -> None:
    file = folder / CONFIG
    whole = file.read_bytes()
    for length in range(0, len(whole) - 2, 41):
        file.write_bytes(whole[:length])
        with pytest.raises(InputError, match=rf"{CONFIG} is damaged"):
            load_checkpoint(folder)


def change_config(folder: Path, part: str, **values: object) -> None:
    content = json.loads((folder / CONFIG).read_text())
    content[part] |= values
    (folder / CONFIG).write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("part", "values", "said"),
    [
        ("model", {"predictor_layers": 10**9}, "predictor_layers is 1000000000; give 64 at most"),
        ("model", {"n_past": 2.5}, "model.n_past is 2.5, not a whole number"),
        ("model", {"n_past": True}, "model.n_past is True, not a whole number"),
        ("model", {"conditioned": "no"}, "model.conditioned is 'no', not true or false"),
        ("model", {"g_dim": 10**30}, "beyond those of 64 bits"),
        ("model", {"width": math.nan}, "has NaN where a finite number belongs"),
        ("training", {"epochs": 10**9}, "training.epochs is 1000000000; give 1,000,000 at most"),
        ("training", {"lr_schedule": ["cosine"]}, "lr_schedule is something nested, not 'consta"),
        ("data", {"source": 3}, "data.source is 3, not a text"),
        ("data", {"train": None}, "data.train is None, not a whole number"),
    ],
)
def test_odd_values_in_a_configuration_are_named(folder, part, values, said) -> None:
    change_config(folder, part, **values)
    with pytest.raises(InputError, match=rf"{CONFIG}.*{said}"):
        load_config(folder)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"model":' * 20_000, "\ud800", "{" + '"a' * 9])
def test_a_configuration_that_is_no_json_is_refused(folder: Path, text: str) -> None:
    (folder / CONFIG).write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(InputError, match=rf"{CONFIG} is damaged"):
        load_config(folder)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [("model", "posterior.mean.bias", math.nan), ("state_model", "cell.bias_ih", math.inf)],
)
def test_weights_that_are_no_numbers_are_refused(folder: Path, part, name, value) -> None:
    checkpoint = load_checkpoint(folder)
    getattr(checkpoint, part).state_dict()[name].fill_(value)
    save_checkpoint(checkpoint)
    with pytest.raises(InputError, match=rf"{WEIGHTS} holds numbers that no model has"):
        load_checkpoint(folder)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"std": np.zeros(7, np.float32)}, "holds numbers that no model has"),
        ({"mean": np.zeros(9, np.float32)}, "does not fit .* such as normalisation.mean"),
    ],
)
def test_a_normalisation_that_can_not_be_is_refused(folder: Path, changed, said) -> None:
    checkpoint = load_checkpoint(folder)
    normalisation = replace(checkpoint.normalisation, **changed)
    save_checkpoint(replace(checkpoint, normalisation=normalisation))
    with pytest.raises(InputError, match=rf"{WEIGHTS} {said}"):
        load_checkpoint(folder)


def claim_header(folder: Path) -> None:
    content = bytearray((folder / WEIGHTS).read_bytes())
    content[:8] = struct.pack("<Q", 1 << 60)
    (folder / WEIGHTS).write_bytes(content)


def unpack_without_end(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    np.savez_compressed(folder / PACKED, even=np.zeros(1 << 28, np.uint8))


def endless_history(folder: Path) -> None:
    with (folder / HISTORY).open("ab") as stream:
        stream.truncate(1 << 34)


LOAD = (
    "from cvae.model.checkpoint import load_checkpoint; from cvae.model.history import load_history"
)


@pytest.mark.parametrize(
    ("make", "read", "said"),
    [
        (
            lambda folder: change_config(folder, "model", rnn_size=65_536, g_dim=65_536),
            "load_checkpoint(path)",
            "does not fit",
        ),
        (claim_header, "load_checkpoint(path)", "is damaged"),
        (unpack_without_end, "load_checkpoint(path)", "it unpacks to 268 MB, more than the"),
        (endless_history, "load_history(path)", "more than 17 MB"),
    ],
)
def test_what_would_fill_the_memory_is_refused_before(folder: Path, make, read, said) -> None:
    make(folder)
    told = read_within(300, LOAD, read, folder)
    assert told.startswith("refused: ") and said in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "can't be read (No columns"),
        ("epoch,kl\n", "has no epochs"),
        ("kl\n1\n", "lacks epoch"),
        ("epoch,kl\n1,high\n", "holds words in place of numbers"),
        ("epoch,kl\n1,1e999\n", "holds numbers that are not finite"),
        ("epoch,kl\n,2\n", "has epochs that do not follow each other"),
        ("epoch,kl\n1,2\n1,2\n", "has epochs that do not follow each other"),
        ("epoch,kl\n1.5,2\n", "has epochs that do not follow each other"),
        ("epoch,kl\n1,2\n2,3,4,5\n", "can't be read (Error tokenizing"),
        ("epoch,kl\n" + "9" * 5000 + ",2\n", "holds numbers that are not finite"),
    ],
)
def test_a_history_that_is_none_is_refused(folder: Path, text: str, said: str) -> None:
    (folder / HISTORY).write_text(text)
    with pytest.raises(InputError, match=re.escape(f"{HISTORY} {said}")):
        load_history(folder)


def test_what_was_not_measured_may_be_missing(folder: Path) -> None:
    (folder / HISTORY).write_text("epoch,kl\n1,\n2,0.5\n")
    assert load_history(folder)["kl"].isna().tolist() == [True, False]


def test_missing_weights_are_told(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    with pytest.raises(InputError, match=rf"{WEIGHTS} can't be read .No such file"):
        weights_checksum(folder)
