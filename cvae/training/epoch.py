"""One epoch: its batches from where the run stands, and its row of the history."""

import signal
import time
from collections.abc import Callable

from torch import nn

from cvae.data.dataset import SequenceDataset
from cvae.errors import InputError
from cvae.training.draws import batches_from
from cvae.training.engine import Engine
from cvae.training.interruption import Interrupted, StopSignals
from cvae.training.progress import Run
from cvae.training.update import beta_of, forcing_of, rate_of, train_batch

PATIENCE = 10  # batches in a row without a finite loss and gradient that end a run


def train_epoch(
    run: Run,
    dataset: SequenceDataset,
    engine: Engine,
    objective: nn.Module,
    stop: StopSignals,
    after_batch: Callable[[], None],
) -> dict[str, float]:
    """Update to the end of the epoch; returns its row, without validation and seconds.

    `after_batch` is called when the state of `run` is consistent.
    Raises Interrupted after a batch when any process wants to stop, and InputError when
    PATIENCE batches in a row had to be skipped.
    """
    training = run.checkpoint.config.training
    run.checkpoint.model.train()
    begun = time.perf_counter()
    for packed in batches_from(run, dataset, engine, run.logs.batches):
        ends = train_batch(run, packed.to(engine.device), engine, objective, bool(stop.requested))
        run.logs.seconds += time.perf_counter() - begun
        begun = time.perf_counter()
        after_batch()
        if run.skipped_in_a_row >= PATIENCE:
            raise InputError(
                f"{run.skipped_in_a_row} batches in a row gave a loss or gradient that is not "
                f"finite (up to batch {run.logs.batches} of epoch {run.epoch + 1}); look for odd "
                "numbers in the data, lower training.learning_rate or training.grad_clip, and "
                "train in a new folder."
            )
        if ends:
            raise Interrupted(stop.requested or signal.SIGTERM)
    return {
        "epoch": run.epoch + 1,
        **run.logs.means(),
        "beta": beta_of(training, run.epoch),
        "teacher_forcing_ratio": forcing_of(training, run.epoch),
        "learning_rate": rate_of(training, run.epoch, run.logs.batches - 1),
        "skipped": run.logs.skipped,
    }
