"""What a model is given, and what is asked of it: a number without its protocol says nothing."""

from dataclasses import dataclass, replace
from typing import Literal

from cvae.data.sequence import Sequence
from cvae.errors import InputError


@dataclass(frozen=True)
class Protocol:
    """A task: `horizon` frames are predicted from `context` given ones.

    states: where positions beyond the context come from. "given": recorded ones, up to frame t-1
    for frame t. "rolled out": from the actions, by the state model. "read": none is given at all;
    the first is read from the first frame, the others are rolled out.
    """

    name: str
    context: int
    horizon: int
    states: Literal["given", "rolled out", "read"]
    description: str

    def __str__(self) -> str:
        """One sentence to stand under a table."""
        given = "one given frame" if self.context == 1 else f"{self.context} given frames"
        return (
            f"Protocol {self.name}: {given} -> {self.horizon} predicted, states {self.states} "
            f"({self.description})."
        )

    @property
    def future(self) -> range:
        """Numbers of the predicted frames."""
        return range(self.context, self.context + self.horizon)

    @property
    def length(self) -> int:
        """Frames that a sequence needs."""
        return self.context + self.horizon

    def shown(self, sequence: Sequence) -> Sequence:
        """What a model gets to see of `sequence`: nothing else is handed to it.

        The frames of the context; the actions that lead to the last predicted frame, and for
        given states as many positions.
        """
        steps = self.length - 1
        known = {"given": steps, "rolled out": self.context, "read": 0}[self.states]
        recorded = sequence.positions if known else None
        return Sequence(
            name=sequence.name,
            frames=sequence.frames[: self.context],
            actions=sequence.actions[:steps],
            positions=None if recorded is None else recorded[:known],
        )

    def shown_in_context(self, sequence: Sequence) -> Sequence:
        """`shown`, without the positions beyond the context."""
        shown = self.shown(sequence)
        if shown.positions is None:
            return shown
        return replace(shown, positions=shown.positions[: self.context])


GIVEN_STATES = Protocol(
    name="given-states",
    context=2,
    horizon=10,
    states="given",
    description="the lab's setting: actions and recorded positions up to frame t-1 for frame t",
)
ROLLED_OUT_STATES = Protocol(
    name="rolled-out-states",
    context=2,
    horizon=10,
    states="rolled out",
    description="what a robot would know: positions beyond the given frames follow from the "
    "actions, by the state model",
)
HORIZON = Protocol(
    name="horizon",
    context=2,
    horizon=28,
    states="given",
    description="the lab's setting up to the end of a BAIR sequence; SVG and SRVP predict as far, "
    "without actions",
)
FIELD = Protocol(
    name="field",
    context=1,
    horizon=15,
    states="read",
    description="actions only, as action-conditioned models of the field are measured; the first "
    "position is read from the frame, recorded ones are taken away",
)
PROTOCOLS = {p.name: p for p in (GIVEN_STATES, ROLLED_OUT_STATES, HORIZON, FIELD)}


def find_protocols(names: tuple[str, ...]) -> list[Protocol]:
    """The protocols of these names, each once, in the order of PROTOCOLS.

    Raises InputError if a name is unknown, or there is none.
    """
    unknown = [name for name in names if name not in PROTOCOLS]
    if unknown or not names:
        what = f"There is no protocol {unknown[0]!r}" if unknown else "No protocol is named"
        raise InputError(f"{what}; choose from: {', '.join(PROTOCOLS)}.")
    return [protocol for name, protocol in PROTOCOLS.items() if name in names]
