"""Training: epochs of drawn windows, validation after each, a state to resume from."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import torch

from cvae.config import RunConfig
from cvae.data.dataset import SequenceDataset
from cvae.data.split import Split
from cvae.data.store import Store
from cvae.device import Precision, fastest
from cvae.disk import sole_owner
from cvae.errors import InputError
from cvae.inference.predictor import Predictor
from cvae.model.cvae import CVAE
from cvae.training.engine import Engine, launch
from cvae.training.epoch import train_epoch
from cvae.training.interruption import Interrupted, StopSignals
from cvae.training.losses import Objective, Observer
from cvae.training.memory import out_of_memory
from cvae.training.new_run import check_free_memory, new_run, open_dataset
from cvae.training.progress import Run, check_empty, is_complete, load_resume
from cvae.training.state_fit import fit_state_model
from cvae.training.statistics import measure_statistics
from cvae.training.update import batches_per_epoch
from cvae.training.validation import validate
from cvae.training.watching import Watch


def train(
    store: Store,
    out: Path,
    config: RunConfig,
    device: torch.device,
    *,
    precision: Precision | None = None,
    save_minutes: float = 10.0,
    first_weights: Path | None = None,
    observer: Callable[[CVAE], Observer] | None = None,
) -> None:
    """Train a model on `store` into the folder `out`; goes on where a run there stopped.

    The state is saved after every epoch, and within one whenever `save_minutes` have passed.
    Started by `torchrun`, the processes share every batch and train one model together; the first
    alone writes into `out`, from where `load_checkpoint` reads the model, and prints.

    precision: of convolutions and matrix products; by default what is fastest on `device`.
    first_weights: folder of a checkpoint whose weights are the first; else they are random.
    observer: makes of the model what observes in its place while it is trained (`CVAE.observe`);
        BatchNorm then keeps running averages of what it sees, as under SVG's scripts.
    Raises InputError if the data do not fit the settings, `out` holds something else, the disk
    refuses, or the numbers stop being finite; Interrupted, with the state saved, on a signal.
    """
    splits = store.split("train"), store.split("validate")
    engine = launch(device, precision or fastest(device))
    dataset = open_dataset(splits[0], config, engine.processes)
    check_free_memory(config, engine)
    run = new_run(store, out, config, engine, dataset.normalisation, first_weights)
    _train(run, dataset, splits[1], engine, save_minutes, observer)
    engine.close()


def _train(
    run: Run,
    dataset: SequenceDataset,
    validation: Split,
    engine: Engine,
    save_minutes: float,
    observer: Callable[[CVAE], Observer] | None,
) -> None:
    """Everything that holds the distributed objective, so that its end is the objective's."""
    out = run.checkpoint.path
    with ExitStack() as stack:
        stop = stack.enter_context(StopSignals())
        if engine.leads:
            stack.enter_context(sole_owner(out))
        # The first process alone reads and writes the folder: the others may not even see it.
        found = engine.fabric.broadcast(_look(run) if engine.leads else None)
        assert found is not None, "the first process has looked"
        complete, state = found
        if complete:
            if engine.leads:
                print(f"{out} is already complete.")
            return
        if state is not None:
            run.restore(state)
        elif engine.leads:
            run.save()  # first of all: a folder without a state can't be gone on with
        watch = stack.enter_context(Watch(run)) if engine.leads else None
        trainer = Trainer(run, dataset, validation, engine, observer, stop, watch, save_minutes)
        trainer.run_to_the_end(resumed=state is not None)


class Trainer:
    """A run, its data, and the process that trains it. Only the leading process has a watch."""

    def __init__(
        self,
        run: Run,
        dataset: SequenceDataset,
        validation: Split,
        engine: Engine,
        observer: Callable[[CVAE], Observer] | None,
        stop: StopSignals,
        watch: Watch | None,
        save_minutes: float,
    ) -> None:
        self.run, self.dataset, self.validation = run, dataset, validation
        self.engine, self.stop, self.watch = engine, stop, watch
        self.keeps_averages = observer is not None
        model = run.checkpoint.model
        self.objective = engine.distribute(Objective(observer(model) if observer else model))
        self.save_seconds = 60 * save_minutes
        self.saved = time.monotonic()

    def run_to_the_end(self, resumed: bool) -> None:
        run, config = self.run, self.run.checkpoint.config
        self._tell_begin(resumed)
        try:
            if not run.has_state_model:
                self._fit_state_model()
            if self.watch:
                run.publish()  # may have been lost between the state and what is made from it
            while run.epoch < config.training.epochs:
                self._epoch()
        except Interrupted as interrupted:
            self._save("interrupted", signal=int(interrupted.signal_number))
            raise
        except InputError as error:
            self._tell_failed(error)
            raise
        except torch.OutOfMemoryError as error:  # something else has taken what was free
            told = out_of_memory(config, self.engine.processes)
            self._tell_failed(told)
            raise told from error
        if self.watch:
            self.watch.event("finished", epochs=run.epoch)
            run.finish()
            self.watch.say(f"{run.checkpoint.path} is complete.")

    def _tell_failed(self, error: InputError) -> None:
        if self.watch:
            self.watch.event("failed", why=str(error))

    def _tell_begin(self, resumed: bool) -> None:
        run, training = self.run, self.run.checkpoint.config.training
        if not self.watch:
            return
        facts = {
            "epoch": run.epoch + 1,
            "batch": run.logs.batches,
            "processes": self.engine.processes,
            "device": str(self.engine.device),
            "precision": self.engine.precision,
        }
        self.watch.event("resumed" if resumed else "begun", **facts)
        if resumed:
            place = f"epoch {run.epoch} of {training.epochs}"
            if run.logs.batches:
                place += f" and {run.logs.batches} of {batches_per_epoch(training)} batches"
            self.watch.say(f"Going on with {run.checkpoint.path} after {place}.")

    def _fit_state_model(self) -> None:
        run, training = self.run, self.run.checkpoint.config.training
        split = self.dataset.split
        if self.watch:
            self.watch.say(f"Fitting the state model on {len(split)} sequences.")
        fitted = fit_state_model(split, training.state_updates, training.seed, self._check)
        run.checkpoint.state_model.load_state_dict(fitted.state_dict())
        run.has_state_model = True
        self._save("saved")

    def _check(self) -> None:
        """Raise Interrupted if a signal has come to a run of one process.

        Several stop together, after the next batch: one that went alone would leave the others
        waiting for it.
        """
        if self.engine.processes == 1:
            self.stop.check()

    def _epoch(self) -> None:
        run, horizon = self.run, self.run.checkpoint.config.training.n_future
        row = train_epoch(
            run, self.dataset, self.engine, self.objective, self.stop, self._after_batch
        )
        begun = time.perf_counter()
        if not self.keeps_averages:
            measure_statistics(run, self.dataset, self.engine)
        # Prepared anew: a predictor is a copy, and does not follow the weights.
        predictor = Predictor(run.checkpoint, self.engine.device)
        row["validation_psnr"], row["validation_ssim"], example = validate(
            predictor, self.validation, horizon, self.engine, self._check
        )
        row["seconds"] = run.logs.seconds + time.perf_counter() - begun
        if self.watch:
            assert example is not None, "the first process has a sequence to validate on"
            self.watch.epoch(run, row, example)
        run.complete_epoch(row)
        self._save("epoch", **row)
        if self.watch:
            run.publish()

    def _after_batch(self) -> None:
        if not self.watch:
            return
        run = self.run
        self.watch.batch(run)
        if run.skipped_in_a_row:
            facts = {"epoch": run.epoch + 1, "batch": run.logs.batches}
            self.watch.event("skipped", **facts, in_a_row=run.skipped_in_a_row)
        if time.monotonic() - self.saved >= self.save_seconds:
            self._save("saved")

    def _save(self, event: str, **facts: object) -> None:
        """Save the state; what the event tells is true from then on."""
        if self.watch:
            self.run.save()
            self.saved = time.monotonic()
            place = {"epoch": self.run.epoch + 1, "batch": self.run.logs.batches}
            self.watch.event(event, **(facts or place))


def _look(run: Run) -> tuple[bool, dict | None]:
    """Whether the folder of `run` holds it complete, or else the state to go on from, if any."""
    state = load_resume(run.checkpoint.path)
    complete = state is None and is_complete(run)
    if state is None and not complete:
        check_empty(run)
    return complete, state
