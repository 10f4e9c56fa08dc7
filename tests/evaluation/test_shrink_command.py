"""`python -m cvae shrink`: less room, the same model, and what was measured of it stays true."""

import shutil
from pathlib import Path

import pytest
import torch

from cvae.__main__ import main
from cvae.ablations.results import MEASURED
from cvae.disk import sole_owner
from cvae.errors import InputError
from cvae.evaluation.protocol import FIELD
from cvae.evaluation.scores import load_evaluations, load_scores
from cvae.evaluation.storage import store, stored
from cvae.model.checkpoint import find_checkpoints, load_checkpoint
from cvae.model.weights import PACKED, WEIGHTS, unpacked, weights_checksum
from tests.command import cvae_command
from tests.evaluation.made_up import evaluation_of, made_up
from tests.processes import standing_still


@pytest.fixture
def measured(checkpoints) -> Path:
    """A model with an evaluation, and one as the ablations keep it."""
    folder = checkpoints / "fixed"
    scores = made_up(FIELD)
    for place in (folder, folder / MEASURED):
        store(place, weights_checksum(folder), evaluation_of(scores, FIELD), scores)
    return folder


def assert_is(folder: Path, before: Path) -> None:
    """The model in `folder` is that of `before`, packed, and so are its evaluations."""
    assert not (folder / WEIGHTS).exists()
    packed = (folder / PACKED).read_bytes()
    assert unpacked(packed, folder / PACKED, 1 << 24) == (before / WEIGHTS).read_bytes()
    assert len(packed) < 0.95 * (before / WEIGHTS).stat().st_size
    one, other = load_checkpoint(folder), load_checkpoint(before)
    for part in ("model", "state_model"):
        there, expected = (getattr(c, part).state_dict() for c in (one, other))
        assert all(torch.equal(there[name], expected[name]) for name in expected)
    assert load_evaluations(folder) == load_evaluations(before)
    assert load_scores(folder).equals(load_scores(before))
    assert list(stored(folder / MEASURED, weights_checksum(folder))[0]) == [FIELD.name]


def test_shrunk_it_is_the_same_model_with_the_same_evaluation(measured, tmp_path, capsys) -> None:
    before = shutil.copytree(measured, tmp_path / "before")
    assert main(["shrink", str(measured), str(measured.parent / "learned")]) == 0
    assert_is(measured, before)
    assert find_checkpoints(measured.parent) == [measured, measured.parent / "learned"]
    assert {file.name for file in measured.iterdir()} == {
        PACKED if file.name == WEIGHTS else file.name for file in before.iterdir()
    }
    assert main(["shrink", str(measured)]) == 0, "once more: nothing is left to do"
    assert capsys.readouterr().out.endswith("packed already.\n")
    assert_is(measured, before)


@pytest.mark.parametrize(
    "where",
    [
        "cvae.commands.shrink:pack_weights",
        "cvae.commands.shrink:restamp_evaluations",
    ],
)
def test_killed_on_the_way_it_is_still_the_model_and_the_command_goes_on(
    measured, tmp_path, where
) -> None:
    before = shutil.copytree(measured, tmp_path / "before")
    with standing_still(cvae_command("shrink", measured), where, 1):
        pass
    assert load_checkpoint(measured).config == load_checkpoint(before).config
    assert main(["shrink", str(measured)]) == 0
    assert_is(measured, before)


def test_evaluations_of_other_weights_stay_those_of_others(measured) -> None:
    shutil.copy(measured.parent / "learned" / "config.json", measured)
    shutil.copy(measured.parent / "learned" / WEIGHTS, measured)
    assert main(["shrink", str(measured)]) == 0
    with pytest.raises(InputError, match="is stale"):
        load_evaluations(measured)


def test_what_can_not_be_shrunk_is_refused_and_nothing_else_is_shrunk(checkpoints, refuses) -> None:
    one, other = checkpoints / "fixed", checkpoints / "learned"
    (other / "resume.pt").write_bytes(b"")
    refuses(("shrink", one, other), other, "not trained to its end")
    (other / "resume.pt").unlink()
    (other / WEIGHTS).unlink()
    refuses(("shrink", one, other), f"{other / WEIGHTS} is missing")
    refuses(("shrink", one, checkpoints / "none"), "no checkpoint folder")
    assert (one / WEIGHTS).is_file() and not (one / PACKED).exists()


def test_what_trains_or_measures_there_is_not_disturbed(measured, refuses) -> None:
    for owned in (measured, measured / "evaluation.partial"):
        with sole_owner(owned):
            refuses(("shrink", measured), "Another process is writing")
    assert (measured / WEIGHTS).is_file() and load_evaluations(measured)
