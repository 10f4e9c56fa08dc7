"""How long training waits for data: real batches of a store, drawn as `train` draws them."""

import time
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from cvae.benchmarks.training_steps import Trials
from cvae.benchmarks.variants import Variant
from cvae.data.bundle import SequenceSource, open_test_sequences
from cvae.data.dataset import Normalisation, SequenceDataset
from cvae.data.store import Store, StoreWriter
from cvae.training.draws import batches_from
from cvae.training.progress import EpochLogs
from cvae.training.update import train_batch


def shares_waited(trials: Trials, variant: Variant, batches: int) -> tuple[float, ...]:
    """Of each batch's time, the share until it was on the device; teacher-forced, the fastest.

    The process that trains reads its batches itself, and nothing ahead: what is waited is what
    reading, standardising and the conversion to floats take.
    """
    trial, device = trials.trial(variant), trials.setting.device
    run, shares = trial.runs[True], []
    run.logs = EpochLogs()  # an epoch that begins anew
    with TemporaryDirectory(prefix="cvae-bench-") as folder:
        split = _packed(open_test_sequences(trials.setting.data), Path(folder)).split("train")
        dataset = SequenceDataset(split, Normalisation.fit(split), trials.setting.length)
        begun = time.perf_counter()
        for packed in islice(batches_from(run, dataset, trial.engine, run.logs.batches), batches):
            batch = packed.to(device)
            there = time.perf_counter()
            train_batch(run, batch, trial.engine, trial.objective, False)
            done = time.perf_counter()
            shares.append((there - begun) / (done - begun))
            begun = done
    return tuple(shares)


def _packed(source: SequenceSource, folder: Path) -> Store:
    """The sequences as the training split of a store in `folder`."""
    path = folder / "store"
    with StoreWriter(path, {"train": source.names}, length=source.length, source="bench") as writer:
        for index in writer.pending("train"):
            writer.write("train", index, source[index])
        writer.finish()
    return Store.open(path)
