"""The order in which training draws sequences, and where each window starts.

Everything is drawn here: so the draws depend on the seed and on their number only, whatever the
number of processes that share a batch and wherever a run was resumed.
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
from torch.utils.data import Sampler

ORDER, START = 0, 1  # keep the two kinds of draws of one seed apart


class Window(NamedTuple):
    """Frames `start`, `start + 1`, ... of sequence number `sequence`."""

    sequence: int
    start: int


class EpochSampler(Sampler[Window]):
    """Draws `draws_per_epoch` windows an epoch from an endless row of shuffled passes.

    A pass is a permutation of all sequences; an epoch takes up where the one before it ended.
    So epochs may be shorter or longer than the data, and no sequence is drawn again before all
    the others were. Draw number n is a function of (seed, n).

    sequences: how many there are.
    starts: from how many first frames a window may start (1: always from frame 0).
    seed: at least 0.
    """

    def __init__(self, sequences: int, starts: int, *, seed: int, draws_per_epoch: int) -> None:
        self.sequences = sequences
        self.starts = starts
        self.seed = seed
        self.draws_per_epoch = draws_per_epoch
        self.begin(0)

    def begin(self, epoch: int, drawn: int = 0) -> None:
        """Let the next iteration give `epoch`, without its first `drawn` windows (to resume)."""
        self._first = epoch * self.draws_per_epoch + drawn
        self._end = (epoch + 1) * self.draws_per_epoch

    def __len__(self) -> int:
        return self._end - self._first

    def __iter__(self) -> Iterator[Window]:
        order, ordered_pass = np.empty(0, int), None
        for number in range(self._first, self._end):
            shuffled_pass, place = divmod(number, self.sequences)
            if shuffled_pass != ordered_pass:
                rng = np.random.default_rng([self.seed, ORDER, shuffled_pass])
                order, ordered_pass = rng.permutation(self.sequences), shuffled_pass
            start = np.random.default_rng([self.seed, START, number]).integers(self.starts)
            yield Window(int(order[place]), int(start))


class SharedBatches(Sampler[list[Window]]):
    """The batches of an epoch, of which each process gets an equal, consecutive share.

    The batch size is that of all processes together and, like the number of draws of an epoch,
    a multiple of `processes`. One process alone gets all.
    """

    def __init__(self, sampler: EpochSampler, batch_size: int, rank: int, processes: int) -> None:
        self.sampler = sampler
        self.batch_size = batch_size
        self.rank = rank
        self.processes = processes

    def __len__(self) -> int:
        return -(-len(self.sampler) // self.batch_size)

    def __iter__(self) -> Iterator[list[Window]]:
        drawn = iter(self.sampler)
        while windows := list(islice(drawn, self.batch_size)):
            share = len(windows) // self.processes
            yield windows[self.rank * share : (self.rank + 1) * share]
