"""The plan: one change a setting, every run once, equal budgets."""

import shlex
from pathlib import Path

import pytest

from cvae.__main__ import main
from cvae.ablations.page import overview
from cvae.ablations.plan import plan, recipe
from cvae.ablations.question import choose, runs
from cvae.commands import train as commands
from cvae.config import DEFAULT, REPORT, TINY, RunConfig
from cvae.data.store import Store
from cvae.errors import InputError
from cvae.evaluation.card import train_command


def base(start: RunConfig = DEFAULT, **budget) -> RunConfig:
    return recipe(start, **{"windows": 15_000, "epochs": None, "width": None, "seed": 1} | budget)


@pytest.mark.parametrize("start", [DEFAULT, TINY])
def test_a_setting_differs_from_its_reference_in_one_field(start) -> None:
    for question in plan(base(start)):
        assert question.settings.count(question.reference) == 1
        changed = [s.config.changes(question.reference.config) for s in question.settings]
        others = [change for change in changed if change]
        assert len(others) == len(question.settings) - 1, question.name
        if question.name != "recipe":
            assert {len(change) for change in others} == {1}, question.name


@pytest.mark.parametrize("start", [DEFAULT, TINY])
def test_a_name_means_one_run_and_a_run_has_one_name(start) -> None:
    questions = plan(base(start))
    named = [(s.run, s.config) for question in questions for s in question.settings]
    for run, config in named:
        assert {c for name, c in named if name == run} == {config}
        assert {name for name, c in named if c == config} == {run}
    names = [question.name for question in questions]
    assert len(set(names)) == len(names)
    for question in questions:
        words = [setting.words for setting in question.settings]
        assert len(set(words)) == len(words), question.name


def test_all_runs_cost_the_same_and_references_come_first() -> None:
    questions = plan(base())
    wanted = runs(questions)
    budgets = {
        (c.training.epochs, c.training.sequences_per_epoch, c.training.batch_size, c.model.width)
        for c in wanted.values()
    }
    assert budgets == {(DEFAULT.training.epochs, 256, 8, DEFAULT.model.width)}
    order = list(wanted)
    assert order[0] == "default"
    for question in questions:
        first = min(order.index(setting.run) for setting in question.settings)
        assert order.index(question.reference.run) == first or question.reference.run == "default"


def test_windows_are_rounded_up_to_whole_epochs_and_batches() -> None:
    training = base(windows=1001, epochs=10).training
    assert (training.epochs, training.sequences_per_epoch) == (10, 104)
    assert base(windows=960, epochs=10).training.sequences_per_epoch == 96


def test_the_reports_recipe_differs_from_ours_in_all_but_its_size() -> None:
    (recipes,) = choose(plan(base()), ("recipe",))
    report, clipped = (setting.config for setting in recipes.settings[1:])
    assert set(report.changes(REPORT)) == {
        "model.width",
        "training.epochs",
        "training.sequences_per_epoch",
        "training.batch_size",
    }
    assert set(clipped.changes(report)) == {"training.grad_clip"}


def test_the_questions_that_the_report_raises_are_asked() -> None:
    wanted = runs(plan(base()))
    assert {c.training.beta_max for c in wanted.values()} == {5e-6, 5e-5, 1e-4, 5e-4, 1.0}
    assert {c.training.tfr_start_decay for c in wanted.values()} >= {0.25, 1.0, None}
    assert {c.training.kl_cycles for c in wanted.values()} == {1, 4}
    assert {c.model.prior for c in wanted.values()} == {"fixed", "learned"}
    fixed = [c.training for c in wanted.values() if c.model.prior == "fixed"]
    assert {5e-5, 5e-4, 1.0} <= {training.beta_max for training in fixed}
    assert {1, 4} <= {training.kl_cycles for training in fixed}


def test_the_command_on_a_runs_card_makes_the_run(store, monkeypatch) -> None:
    made: list[RunConfig] = []

    def train(_store: Store, _out: Path, config: RunConfig, *_args, **_options) -> None:
        made.append(config)

    monkeypatch.setattr(commands, "train", train)
    monkeypatch.setattr(commands, "keep_freed_memory", lambda: None)
    wanted = runs(plan(base()))
    for name, config in wanted.items():
        words = shlex.split(train_command(config, name, {}))
        assert main([str(store) if word == "STORE" else word for word in words[3:]]) == 0, name
    assert made == list(wanted.values())


def test_the_command_lists_the_plan_and_trains_nothing(capsys, tmp_path) -> None:
    out = tmp_path / "runs"
    assert main(["ablate", "--list", "--questions", "prior", "--out", str(out)]) == 0
    assert "prior-fixed: model.prior learned -> fixed" in capsys.readouterr().out
    assert not out.exists()


def test_the_overview_tells_runs_and_changes() -> None:
    start = base()
    told = overview(choose(plan(start), ("teacher-forcing",)), start)
    assert "3 runs of 15,360 windows" in told
    assert "training.tfr_start_decay 0.25 -> None" in told
    assert "default: the reference" in told


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: base(epochs=3), "--epochs is 3: .* give 4 or more"),
        (lambda: base(windows=0), "--windows is 0"),
        (lambda: base(width=0.3), "model.width is 0.3"),
        (lambda: choose(plan(base()), ("beta",)), "no question 'beta'; choose from: beta-max, "),
    ],
)
def test_what_cannot_be_planned_is_told(call, sentence) -> None:
    with pytest.raises(InputError, match=sentence):
        call()
