"""A few users of tiny models: every answer is right, and what is wrong is found."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from cvae.errors import InputError
from tests.load.__main__ import main
from tests.load.answers import Answer, Truth, Wish
from tests.load.play import Load, play


def test_three_users_get_the_right_answers(store: Path, tiny_checkpoints: Path) -> None:
    load = Load(
        users=3, seconds=3, pause=0.2, patience=240, data=store, runs=tiny_checkpoints, seed=5
    )
    played = play(load)
    assert played.good, played.report
    count = int(re.search(r"Answers: (\d+); wrong: 0; sessions that failed: 0", played.report)[1])
    first, *others = [
        int(number)
        for number in re.findall(r"^\| (?:first|new|other)[^|]*\| (\d+) \|", played.report, re.M)
    ]
    assert (first, first + sum(others)) == (3, count)
    tenths = re.search(r"after each tenth of \d+ s: ([\d ]+)\.", played.report)[1].split()
    assert len(tenths) == 11 and all(int(megabytes) > 30 for megabytes in tenths)


def test_an_answer_to_another_wish_is_found_out(store: Path, tiny_checkpoints: Path) -> None:
    truth = Truth(store, tiny_checkpoints)
    name, other = truth.sequences.names[:2]
    wish = Wish(name, ("fixed", "learned"), 1)
    right = Answer(wish, "new seed", 0.1, truth.right(wish), told=False, place=False)
    assert truth.wrong([right]) == []
    for missed in (replace(wish, seed=2), replace(wish, sequence=other), Wish(name, ("fixed",), 1)):
        assert truth.wrong([replace(right, wish=missed)])
    damaged = replace(right, shown=right.shown | {"start": 3})
    assert truth.wrong([damaged]) == [damaged]


@pytest.mark.parametrize("options", [{"users": 101}, {"users": 0}, {"seconds": 0}])
def test_what_is_out_of_bounds_is_refused(options: dict) -> None:
    with pytest.raises(InputError, match="give"):
        Load(**options)


def test_the_command_ends_with_code_2_for_bad_input(capsys: pytest.CaptureFixture) -> None:
    assert main(["--users", "101"]) == 2
    assert "from 0 to 100" in capsys.readouterr().err
