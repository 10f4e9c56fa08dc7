"""`python -m cvae plan`: commands that lead to a picture, found by what a model imagines."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import pandas as pd
import tyro
from tqdm import tqdm

from cvae.data.bundle import SequenceSource, open_test_sequences
from cvae.data.finding import find_sequence
from cvae.data.sequence import Sequence
from cvae.disk import write_text, write_whole
from cvae.errors import InputError
from cvae.evaluation.card import labels
from cvae.evaluation.figures import model_colours
from cvae.inference.predictor import Predictor
from cvae.planning.outcome import Outcome, measure, stay
from cvae.planning.pictures import plan_files
from cvae.planning.planner import Plan, SearchConfig, check_told, find_plan
from cvae.planning.trial import differences, first_ones, table, try_out
from cvae.simulation.availability import require_simulator
from cvae.simulation.origin import require_same_simulator
from cvae.simulation.rerun import rerun


def main(
    checkpoints: Annotated[tuple[Path, ...], tyro.conf.Positional],
    /,
    data: Path,
    sequence: str | None = None,
    frame: int = 11,
    goals: int | None = None,
    seed: int = 0,
    search: SearchConfig = SearchConfig(),  # noqa: B008 - frozen
    device: str | None = None,
    out: Path = Path("plans"),
) -> None:
    """Find commands after which a test sequence looks like one of its later frames.

    The model is shown the first frames and the goal, and is told nothing of the recorded commands
    in between. It imagines many futures under commands drawn at random, and draws again around
    the best (the cross-entropy method, as in visual foresight). Where the sequence is simulated
    and MuJoCo is installed, the plan is carried out: how near does the arm come?

    Writes for each model the commands as CSV (which `simulate --like --actions` takes), a frame
    strip and a looping GIF. With --goals, plans for many sequences are carried out instead: a
    table says how near they came, and a CSV has a row for each.

    Example: python -m cvae plan checkpoints/learned --data demo/sequences --sequence push

    Args:
        checkpoints: Folders of models that are told actions.
        data: A packed store, whose test split is taken, or a bundle such as demo/sequences.
        sequence: Name of the sequence, its title (such as push), or its number from 0; the first
            unless told otherwise.
        frame: Number of the frame that is the goal.
        goals: Plan for the first so many sequences of the data, and print a table.
        seed: Of the search; the same seed gives the same plan.
        search: How long is searched, and what for.
        device: Such as cpu or cuda; the GPU where there is one, unless told otherwise.
        out: Folder for the files; made if it is not there.
    """
    if not checkpoints:
        raise InputError("No checkpoint is named; name the folder of a trained model.")
    if goals is not None and sequence is not None:
        raise InputError("--goals takes the first sequences of the data: leave out --sequence.")
    predictors = [Predictor.load(path, device) for path in checkpoints]
    for predictor in predictors:
        check_told(predictor)
    named = dict(zip(labels(list(checkpoints)), predictors, strict=True))
    if len(named) < len(checkpoints):
        raise InputError("A checkpoint is named twice; name each once.")
    source = open_test_sequences(data)
    if goals is not None:
        _try_out(named, source, data, goals, frame, seed, search, out)
        return
    chosen = find_sequence(source, data, sequence or "0")
    colours = model_colours([one.checkpoint.config.model.prior for one in predictors])
    for (name, predictor), colour in zip(named.items(), colours, strict=True):
        print(f"{name}, {chosen.name}, goal: frame {frame}, {predictor.device_name}")
        plan = _search(predictor, chosen, frame, seed, search)
        carried = _carried_out(source, chosen, plan, predictor.n_past)
        stem = f"{chosen.name}_{name}_to-frame{frame}_seed{seed}{_searched(search)}"
        stem = re.sub(r"[^\w.-]+", "-", stem)
        for suffix, content in plan_files(plan, chosen, carried, name, colour).items():
            file = out / f"{stem}.{suffix}"
            write_whole(file, content)
            print(file)


def _searched(search: SearchConfig) -> str:
    """What is not the default, for the names of files: another search finds another plan."""
    usual = asdict(SearchConfig())
    return "".join(f"_{n}{value:g}" for n, value in asdict(search).items() if value != usual[n])


def _search(
    predictor: Predictor, sequence: Sequence, frame: int, seed: int, search: SearchConfig
) -> Plan:
    """The best plan, with a line printed for each round."""
    _check_there_is(sequence, frame)
    goal = sequence.frames[frame]
    for plan in find_plan(predictor, sequence, goal, frame, seed=seed, config=search):
        print(f"{plan.tried:5d} futures tried, the best is {plan.distance:.4f} from the goal")
    return plan


def _check_there_is(sequence: Sequence, frame: int) -> None:
    if frame >= len(sequence):
        raise InputError(
            f"{sequence.name} has {len(sequence)} frames, so there is no frame {frame}: choose "
            f"a goal up to frame {len(sequence) - 1}."
        )


def _carried_out(
    source: SequenceSource, sequence: Sequence, plan: Plan, given: int
) -> Sequence | None:
    """What happened when the plan was carried out, with how near it came printed; or why not."""
    try:
        require_same_simulator(source, sequence.name)
        require_simulator()
    except InputError as error:
        print(f"Not carried out: {error}")
        return None
    frame = len(plan.actions) - 1
    carried, stayed = rerun(sequence, plan.actions), rerun(sequence, stay(sequence, given, frame))
    print("carried out:", _said(measure(carried, sequence, given, frame)))
    print("told nothing:", _said(measure(stayed, sequence, given, frame)))
    return carried


def _said(outcome: Outcome) -> str:
    near = f"the arm is {outcome.arm:.1f} cm from where it is in the goal"
    return f"{near}, and the picture has {outcome.psnr:.2f} dB against it."


def _try_out(
    named: dict[str, Predictor],
    source: SequenceSource,
    data: Path,
    goals: int,
    frame: int,
    seed: int,
    search: SearchConfig,
    out: Path,
) -> None:
    if goals < 1:
        raise InputError(f"--goals is {goals}: give at least 1.")
    sequences = first_ones(source, goals)
    _check_there_is(sequences[0], frame)
    require_same_simulator(source, source.names[0])
    require_simulator()
    file = out / f"goals_to-frame{frame}_seed{seed}{_searched(search)}.csv"
    rows: list[dict] = []
    for made in tqdm(try_out(named, sequences, frame, seed, search), total=len(sequences)):
        rows += made
        outcomes = pd.DataFrame(rows)
        write_text(file, outcomes.to_csv(index=False, float_format="%.6g"))  # nothing is lost
    print(table(outcomes))
    print(
        f"\nSequences: the first {len(sequences)} of {data}, test; goal: frame {frame}, carried "
        f"out by the simulator; {search.rounds} x {search.candidates} futures a plan, seed {seed}. "
        "Mean ± half-width of the 95 % interval over sequences. arm, toys: from where they are in "
        "the goal, toys only those that moved on the way to it; tip: the arm's end in the picture; "
        "last frame: PSNR against the goal."
    )
    for line in differences(outcomes):
        print(f"arm, {line}")
    print(file)
