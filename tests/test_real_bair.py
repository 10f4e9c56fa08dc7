"""The page about real BAIR: its commands work on files of BAIR's own form, in small."""

import shlex
from pathlib import Path

import pytest

from cvae.__main__ import main
from cvae.bundled import CHECKPOINTS
from cvae.data.sequence import SEQUENCE_LENGTH, Sequence
from cvae.evaluation.protocol import GIVEN_STATES
from cvae.evaluation.scores import load_evaluations
from cvae.model.history import load_history
from tests.data.tfrecord_bytes import example, features_of, record, write_tfrecords
from tests.documented import PROJECT, commands
from tests.tiny_data import tiny_sequence

PAGE = PROJECT / "docs" / "real-bair.md"
COUNTS = {"train": 9, "test": 2}  # BAIR has no validate split: it is cut off from train
NETWORK = "--model.width 0.0625 --model.g-dim 8 --model.z-dim 4 --model.rnn-size 8"
BUDGET = (
    "--training.epochs 3 --training.sequences-per-epoch 4 --training.batch-size 2 "
    "--training.state-updates 2"
)
# What a command gets in addition: of an option that is given twice the last one counts.
LESS = {
    "train": f"{NETWORK} {BUDGET}",
    "evaluate": "--samples 2 --protocols given-states",
    "ablate": "--list",
}


@pytest.fixture(scope="module")
def bair(tmp_path_factory) -> Path:
    """A folder with data/softmotion30_44k as it is downloaded, but small."""
    folder = tmp_path_factory.mktemp("bair")
    for split, count in COUNTS.items():
        sequences = [_sequence(split, number) for number in range(count)]
        write_tfrecords(
            folder / "data" / "softmotion30_44k" / split / f"traj_0_to_{count - 1}.tfrecords",
            [record(example(features_of(sequence))) for sequence in sequences],
        )
    return folder


def _sequence(split: str, number: int) -> Sequence:
    seed = number + 1000 * (split == "test")
    return tiny_sequence(f"{split}/{number}", seed, labelled=False, length=SEQUENCE_LENGTH)


def test_the_commands_make_the_models_of_the_reports_tables(bair, monkeypatch, capsys) -> None:
    monkeypatch.chdir(bair)
    (bair / "checkpoints").symlink_to(CHECKPOINTS)
    done = set()
    for words in _alone():
        bundled = "--start-from" in words  # the network is that of the bundled model
        extra = shlex.split(BUDGET if bundled else LESS.get(words[0], ""))
        assert main([*words, *extra]) == 0, shlex.join(words)
        done.add(words[0])
    assert done == {"prepare", "info", "train", "evaluate", "tables", "report", "ablate"}
    page = capsys.readouterr().out
    assert len(load_history(bair / "runs" / "transferred")) == 3
    for run in ("report-fixed", "report-learned", "report-cyclical", "default", "wide"):
        assert len(load_history(bair / "runs" / run)) == 3
        measured = load_evaluations(bair / "runs" / run)[GIVEN_STATES.name]
        assert (measured.source, measured.sequences) == ("bair", 2)
    assert "**report-cyclical less report-fixed**" in page
    assert "**report-learned less report-fixed**" in page
    assert (bair / "bair.html").is_file()


def _alone() -> list[list[str]]:
    """The page's commands for one process, in an order that works; nothing is downloaded."""
    found = [c.words[3:] for c in commands(PAGE) if c.words[:3] == ["python", "-m", "cvae"]]
    found = [words for words in found if words and words[0] != "download"]
    return sorted(found, key=lambda words: words[0] != "prepare")
