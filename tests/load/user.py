"""One user: opens the page, looks, changes the seed, the sequence or the models, looks again."""

import json
import threading
import time
from dataclasses import dataclass, field, replace

import numpy as np
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.Element_pb2 import Element
from websockets.exceptions import ConnectionClosed

from demo.gallery import first_sequence
from demo.state import MAX_SEED, SHOWN_AT_ONCE
from tests.load.answers import FIRST, MODELS, SEED, SEQUENCE, Answer, Truth, Wish
from tests.load.session import Session, SessionFailed, open_session

LOOKS = 0.5, 1.5  # times the pause: how long a user looks at a picture


@dataclass
class Player:
    """A user's visit. failures: in words; a user who met one has left.

    number: of the user, which with `seed` determines all that is asked for.
    pause: seconds that a picture is looked at, on average.
    """

    address: str
    truth: Truth
    seed: int
    number: int
    pause: float
    patience: float
    answers: list[Answer] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def play(self, end: threading.Event) -> None:
        """Until `end`; an answer that was asked for before is still waited for."""
        begun = time.monotonic()
        try:
            with open_session(self.address, self.patience) as session:
                self._visit(session, end, begun)
        except (SessionFailed, ConnectionClosed, OSError, KeyError, ValueError) as error:
            self.failures.append(f"user {self.number}: {type(error).__name__}: {error}")

    def _visit(self, session: Session, end: threading.Event, begun: float) -> None:
        chance = np.random.default_rng((self.seed, self.number))
        wish = self._first_wish()
        self._ask(session, wish, FIRST, begun)
        while not end.wait(self.pause * chance.uniform(*LOOKS)):
            kind, wish = self._next_wish(wish, chance)
            session.widgets.values = {
                "Seed": wish.seed,
                "Test sequence": wish.sequence,
                "Models": list(wish.models),
            }
            self._ask(session, wish, kind, time.monotonic())

    def _first_wish(self) -> Wish:
        """What the page shows by itself."""
        return Wish(
            first_sequence(self.truth.sequences), tuple(self.truth.models[:SHOWN_AT_ONCE]), 0
        )

    def _next_wish(self, wish: Wish, chance: np.random.Generator) -> tuple[str, Wish]:
        kind = str(chance.choice([SEED, SEQUENCE, MODELS]))
        if kind == SEED:
            return kind, replace(wish, seed=int(chance.integers(1, MAX_SEED)))
        if kind == SEQUENCE:
            others = [name for name in self.truth.sequences.names if name != wish.sequence]
            return kind, replace(wish, sequence=str(chance.choice(others)))
        names = self.truth.models[:SHOWN_AT_ONCE]
        choices = [tuple(names), *((name,) for name in names)]
        others = [models for models in choices if models != wish.models]
        return kind, replace(wish, models=others[chance.integers(len(others))])

    def _ask(self, session: Session, wish: Wish, kind: str, begun: float) -> None:
        told = place = False
        player = None
        for element in session.run():
            if player is None:
                told = told or element.WhichOneof("type") == "spinner"
                place = place or _tells_the_place(element)
            _check(element)
            if element.bidi_component.component_name.endswith("frame_player"):
                seconds = time.monotonic() - begun
                player = json.loads(element.bidi_component.json)
        if player is None:
            raise SessionFailed("the page shows no player")
        self.answers.append(Answer(wish, kind, seconds, player, told or place, place))


def _check(element: Element) -> None:
    kind = element.WhichOneof("type")
    if kind == "exception":
        raise SessionFailed(f"the page shows an exception: {element.exception.message}")
    if kind == "alert" and element.alert.format == Alert.ERROR:
        raise SessionFailed(f"the page shows an error: {element.alert.body}")


def _tells_the_place(element: Element) -> bool:
    return element.WhichOneof("type") == "alert" and "being imagined first" in element.alert.body
