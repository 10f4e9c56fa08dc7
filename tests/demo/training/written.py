"""What runs leave behind, written as a test wants it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd


def history(epochs: int = 10, **columns: object) -> pd.DataFrame:
    """A plausible history of one run; `columns` take the place of its own."""
    epoch = np.arange(1, epochs + 1)
    return pd.DataFrame(
        {
            "run": 1,
            "epoch": epoch,
            "train_loss": 2.0 / epoch,
            "train_mse": 0.2 / epoch,
            "kl": 8.0 / epoch,
            "active_dims": 3,
            "beta": 5e-5,
            "teacher_forcing_ratio": np.linspace(1, 0, epochs),
            "learning_rate": 1e-3,
            "skipped": 0,
            "validation_psnr": 15 + epoch,
            "validation_ssim": 0.8,
            "seconds": 60.0,
        }
        | columns
    )


def write_history(run: Path, **columns: object) -> None:
    history(**columns).drop(columns="run").to_csv(run / "history.csv", index=False)


def write_earlier(run: Path, *epochs: int) -> None:
    """Runs of so many `epochs` before the one in the folder `run`."""
    runs = [history(count, run=number) for number, count in enumerate(epochs, start=1)]
    pd.concat(runs).to_csv(run / "earlier.csv", index=False)


def change_config(run: Path, **training: object) -> None:
    config = json.loads((run / "config.json").read_text())
    config["training"] |= training
    (run / "config.json").write_text(json.dumps(config))
