"""`python -m cvae ablate`: what each part of the recipe brings, one change at a time."""

import sys
from pathlib import Path
from typing import Literal

from cvae.ablations.figure import FILE, beta_figure
from cvae.ablations.page import overview, page
from cvae.ablations.plan import plan, recipe
from cvae.ablations.question import Question, choose
from cvae.ablations.results import (
    HISTORIES,
    SEQUENCES,
    TABLE,
    histories,
    rows,
    sequences,
    table,
)
from cvae.ablations.study import Study
from cvae.commands.train import this_command
from cvae.config import PRESETS
from cvae.device import choose_device
from cvae.disk import write_text, write_whole
from cvae.errors import InputError
from cvae.evaluation.storage import packed_csv
from cvae.training.allocation import keep_freed_memory
from cvae.training.interruption import Interrupted


def main(
    questions: tuple[str, ...] = (),
    data: Path = Path("data/sim"),
    out: Path = Path("runs/ablations"),
    windows: int = 15_000,
    epochs: int | None = None,
    width: float | None = None,
    seed: int = 1,
    samples: int = 20,
    limit: int | None = None,
    preset: Literal["default", "tiny"] = "default",
    device: str | None = None,
    list: bool = False,
) -> None:
    """Answer what the prior, the KL weight, teacher forcing and others do, and print the tables.

    Each question compares a few settings with a reference, from which each differs in one field;
    every run is trained on as many windows, from the same seed, and measured on the validation
    split. Differences are taken sequence by sequence: one inside its 95 % interval is called none.
    The runs are kept, so that further questions need further runs only, and where this is stopped
    or killed, the same command goes on. After each run the rows so far are in OUT/ablations.csv,
    which the app shows. All questions at the default size take more than a day on a processor:
    see them with --list first, and docs/ablations.md.

    Example: python -m cvae ablate --questions beta-max teacher-forcing

    Args:
        questions: Names of questions; all by default.
        data: Packed store with the splits train and validate.
        out: Folder of the runs, a new one or one to go on with.
        windows: Drawn by each run, rounded up to whole epochs of whole batches.
        epochs: Of each run; the preset's unless told otherwise. Schedules stretch over them.
        width: Of the network; the preset's unless told otherwise.
        seed: Of weights, windows and noise of all runs.
        samples: Drawn for each sequence when a run is measured: the N of best of N.
        limit: Measure the first so many validation sequences only.
        preset: Where all settings start from; tiny takes seconds and shows that it runs.
        device: Such as cpu or cuda; the GPU where there is one, unless told otherwise.
        list: Print the plan, and train nothing.
    """
    base = recipe(PRESETS[preset], windows=windows, epochs=epochs, width=width, seed=seed)
    every = plan(base)
    chosen = choose(every, questions)
    if list:
        print(overview(chosen, base))
        return
    keep_freed_memory()
    study = Study(base, data, out, samples, limit, choose_device(device))
    try:
        failed = study.run(chosen, after_each=lambda: _publish(study, every))
    except Interrupted as interrupted:
        print(f"Stopped; {out} is saved. Go on with:\n  {this_command()}", file=sys.stderr)
        raise SystemExit(interrupted.exit_code) from None
    except KeyboardInterrupt:  # while a run is measured
        print("\nWhat is trained and measured is kept; the same command goes on.", file=sys.stderr)
        raise
    figure = out / FILE
    measured, damaged = study.found(every)
    answers = rows(chosen, measured)
    print(page(answers, this_command(), figure if figure.exists() else None))
    if failed := failed | damaged:
        told = " ".join(f"{name}: {why}" for name, why in failed.items())
        raise InputError(f"All runs are there but for these. {told}")


def _publish(study: Study, questions: list[Question]) -> None:
    """Write what others read, of all runs in the folder, asked for now or not."""
    measured, _ = study.found(questions)
    answers = rows(questions, measured)
    write_text(study.out / TABLE, table(answers, study.samples).to_csv(index=False))
    if measured:
        write_whole(study.out / SEQUENCES, packed_csv(sequences(measured)))
        write_whole(study.out / HISTORIES, packed_csv(histories(measured)))
    if figure := beta_figure(answers):
        write_whole(study.out / FILE, figure)
