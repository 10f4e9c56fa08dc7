"""The library in a notebook: a model by name, a sequence by title, a future to look at.

    import cvae
    model = cvae.load_model("learned")
    sequences = cvae.load_sequences()
    future = model.predict(sequences["push"], samples=8, seed=1)
    future.psnr.mean(1), future.best.strip()

What is worth a picture shows one when it is the value of a cell; docs/notebook.md goes through
an example.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cvae import bundled
from cvae.data.bundle import SequenceSource, open_test_sequences
from cvae.data.contact_sheet import contact_sheet
from cvae.data.finding import find_sequence
from cvae.data.sequence import Sequence
from cvae.data.store import Store
from cvae.errors import InputError
from cvae.evaluation.future import Future
from cvae.inference.predictor import Latent, Predictor, States
from cvae.model.checkpoint import CONFIG, find_checkpoints

ON_A_SHEET = 24  # sequences that are drawn to show what is there


def load_model(name: str | Path, device: str | None = None) -> "Model":
    """A trained model: the bundled one of that name ("learned"), or that in the folder `name`.

    device: "cpu" or "cuda"; the GPU where there is one, unless told otherwise.
    Raises InputError if there is no such model, or it is damaged.
    """
    path = Path(name)
    bundled_path = bundled.CHECKPOINTS / path
    if len(path.parts) == 1 and (bundled_path / CONFIG).is_file():
        path = bundled_path
    elif not path.is_dir():
        names = ", ".join(found.name for found in find_checkpoints(bundled.CHECKPOINTS))
        raise InputError(
            f"There is no model {str(name)!r}: give the folder of a trained one, such as "
            f"'runs/mine', or the name of one that comes with the project ({names})."
        )
    return Model(Predictor.load(path, device))


def load_sequences(path: str | Path | None = None, split: str = "test") -> "Sequences":
    """The sequences at `path`, a bundle or a packed store; the bundled ones unless told otherwise.

    split: of a store; a bundle has only the test split.
    Raises InputError if there are none, or they are damaged.
    """
    place = bundled.SEQUENCES if path is None else Path(path)
    source = open_test_sequences(place) if split == "test" else Store.open(place).split(split)
    return Sequences(source, place)


class Sequences:
    """Sequences by title ("push"), name or number; each is read when it is asked for.

    titles: title -> name, of those that have one.
    """

    def __init__(self, source: SequenceSource, place: Path) -> None:
        self.names = source.names
        self.titles = {title: name for name, title in source.titles.items()}
        self._source = source
        self._place = place

    def __getitem__(self, wanted: str | int) -> Sequence:
        """The sequence of that title, name or number; InputError if there is none."""
        return find_sequence(self._source, self._place, wanted)

    def __contains__(self, wanted: str) -> bool:
        return wanted in self.titles or wanted in self.names

    def __len__(self) -> int:
        return len(self._source)

    def __iter__(self) -> Iterator[Sequence]:
        return (self._source[number] for number in range(len(self)))

    def __repr__(self) -> str:
        titles = f"; titles: {', '.join(self.titles)}" if self.titles else ""
        source = self._source
        return f"{len(self)} {source.source} sequences of {source.length} frames{titles}"

    def _repr_png_(self) -> bytes:
        """A contact sheet of the first ones."""
        names = self.names[:ON_A_SHEET]
        captions = [" · ".join(filter(None, (self._source.titles.get(n), n))) for n in names]
        stream = io.BytesIO()
        contact_sheet([self[name] for name in names], captions).save(stream, "PNG")
        return stream.getvalue()


@dataclass(frozen=True)
class Model:
    """A trained model, ready to predict."""

    predictor: Predictor

    @property
    def name(self) -> str:
        return self.predictor.checkpoint.name

    def predict(
        self,
        sequence: Sequence,
        *,
        samples: int = 1,
        seed: int = 0,
        horizon: int = 10,
        latent: Latent = "sampled",
        states: States = "given",
    ) -> Future:
        """Imagine the `horizon` frames of `sequence` that follow those the model is given.

        samples: different futures; sample k of a seed is the same however many there are.
        latent: z drawn from the prior, or the prior's mean, which makes one sample.
        states: positions beyond the given frames: recorded, or rolled out from the actions.
        Raises InputError when the sequence is too short, or numbers are out of range.
        """
        last = self.predictor.n_past + horizon
        if len(sequence) < last:
            raise InputError(
                f"{sequence.name} has {len(sequence)} frames, so at most "
                f"{len(sequence) - self.predictor.n_past} can be predicted from "
                f"{self.predictor.n_past} and compared: choose a shorter horizon than {horizon}."
            )
        [prediction] = self.predictor.predict(
            [sequence], samples=samples, seed=seed, horizon=horizon, latent=latent, states=states
        )
        drawn = len(prediction.frames)
        return Future(prediction, sequence.window(0, last), range(drawn), drawn)

    def __repr__(self) -> str:
        config = self.predictor.checkpoint.config.model
        return (
            f"{self.name}: {config.prior} prior, {self.predictor.n_past} given frames, width "
            f"{config.width:g}, on {self.predictor.device_name}"
        )
