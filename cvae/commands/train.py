"""`python -m cvae train`"""

from pathlib import Path
from typing import Annotated

import torch
import tyro

from cvae.config import DEFAULT, REPORT, TINY, RunConfig
from cvae.data.store import Store
from cvae.errors import InputError
from cvae.training.trainer import train

Recipe = (
    Annotated[
        RunConfig,
        tyro.conf.subcommand(
            "default", default=DEFAULT, description="What this project found best, quarter width."
        ),
    ]
    | Annotated[
        RunConfig,
        tyro.conf.subcommand(
            "report",
            default=REPORT,
            description="The report's network and settings, to the letter.",
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
) -> None:
    """Train a model and keep it in a folder.

    Choose a recipe, then change any of its settings:
    `python -m cvae train default --data STORE --out runs/mine --model.prior learned`.
    Killed or interrupted, the same command goes on after the last complete epoch.

    Args:
        recipe: Where all settings start from.
        data: Packed store with the splits train and validate (see prepare and simulate).
        out: Folder of the run: a new one, or one to go on with.
        device: Such as cpu or cuda; the GPU where there is one, unless told otherwise.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("There is no CUDA GPU here that PyTorch can use; leave --device away.")
    chosen = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    checkpoint = train(Store.open(data), out, recipe, chosen)
    print(f"{checkpoint.path} is complete.")
