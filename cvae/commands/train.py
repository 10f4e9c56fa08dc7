"""`python -m cvae train`"""

import math
import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import tyro

from cvae.config import DEFAULT, REPORT, TINY, RunConfig
from cvae.data.store import Store
from cvae.device import choose_device
from cvae.errors import InputError
from cvae.training.allocation import keep_freed_memory
from cvae.training.interruption import Interrupted, leads
from cvae.training.trainer import train

Recipe = (
    Annotated[
        RunConfig,
        tyro.conf.subcommand(
            "default", default=DEFAULT, description="This project's own recipe, quarter width."
        ),
    ]
    | Annotated[
        RunConfig,
        tyro.conf.subcommand(
            "report",
            default=REPORT,
            description="The report's network and settings, as far as it states them.",
        ),
    ]
    | Annotated[
        RunConfig,
        tyro.conf.subcommand(
            "tiny", default=TINY, description="Seconds on one core, to try things out."
        ),
    ]
)


@tyro.conf.configure(tyro.conf.CascadeSubcommandArgs)
def main(
    recipe: Annotated[Recipe, tyro.conf.arg(name="")],
    data: Path,
    out: Path,
    device: str | None = None,
    precision: Literal["bfloat16", "float32"] | None = None,
    save_minutes: float = 10.0,
    start_from: Path | None = None,
) -> None:
    """Train a model and keep it in a folder.

    Choose a recipe, then change any of its settings:
    `python -m cvae train default --data STORE --out runs/mine --model.prior fixed`.
    Killed or interrupted, the same command goes on from the last saved state.
    On several GPUs: `torchrun --nproc-per-node 8 -m cvae train ...`; see docs/training.md.

    Args:
        recipe: Where all settings start from.
        data: Packed store with the splits train and validate (see prepare and simulate).
        out: Folder of the run: a new one, or one to go on with.
        device: Such as cpu or cuda; the GPU where there is one, unless told otherwise.
        precision: Of convolutions and matrix products; bfloat16 where the processor has it.
        save_minutes: Save the state this often within an epoch, besides after each.
        start_from: Checkpoint whose weights are the first ones, to train it on, or on other data.
    """
    if not 0 <= save_minutes < math.inf:
        raise InputError(f"--save-minutes is {save_minutes}: give 0 or more, and a finite number.")
    chosen = choose_device(device)
    keep_freed_memory()
    try:
        train(
            Store.open(data),
            out,
            recipe,
            chosen,
            precision=precision,
            save_minutes=save_minutes,
            first_weights=start_from,
        )
    except Interrupted as interrupted:
        if leads():
            print(f"Stopped; {out} is saved. Go on with:\n  {this_command()}", file=sys.stderr)
        raise SystemExit(interrupted.exit_code) from None


def this_command() -> str:
    """The command line that started this process, for a shell."""
    words = ["-m", "cvae", *sys.argv[1:]]
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return shlex.join(["python", *words])
    processes, machines = os.environ["LOCAL_WORLD_SIZE"], int(os.environ["GROUP_WORLD_SIZE"])
    here = "" if machines == 1 else f"   (on each of the {machines} machines, as before)"
    return shlex.join(["torchrun", "--nproc-per-node", processes, *words]) + here
