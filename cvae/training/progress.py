"""A run in progress: what it must remember to go on, and how that is kept."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from cvae.errors import InputError
from cvae.model.checkpoint import (
    CONFIG,
    HISTORY,
    Checkpoint,
    load_config,
    save_checkpoint,
    write_text,
)

RESUME = "resume.pt"


@dataclass
class Run:
    """The state between two epochs. Every random draw is keyed by (seed, epoch): none is kept.

    history: a row an epoch that is complete.
    """

    checkpoint: Checkpoint
    optimizer: torch.optim.Optimizer
    history: list[dict[str, float]] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """The epoch that comes next, from 0."""
        return len(self.history)

    def save(self) -> None:
        """Keep this state. `resume.pt` is replaced in one go, what follows is made from it."""
        out = self.checkpoint.path
        out.mkdir(parents=True, exist_ok=True)
        state = {
            "settings": self.settings(),
            "model": self.checkpoint.model.state_dict(),
            "state_model": self.checkpoint.state_model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "history": self.history,
        }
        beside = out / (RESUME + ".new")
        torch.save(state, beside)
        os.replace(beside, out / RESUME)
        save_checkpoint(self.checkpoint)
        if self.history:
            write_text(out / HISTORY, pd.DataFrame(self.history).to_csv(index=False))

    def restore(self, state: dict[str, Any]) -> None:
        """Take up a state that `load_resume` gave; InputError if it is another run's."""
        differing = _differences(state["settings"], self.settings())
        if differing:
            raise InputError(
                f"{self.checkpoint.path} holds a run with other settings ({differing}); "
                "go on with the same settings or choose another folder."
            )
        self.checkpoint.model.load_state_dict(state["model"])
        self.checkpoint.state_model.load_state_dict(state["state_model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.history = list(state["history"])

    def finish(self) -> None:
        """The run is complete: nothing is left to resume."""
        (self.checkpoint.path / RESUME).unlink(missing_ok=True)

    def settings(self) -> dict[str, Any]:
        return {**self.checkpoint.config.to_dict(), "data": self.checkpoint.data}


def load_resume(out: Path) -> dict[str, Any] | None:
    """The saved state of the run in `out`, or None where there is none."""
    file = out / RESUME
    if not file.is_file():
        return None
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever a damaged file makes the unpickler trip over
        raise InputError(f"{file} is damaged; delete {out} and train again.") from error


def is_complete(run: Run) -> bool:
    """Whether the folder holds this very run, trained to its end."""
    out = run.checkpoint.path
    if (out / RESUME).exists() or not (out / CONFIG).is_file():
        return False
    config, data = load_config(out)
    return {**config.to_dict(), "data": data} == run.settings()


def _differences(before: dict[str, Any], now: dict[str, Any]) -> str:
    """Fields of two nested settings that differ, in words; empty if none does."""
    found = [
        f"{part}.{name} was {before.get(part, {}).get(name)!r}, is {now[part].get(name)!r}"
        for part in now
        for name in sorted(set(now[part]) | set(before.get(part, {})))
        if before.get(part, {}).get(name) != now[part].get(name)
    ]
    return "; ".join(found)
