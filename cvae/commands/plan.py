"""`python -m cvae plan`: commands that lead to a picture, found by what a model imagines."""

import re
from dataclasses import asdict, dataclass
from functools import partial
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
from cvae.planning.pursuit import pursue
from cvae.planning.trial import differences, first_ones, table, try_out
from cvae.simulation.availability import require_simulator
from cvae.simulation.origin import require_same_simulator
from cvae.simulation.rerun import rerun


@dataclass(frozen=True)
class _Wanted:
    """What is planned for, and how; the fields are those of the command."""

    frame: int
    seed: int
    search: SearchConfig
    look_again: bool

    @property
    def name(self) -> str:
        """For names of files, with what is not the default: another search finds another plan."""
        usual = asdict(SearchConfig())
        others = [f"_{n}{v:g}" for n, v in asdict(self.search).items() if v != usual[n]]
        looking = ["_looking"] if self.look_again else []
        return "".join([f"to-frame{self.frame}_seed{self.seed}", *looking, *others])


def main(
    checkpoints: Annotated[tuple[Path, ...], tyro.conf.Positional],
    /,
    data: Path,
    sequence: str | None = None,
    frame: int = 11,
    goals: int | None = None,
    seed: int = 0,
    search: SearchConfig = SearchConfig(),  # noqa: B008 - frozen
    look_again: bool = False,
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
        look_again: Carry out one command of a plan at a time in the simulator, look at what came of
            it, and plan anew for what is left. With --goals, besides the plans made in one go.
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
    source, wanted = open_test_sequences(data), _Wanted(frame, seed, search, look_again)
    if goals is not None:
        _try_out(named, source, data, goals, wanted, out)
        return
    chosen = find_sequence(source, data, sequence or "0")
    _check_there_is(chosen, frame)
    if look_again:
        require_same_simulator(source, chosen.name)
        require_simulator()
    colours = model_colours([one.checkpoint.config.model.prior for one in predictors])
    for (name, predictor), colour in zip(named.items(), colours, strict=True):
        print(f"{name}, {chosen.name}, goal: frame {frame}, {predictor.device_name}")
        plan = _search(predictor, chosen, wanted)
        carried = _carried_out(source, chosen, plan, predictor.n_past)
        stem = re.sub(r"[^\w.-]+", "-", f"{chosen.name}_{name}_{wanted.name}")
        for suffix, content in plan_files(plan, chosen, carried, name, colour).items():
            file = out / f"{stem}.{suffix}"
            write_whole(file, content)
            print(file)


def _search(predictor: Predictor, sequence: Sequence, wanted: _Wanted) -> Plan:
    """The best plan, with a line printed for each round, or each look."""
    where = (predictor, sequence, sequence.frames[wanted.frame], wanted.frame)
    seed, config = wanted.seed, wanted.search
    if wanted.look_again:
        plans = pursue(*where, partial(rerun, sequence), seed=seed, config=config)
    else:
        plans = find_plan(*where, seed=seed, config=config)
    for plan in plans:
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
    wanted: _Wanted,
    out: Path,
) -> None:
    if goals < 1:
        raise InputError(f"--goals is {goals}: give at least 1.")
    sequences = first_ones(source, goals)
    frame, seed, search = wanted.frame, wanted.seed, wanted.search
    _check_there_is(sequences[0], frame)
    require_same_simulator(source, source.names[0])
    require_simulator()
    file = out / f"goals_{wanted.name}.csv"
    rows: list[dict] = []
    trial = try_out(named, sequences, frame, seed, search, wanted.look_again)
    for made in tqdm(trial, total=len(sequences)):
        rows += made
        outcomes = pd.DataFrame(rows)
        write_text(file, outcomes.to_csv(index=False, float_format="%.6g"))  # nothing is lost
    print(table(outcomes))
    print(
        f"\nSequences: the first {len(sequences)} of {data}, test; goal: frame {frame}, carried "
        f"out by the simulator; {search.rounds} x {search.candidates} futures a search, seed "
        f"{seed}. Mean ± half-width of the 95 % interval over sequences. arm, toys: from where "
        "they are in the goal, toys only those that moved on the way to it; tip: the arm's end in "
        "the picture; last frame: PSNR against the goal."
    )
    for line in differences(outcomes):
        print(f"arm, {line}")
    print(file)
