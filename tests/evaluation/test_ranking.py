"""Examples by rank: the best, the median and the worst sequence of a stored evaluation."""

import re
from pathlib import Path

import pytest

from cvae.__main__ import main
from cvae.bundled import CHECKPOINTS, SEQUENCES
from cvae.data.bundle import Bundle
from cvae.errors import InputError
from cvae.evaluation.ranking import at_percentile
from cvae.evaluation.scores import load_scores

MODEL = CHECKPOINTS / "learned"


@pytest.fixture(scope="module")
def ranked() -> list[str]:
    """Names of the bundled sequences, from the worst predicted to the best."""
    scores = load_scores(MODEL)
    names = set(Bundle.open(SEQUENCES).names)
    scores = scores[
        (scores.protocol == "given-states")
        & (scores.variant == "one sample")
        & scores.sequence.isin(names)
    ]
    return list(scores.groupby("sequence").psnr.mean().sort_values().index)


def test_ranks_go_from_the_worst_to_the_best(ranked) -> None:
    assert len(ranked) == 48
    ranks = {0: 0, 50: 24, 100: 47}
    for percentile, rank in ranks.items():
        assert at_percentile(MODEL, ranked, percentile) == ranked[rank]


def test_only_sequences_that_are_there_are_chosen(ranked) -> None:
    assert at_percentile(MODEL, [*ranked[3:5], "never measured"], 100) == ranked[4]


def test_predict_draws_the_sequence_of_that_rank(ranked, tmp_path: Path, capsys) -> None:
    command = ["predict", str(MODEL), "--data", str(SEQUENCES), "--percentile", "0"]
    assert main([*command, "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith(f"{ranked[0]}, ")
    assert (tmp_path / f"{ranked[0]}_learned_seed0.png").is_file()


def test_the_command_that_would_measure_can_be_pasted(ranked, tmp_path) -> None:
    model = tmp_path / "my models" / "learned"
    model.parent.mkdir()
    model.symlink_to(MODEL)
    with pytest.raises(InputError, match=re.escape(f"cvae evaluate '{model}' --data STORE`")):
        at_percentile(model, ["never measured"], 50)


@pytest.mark.parametrize(
    ("percentile", "data", "sentence"),
    [
        ("101", SEQUENCES, "--percentile is 101; it lies between 0 (worst) and 100."),
        ("nan", SEQUENCES, "--percentile is nan"),
        ("50", None, "has no scores under given-states of these sequences: measure it"),
    ],
)
def test_a_rank_that_is_not_there_is_told(
    percentile, data, sentence, store, tmp_path, capsys
) -> None:
    place = str(data or store)
    command = ["predict", str(MODEL), "--data", place, "--percentile", percentile]
    assert main([*command, "--out", str(tmp_path / "out")]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
