"""What the runs of a plan came to: rows of a table, each compared with its question's reference."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cvae.ablations.question import Question, Setting
from cvae.config import RunConfig
from cvae.errors import InputError
from cvae.evaluation.columns import SPREAD
from cvae.evaluation.pairing import by_sequence, difference, verdict
from cvae.evaluation.protocol import GIVEN_STATES
from cvae.evaluation.rows import BEST, ONE_SAMPLE, POSTERIOR, PRIOR_MEAN
from cvae.evaluation.scores import Estimate, Evaluation
from cvae.evaluation.storage import stored
from cvae.model.checkpoint import load_config
from cvae.model.history import HISTORY, load_history
from cvae.model.weights import has_weights, weights_checksum
from cvae.training.progress import RESUME

TABLE = "ablations.csv"
SEQUENCES = "ablations-sequences.csv.xz"  # what the differences in the table are taken of
HISTORIES = "ablations-histories.csv.xz"
MEASURED = "validation"  # within a run's folder
METRIC = "psnr"
DIGITS = 6  # of what is stored: more than is shown, so that nothing is rounded twice
NOTHING = Estimate(None, None, 0)


@dataclass(frozen=True)
class Measured:
    """A run that is trained to its end, and measured.

    psnr: in dB, a row a sequence and a column a variant. history: a row an epoch; the last one
    has numbers. windows: drawn.
    """

    evaluation: Evaluation
    psnr: pd.DataFrame
    history: pd.DataFrame
    windows: int

    def estimate(self, variant: str, metric: str = METRIC) -> Estimate:
        """NOTHING where it was not measured: best and spread need several samples."""
        return self.evaluation.overall.get(variant, {}).get(metric, NOTHING)

    @property
    def kl(self) -> float:
        """Nats per frame in the last epoch."""
        return float(self.history["kl"].iloc[-1])

    @property
    def active_dims(self) -> int:
        return int(self.history["active_dims"].iloc[-1])

    @property
    def collapsed(self) -> bool:
        return self.active_dims == 0


@dataclass(frozen=True)
class Row:
    """A setting of a question with its numbers.

    gain: one sample's PSNR less that of the question's reference, sequence by sequence;
    gain_at_mean: the same with z at the prior's mean. NOTHING for the reference itself, and while
    that is not measured.
    """

    question: Question
    setting: Setting
    measured: Measured
    gain: Estimate
    gain_at_mean: Estimate

    @property
    def verdict(self) -> str:
        """What `gain` says: "reference", "better", "worse" or "none"; empty without a reference."""
        if self.setting == self.question.reference:
            return "reference"
        return "" if self.gain is NOTHING else verdict(self.gain)


def load_measured(run: Path, config: RunConfig) -> Measured | None:
    """What the folder `run` holds of this configuration; None if it is not complete.

    Raises InputError if files of a complete run are damaged, or its last epoch has no numbers.
    """
    if (run / RESUME).exists() or not has_weights(run):
        return None
    if load_config(run)[0] != config:
        return None
    evaluations, scores = stored(run / MEASURED, weights_checksum(run))
    if scores is None or GIVEN_STATES.name not in evaluations:
        return None
    history = load_history(run, ("kl", "active_dims"))
    if history[["kl", "active_dims"]].iloc[-1].isna().any():
        raise InputError(
            f"{run / HISTORY} has no numbers of the last epoch, all of whose batches were skipped: "
            "look for odd numbers in the data, and train in a new folder."
        )
    return Measured(
        evaluation=evaluations[GIVEN_STATES.name],
        psnr=by_sequence(scores, GIVEN_STATES.name, METRIC),
        history=history,
        windows=len(history) * config.training.sequences_per_epoch,
    )


def rows(questions: list[Question], found: dict[str, Measured]) -> list[Row]:
    """A row for each setting whose run is among those `found`, by name.

    Questions of which only one run is found are left out: there is nothing to compare.
    """
    begun = [q for q in questions if sum(setting.run in found for setting in q.settings) > 1]
    return [
        Row(
            question,
            setting,
            found[setting.run],
            _gain(question, setting, found, ONE_SAMPLE),
            _gain(question, setting, found, PRIOR_MEAN),
        )
        for question in begun
        for setting in question.settings
        if setting.run in found
    ]


def table(measured: list[Row], samples: int) -> pd.DataFrame:
    """The rows as they are stored; "NAME ±" is the half-width of the 95 % interval of "NAME"."""
    columns = ["question", "setting", "windows", "KL (nats per frame)", "active dimensions"]
    for name in (*_estimates(None, samples), *_gains(None)):
        columns += [name, f"{name} ±"]
    return pd.DataFrame(
        [_cells(row, samples) for row in measured], columns=[*columns, "gain", "run"]
    )


def sequences(found: dict[str, Measured]) -> pd.DataFrame:
    """What differences are taken of: a row a run and sequence, PSNR in dB of each variant."""
    return _of_each(
        {name: measured.psnr.round(DIGITS).reset_index() for name, measured in found.items()}
    )


def histories(found: dict[str, Measured]) -> pd.DataFrame:
    """A row a run and epoch."""
    return _of_each({name: measured.history for name, measured in found.items()})


def _of_each(parts: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([part.assign(run=name) for name, part in parts.items()], ignore_index=True)


def _gain(
    question: Question, setting: Setting, found: dict[str, Measured], variant: str
) -> Estimate:
    reference = found.get(question.reference.run)
    if setting == question.reference or reference is None:
        return NOTHING
    return difference(found[setting.run].psnr[variant], reference.psnr[variant])


def _cells(row: Row, samples: int) -> dict[str, Any]:
    measured = row.measured
    cells = {
        "question": row.question.asks,
        "setting": row.setting.words,
        "windows": measured.windows,
        "KL (nats per frame)": round(measured.kl, 2),
        "active dimensions": measured.active_dims,
        "gain": row.verdict,
        "run": row.setting.run,
    }
    for name, estimate in {**_estimates(measured, samples), **_gains(row)}.items():
        cells |= {name: _number(estimate.mean), f"{name} ±": _number(estimate.half_width)}
    return cells


def _estimates(measured: Measured | None, samples: int) -> dict[str, Estimate]:
    """What was measured, by the heading of its column."""
    names = {
        "one sample (dB)": (ONE_SAMPLE, METRIC),
        "prior's mean (dB)": (PRIOR_MEAN, METRIC),
        f"best of {samples} (dB)": (BEST, METRIC),
        "posterior reference (dB)": (POSTERIOR, METRIC),
        "spread (grey levels)": (ONE_SAMPLE, SPREAD),
    }
    return {
        name: measured.estimate(*where) if measured else NOTHING for name, where in names.items()
    }


def _gains(row: Row | None) -> dict[str, Estimate]:
    """How far the row lies above its reference, by the heading of its column."""
    return {
        "difference (dB)": row.gain if row else NOTHING,
        "difference at the prior's mean (dB)": row.gain_at_mean if row else NOTHING,
    }


def _number(value: float | None) -> float:
    return np.nan if value is None else round(value, DIGITS)
