"""What comes with the repository works, and its stored numbers are those it gives."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from cvae.__main__ import main
from cvae.benchmarks.data import DataBenchmark
from cvae.benchmarks.rounding import RoundingBenchmark
from cvae.benchmarks.train import TrainBenchmark
from cvae.data.bundle import Bundle, open_test_sequences
from cvae.data.notable import SCORES
from cvae.evaluation.metrics import psnr
from cvae.evaluation.protocol import GIVEN_STATES, PROTOCOLS
from cvae.evaluation.rows import COPY_LAST, ONE_SAMPLE, PRIOR_MEAN
from cvae.evaluation.scores import load_evaluations, load_scores
from cvae.evaluation.table import tables
from cvae.evaluation.variants import predicted
from cvae.inference.predictor import Predictor, to_float_frames
from cvae.model.checkpoint import find_checkpoints, load_config
from cvae.model.history import load_history

PROJECT = Path(__file__).resolve().parent.parent
CHECKPOINTS = PROJECT / "checkpoints"
NAMES = [path.name for path in find_checkpoints(CHECKPOINTS)]
MEGABYTE = 1e6


@pytest.fixture(scope="module")
def sequences() -> Bundle:
    return Bundle.open(PROJECT / "demo" / "sequences")


def test_all_models_are_there() -> None:
    told = {"fixed", "fixed-cyclical", "learned", "learned-cyclical"}
    assert {*NAMES} == told | {"fixed-without-actions", "learned-without-actions"}


def test_a_sequence_is_there_for_every_title(sequences) -> None:
    assert sorted(sequences.titles.values()) == sorted(SCORES)
    assert {*sequences.titles} <= {*sequences.names}


def test_the_sequences_are_found_from_wherever_a_program_was_started(
    sequences, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    for benchmark in (DataBenchmark, RoundingBenchmark, TrainBenchmark):
        assert open_test_sequences(benchmark().data).names == sequences.names
    assert main(["simulate", "out", "--like", "nobody", "--actions", "commands.csv"]) == 2
    assert "no sequence 'nobody'" in capsys.readouterr().err


def test_the_whole_checkout_stays_small() -> None:
    """At most the 62 MB that it may have: pages and strips grow unseen."""
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    tracked = [PROJECT / name for name in listed.stdout.split("\0") if name]
    if not tracked:
        pytest.skip("this is no checkout of git's, so that nobody knows what belongs to it")
    assert PROJECT / "README.md" in tracked
    assert sum(f.stat().st_size for f in tracked if f.is_file()) / MEGABYTE <= 62


def test_sizes_stay_small(sequences) -> None:
    def size(folder: Path) -> float:
        return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / MEGABYTE

    assert len(sequences) == 48
    assert size(PROJECT / "demo" / "sequences") <= 11
    assert size(CHECKPOINTS) <= 49


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
@pytest.mark.parametrize("name", NAMES)
def test_stored_numbers_are_those_of_the_model(name, protocol, sequences) -> None:
    predictor = Predictor.load(CHECKPOINTS / name, "cpu")
    stored = load_scores(CHECKPOINTS / name)
    stored = stored[(stored.protocol == protocol.name) & (stored.variant == PRIOR_MEAN)]
    stored = stored.set_index("sequence").psnr
    chosen = [sequences[i] for i in range(0, 48, 12)]
    shown = [protocol.shown(sequence) for sequence in chosen]
    frames = predicted(predictor, protocol, shown, latent="mean")[:, 0]
    future = protocol.future
    for sequence, prediction in zip(chosen, frames, strict=True):
        truth = to_float_frames(sequence.frames[future.start : future.stop])
        measured = psnr(to_float_frames(prediction), truth).numpy()
        assert measured == pytest.approx(stored[sequence.name].to_numpy(), abs=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_stored_samples_are_those_of_the_seed(name, sequences) -> None:
    predictor, sequence = Predictor.load(CHECKPOINTS / name, "cpu"), sequences[0]
    samples = load_evaluations(CHECKPOINTS / name)[GIVEN_STATES.name].samples
    stored = load_scores(CHECKPOINTS / name)
    stored = stored[(stored.protocol == GIVEN_STATES.name) & (stored.variant == ONE_SAMPLE)]
    [prediction] = predictor.predict([sequence], samples=samples)
    truth = to_float_frames(sequence.frames[2:12])
    measured = psnr(to_float_frames(prediction.frames), truth).mean(0).numpy()
    expected = stored[stored.sequence == sequence.name].psnr.to_numpy()
    assert measured == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_the_models_learned_something(name) -> None:
    evaluations = load_evaluations(CHECKPOINTS / name)
    assert list(evaluations) == list(PROTOCOLS)
    assert all(e.whole_split and e.sequences == 256 for e in evaluations.values())
    given = evaluations[GIVEN_STATES.name]
    sample, copied = (given.overall[v] for v in (ONE_SAMPLE, COPY_LAST))
    config = load_config(CHECKPOINTS / name)[0].model
    if config.conditioned:
        assert sample["psnr"].mean > copied["psnr"].mean + 8
        assert sample["psnr_moved"].mean > copied["psnr_moved"].mean + 1
        assert sample["tip"].mean < 2  # pixels, over all ten frames
    else:  # it can't know where the arm goes: its futures differ instead
        assert sample["psnr"].mean > copied["psnr"].mean
        assert sample["spread"].mean > 4
    history = load_history(CHECKPOINTS / name)
    assert history.kl.iloc[-1] >= 0.5, "the latent died"
    # A fixed prior keeps two after a weight that pressed all others out (docs/results.md).
    assert history.active_dims.iloc[-1] >= (2 if config.prior == "fixed" else 3)


@pytest.mark.parametrize("name", [*NAMES, "collapsed"])  # a record: no weights came with it
def test_the_card_shows_the_stored_tables(name) -> None:
    card = (CHECKPOINTS / name / "README.md").read_text(encoding="utf-8")
    for row in rows_of_tables(name):
        assert row in card


def test_the_docs_show_the_stored_tables_and_the_readme_the_first() -> None:
    results = (PROJECT / "docs" / "results.md").read_text(encoding="utf-8")
    for row in rows_of_tables(*NAMES):
        assert row in results
    rows = rows_of_tables("fixed", "learned")
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- results -->(.*)<!-- /results -->", readme, re.DOTALL)
    assert shown is not None
    caption = next(
        i for i, row in enumerate(rows) if row.startswith(f"Protocol {GIVEN_STATES.name}")
    )
    for row in rows[: caption + 1]:
        assert row in shown.group(1)


def rows_of_tables(*names: str) -> list[str]:
    """Heads and rows of the tables, and the captions, of what is stored."""
    lines = tables([load_evaluations(CHECKPOINTS / name) for name in names], []).splitlines()
    return [line for line in lines if line and not line.startswith("Made by")]


def test_predictions_do_not_depend_on_the_number_of_threads(sequences) -> None:
    predictor = Predictor.load(CHECKPOINTS / "fixed", "cpu")
    threads = torch.get_num_threads()
    try:
        results = []
        for count in (1, 2):
            torch.set_num_threads(count)
            results.append(predictor.predict([sequences[0]], seed=4)[0].frames.astype(int))
    finally:
        torch.set_num_threads(threads)
    assert np.abs(results[0] - results[1]).max() <= 1
