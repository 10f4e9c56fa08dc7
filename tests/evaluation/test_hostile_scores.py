"""Scores and summaries that are damaged or made to do harm."""

import hashlib
import json
import lzma
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cvae.errors import InputError
from cvae.evaluation.columns import MEASURED
from cvae.evaluation.protocol import FIELD
from cvae.evaluation.scores import COLUMNS, load_evaluations, load_scores
from cvae.evaluation.storage import Partial, store
from tests.evaluation.made_up import evaluation_of, made_up
from tests.memory_limit import read_within

HEAD = ",".join(COLUMNS) + "\n"
ROW = "field,a,one sample,1,20,21" + ",0.8" * (len(MEASURED) - 2) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An evaluation without weights beside it."""
    scores = made_up(FIELD)
    store(tmp_path, "0" * 64, evaluation_of(scores, FIELD), scores)
    return tmp_path


def put_scores(folder: Path, content: bytes) -> None:
    """Other scores, with the checksum that belongs to them."""
    summary = json.loads((folder / "evaluation.json").read_text())
    summary["scores"] = hashlib.sha256(content).hexdigest()
    (folder / "evaluation.json").write_text(json.dumps(summary))
    (folder / "evaluation.csv.xz").write_bytes(content)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD, "rows of no sequence"),
        (HEAD + ROW.replace("21", "high"), "could not convert string to float: 'high'"),
        (HEAD + ROW.replace("21", "1e999"), "numbers that are not finite"),
        (HEAD + ROW.replace("field", "unheard-of"), "rows of no sequence, protocol"),
        (HEAD + ROW.replace("one sample", "all"), "rows of no sequence, protocol or variant"),
        (HEAD + ROW.replace(",a,", ",,"), "rows of no sequence"),
        (HEAD + ROW.replace("1,20", "9" * 40 + ",20"), "Overflow"),
        (HEAD + ROW.rstrip() + ",7,7\n", "it has other columns than are measured"),
        ("a,b\n1,2\n", "it has other columns than are measured"),
    ],
)
def test_a_table_that_is_none_is_refused(folder: Path, text: str, said: str) -> None:
    put_scores(folder, lzma.compress(text.encode()))
    with pytest.raises(InputError, match=rf"csv.xz is damaged .*\(.*{said}"):
        load_scores(folder)


def test_a_whole_table_is_read(folder: Path) -> None:
    put_scores(folder, lzma.compress((HEAD + ROW).encode()))
    assert load_scores(folder)["psnr"].tolist() == [20.0]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda packed: packed[: len(packed) // 2], "it is cut off"),
        (lambda packed: packed + b"more", "it goes on after its end"),
        (lambda packed: b"", "it is cut off"),
        (lambda packed: b"no XZ at all", "Input format not supported"),
        (lambda packed: lzma.compress(bytes(9), preset=9), "Memory usage limit exceeded"),
    ],
)
def test_packed_scores_that_do_not_unpack_are_refused(folder: Path, damage, said) -> None:
    put_scores(folder, damage((folder / "evaluation.csv.xz").read_bytes()))
    with pytest.raises(InputError, match=rf"csv.xz is damaged .*{said}"):
        load_scores(folder)


def test_every_flipped_byte_of_a_measured_chunk_is_told(tmp_path: Path) -> None:
    partial = Partial(tmp_path, "field", {})
    partial.keep(range(1), made_up(FIELD, sequences=1))
    [file] = partial.path.iterdir()
    content, written = bytearray(file.read_bytes()), partial.load(range(1))
    places, told = range(10, len(content), 7), 0
    for offset in places:  # the ten before are time, system and the like
        content[offset] ^= 0x10
        file.write_bytes(content)
        try:
            read = partial.load(range(1))
        except InputError as error:
            assert re.search(r"csv.xz is damaged .*delete", str(error))
            told += 1
        else:  # a bit that fills the last byte of the packed data says nothing
            assert read.equals(written)
        content[offset] ^= 0x10
    assert told >= len(places) - 1


def change(part: str, value: object) -> Callable[[dict], object]:
    def make(summary: dict) -> None:
        *path, last = part.split("/")
        place = summary["protocols"]["field"]
        for name in path:
            place = place[name]
        if value is None:
            del place[last]
        else:
            place[last] = value

    return make


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (change("sequences", "many"), "field.sequences is 'many', not a whole number"),
        (change("samples", None), "lacks or should not have samples"),
        (change("protocol/horizon", 2.5), "protocol.horizon is 2.5"),
        (change("protocol/name", "horizon"), "there is no protocol 'field', or it is that of"),
        (change("overall/one sample/psnr/mean", "20"), "psnr.mean is '20', not a number"),
        (change("overall/one sample/psnr", None), "under field, one sample, it has other metrics"),
        (change("overall/copy last", None), "it has other variants than are measured"),
        (change("steps", {}), "it has other variants than are measured"),
        (change("steps/copy last/ssim/mean", [0.5]), "it has curves of another length"),
        (lambda summary: summary.update(protocols=[]), "protocols is something nested"),
        (lambda summary: summary.update(scores=None), "scores is None, not a text"),
    ],
)
def test_a_summary_that_says_odd_things_is_refused(folder: Path, make, said: str) -> None:
    file = folder / "evaluation.json"
    summary = json.loads(file.read_text())
    make(summary)
    file.write_text(json.dumps(summary))
    with pytest.raises(InputError, match=rf"evaluation.json is damaged .*{said}"):
        load_evaluations(folder)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"weights": NaN}', "9" * 5000])
def test_a_summary_that_is_no_json_is_refused(folder: Path, text: str) -> None:
    (folder / "evaluation.json").write_text(text)
    for load in (load_evaluations, load_scores):
        with pytest.raises(InputError, match=r"evaluation.json is damaged"):
            load(folder)


def test_a_table_that_unpacks_without_end_is_refused(folder: Path) -> None:
    put_scores(folder, lzma.compress(bytes(1 << 30), preset=0))
    told = read_within(
        700, "from cvae.evaluation.scores import load_scores", "load_scores(path)", folder
    )
    assert told.startswith("refused: ") and "unpacks to more than 268 MB" in told
