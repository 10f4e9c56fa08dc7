"""How each model looks, the same in panes, charts and tables (readable for the colour-blind)."""

from collections.abc import Sequence as Items
from dataclasses import dataclass
from typing import Protocol

from cvae.evaluation.palette import DASHES, REFERENCE, look


@dataclass(frozen=True)
class Look:
    """label: what people read. dash: as plotly names it; svg_dash: as SVG wants it."""

    label: str
    colour: str
    dash: str
    svg_dash: str

    @property
    def short(self) -> str:
        """The label where there is little room: in charts, and above pictures."""
        return shortened(self.label)


class Named(Protocol):
    """What has a look: a model, known by a name that no other model has."""

    @property
    def name(self) -> str: ...


# Plotly's names of the palette's dashes.
PLOTLY_DASHES = dict(
    zip(DASHES, ("solid", "dash", "dashdot", "longdash", "longdashdot", "dot"), strict=True)
)
LONGEST_LABEL = 28  # letters
COPY_LAST = Look("Copy last frame", REFERENCE.colour, "dot", REFERENCE.dash)
TRUTH_LABEL = "Ground truth"
LABELS = {
    "fixed": "Fixed prior",
    "learned": "Learned prior",
    "fixed-cyclical": "Fixed, cyclical",
    "learned-cyclical": "Learned, cyclical",
    "collapsed": "Collapsed latent",
    "fixed-without-actions": "Fixed, no actions",
    "learned-without-actions": "Learned, no actions",
}


def looks(models: Items[Named]) -> dict[str, Look]:
    """The look of each of `models` by its name.

    `models` are all that `find_models` found, in its order, also where only some are shown: a
    model then keeps its colour on every page and whichever others stand beside it. The first is
    blue and solid, the second orange and dashed; no two of 36 share both colour and dash.
    """
    return {model.name: _look(number, model.name) for number, model in enumerate(models)}


def _look(number: int, name: str) -> Look:
    line = look(number)
    return Look(LABELS.get(name, name), line.colour, PLOTLY_DASHES[line.dash], line.dash)


def shortened(label: str, room: int = LONGEST_LABEL) -> str:
    """`label` in at most `room` letters: both its ends, as names of runs often differ at the last.

    room: from 3 on.
    """
    if len(label) <= room:
        return label
    end = (room - 1) // 2
    return f"{label[: room - 1 - end]}…{label[-end:]}"
