"""Several models under several protocols: measured, stored as they are done, gone on with."""

import hashlib
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path

from cvae.data.bundle import SequenceSource
from cvae.data.split import Split
from cvae.data.store_layout import MANIFEST
from cvae.disk import write_whole
from cvae.errors import InputError
from cvae.evaluation.card import history_of, shown, write_card
from cvae.evaluation.curves import curves_webp
from cvae.evaluation.perceptual import available
from cvae.evaluation.protocol import Protocol
from cvae.evaluation.run import check_request
from cvae.evaluation.scores import Evaluation, load_evaluations
from cvae.evaluation.sharing import Team, measure_together
from cvae.evaluation.storage import (
    CURVES,
    Partial,
    check_size,
    remove_partial,
    sole_evaluation,
    store,
)
from cvae.evaluation.summary import summarise
from cvae.evaluation.variants import SEED
from cvae.inference.predictor import Predictor
from cvae.model.checkpoint import name_of, of_known_weights


@dataclass(frozen=True)
class Model:
    """A loaded checkpoint, the folder of its evaluation, and the checksum of its weights."""

    predictor: Predictor
    folder: Path
    weights: str


@dataclass(frozen=True)
class Survey:
    """What is measured: `samples` a sequence, on the first `limit` sequences of a split or all.

    data: folder that `source` is in. out: where the numbers go, in a folder for each model,
    instead of the checkpoints. team: the processes that share the work.
    """

    data: Path
    source: SequenceSource
    split: str
    protocols: list[Protocol]
    samples: int
    limit: int | None
    out: Path | None
    team: Team

    @property
    def stores(self) -> bool:
        """A selection's numbers must not take the place of a whole split's."""
        whole = self.limit is None or self.limit >= len(self.source)
        return self.out is not None or (isinstance(self.source, Split) and whole)

    @property
    def describes(self) -> bool:
        """Whether models get a card of what is measured."""
        return self.stores and self.out is None

    def load(self, paths: list[Path], device: str) -> list[Model]:
        """The checkpoints in `paths`. Raises InputError unless all can be measured in all ways."""
        names = [name_of(path) for path in paths]
        twice = next((name for name in names if names.count(name) > 1), None)
        if self.out and twice:
            raise InputError(f"Two checkpoints are called {twice}; measure them one by one.")
        for protocol in self.protocols:
            check_request(self.source, protocol, samples=self.samples, limit=self.limit)
        if self.stores:
            count = len(self.source)
            check_size(min(self.limit or count, count), self.protocols)
        models = []
        for path in paths:
            predictor, weights = of_known_weights(path, partial(Predictor.load, path, device))
            folder = self.out / name_of(path) if self.out else path
            models.append(Model(predictor, folder, weights))
            if self.describes:
                history_of(path)  # what is wrong with it is told now, not when all is measured
        return models

    def run(self, models: list[Model]) -> list[dict[str, Evaluation]]:
        """Measure each of `models`; their evaluations by protocol, in the leading process alone.

        What is done is stored at once; where this is killed, the same call goes on.
        Raises InputError if another process is storing an evaluation of one of them.
        """
        with ExitStack() as stack:
            if self.stores and self.team.leads:
                # By where they really are: a link may name a folder once more.
                for folder in {model.folder.resolve(): model.folder for model in models}.values():
                    stack.enter_context(sole_evaluation(folder))
            results = [self._measure(model) for model in models]
            if self.stores and self.team.leads:
                for model in models:
                    remove_partial(model.folder)  # not before all is done: nothing is done twice
        return results

    def _measure(self, model: Model) -> dict[str, Evaluation]:
        evaluations, keeps = {}, self.stores and self.team.leads
        for protocol in self.protocols:
            scores = measure_together(
                model.predictor,
                self.source,
                protocol,
                samples=self.samples,
                limit=self.limit,
                partial=self._partial(model, protocol) if keeps else None,
                team=self.team,
            )
            if scores is None:  # the leading process has them
                continue
            evaluation = summarise(
                scores,
                model.predictor.checkpoint,
                self.source,
                protocol,
                samples=self.samples,
                data=shown(self.data),
                data_checksum=self._data_checksum,
                split=self.split,
            )
            evaluations[protocol.name] = evaluation
            if self.stores:
                store(model.folder, model.weights, evaluation, scores)
        if evaluations and self.stores:
            self._describe(model)
        return evaluations

    def _describe(self, model: Model) -> None:
        """The figure and, in a checkpoint, the card, of all that is stored in its folder."""
        stored = load_evaluations(model.folder)
        write_whole(model.folder / CURVES, curves_webp(stored))
        if self.describes:
            write_card(model.folder, stored)

    @cached_property
    def _data_checksum(self) -> str:
        """That of a store's split, of a bundle's manifest, or else of what is read.

        Reading takes no time beside measuring.
        """
        if isinstance(self.source, Split):
            return self.source.checksum
        manifest = self.data / MANIFEST
        if manifest.is_file():
            return hashlib.sha256(manifest.read_bytes()).hexdigest()[:16]
        digest, count = hashlib.sha256(), len(self.source)
        # The last one that is measured is tried with the actions of the next.
        for index in range(count if self.limit is None else min(self.limit + 1, count)):
            sequence = self.source[index]
            digest.update(repr((sequence.name, sequence.positions is None)).encode())
            for array in (sequence.frames, sequence.actions, sequence.positions):
                digest.update(b"" if array is None else array.tobytes())
        return digest.hexdigest()[:16]

    def _partial(self, model: Model, protocol: Protocol) -> Partial:
        identity = {
            "weights": model.weights,
            "data": self._data_checksum,
            "split": self.split,
            "limit": self.limit,
            "protocol": asdict(protocol),
            "samples": self.samples,
            "seed": SEED,
            "lpips": available(),
            "device": model.predictor.device.type,  # a GPU rounds otherwise
        }
        return Partial(model.folder, protocol.name, identity)
