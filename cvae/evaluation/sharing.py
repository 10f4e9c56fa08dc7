"""Several processes share the sequences of an evaluation; the first one keeps the results.

The chunks are the same however many processes there are, and so are the numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import torch
from tqdm import tqdm

from cvae.data.bundle import SequenceSource
from cvae.errors import InputError
from cvae.evaluation.protocol import Protocol
from cvae.evaluation.run import chunks, measure_chunk
from cvae.evaluation.storage import Partial
from cvae.inference.predictor import Predictor


@dataclass(frozen=True)
class Team:
    """Which of `processes` this one is, by its rank from 0; the first one leads."""

    rank: int = 0
    processes: int = 1

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def from_leader(self, value: Any) -> Any:
        """The leader's `value`, in every process."""
        if self.processes == 1:
            return value
        box = [value]
        self._together(torch.distributed.broadcast_object_list, box, 0)
        return box[0]

    def gather(self, value: Any) -> list[Any]:
        """The values of all processes by rank, in every process."""
        if self.processes == 1:
            return [value]
        values = [None] * self.processes
        self._together(torch.distributed.all_gather_object, values, value)
        return values

    def _together(self, operation: Any, *arguments: Any) -> None:
        """Raises InputError if another process does not take part, after the set time."""
        try:
            operation(*arguments)
        except RuntimeError as error:
            raise InputError(
                "Another process of this evaluation has died or does not answer; run the same "
                "command again: what is kept is not measured again."
            ) from error


def measure_together(
    predictor: Predictor,
    source: SequenceSource,
    protocol: Protocol,
    *,
    samples: int,
    limit: int | None,
    partial: Partial | None,
    team: Team,
) -> pd.DataFrame | None:
    """Scores as `measure` gives them, in the leading process; None in the others.

    partial: where the leader finds what is measured already and keeps what is measured now.
    That the request fits was checked before (see `check_request`).
    Raises InputError if the disk refuses or another process is lost.
    """
    whole = chunks(source, samples=samples, limit=limit)
    found = {}
    if team.leads and partial:
        found = {numbers: partial.load(numbers) for numbers in whole if partial.has(numbers)}
    known = team.from_leader(sorted(found, key=lambda numbers: numbers.start))
    missing = [numbers for numbers in whole if numbers not in known]
    with _bar(f"{predictor.checkpoint.name}, {protocol.name}", whole, known, team) as bar:
        for numbers, scores in _share(predictor, source, protocol, missing, samples, team):
            if team.leads:
                found[numbers] = scores
                if partial:
                    partial.keep(numbers, scores)
                bar.update(len(numbers))
    if not team.leads:
        return None
    return pd.concat([found[numbers] for numbers in whole], ignore_index=True)


def _share(
    predictor: Predictor,
    source: SequenceSource,
    protocol: Protocol,
    missing: list[range],
    samples: int,
    team: Team,
) -> Iterator[tuple[range, pd.DataFrame]]:
    """Chunks and their scores, as many at a time as there are processes."""
    for start in range(0, len(missing), team.processes):
        together = missing[start : start + team.processes]
        scores = None
        if team.rank < len(together):
            scores = measure_chunk(predictor, source, protocol, together[team.rank], samples)
        # After each chunk, so that nobody waits longer for another than a chunk takes.
        yield from zip(together, team.gather(scores)[: len(together)], strict=True)


def _bar(name: str, whole: list[range], known: list[range], team: Team) -> tqdm:
    return tqdm(
        desc=name,
        total=sum(map(len, whole)),
        initial=sum(map(len, known)),
        unit="seq",
        leave=False,
        disable=not team.leads,
    )
