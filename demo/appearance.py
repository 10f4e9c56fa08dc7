"""How each model looks, the same in panes, charts and tables (readable for the colour-blind)."""

from collections.abc import Sequence as Items
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Look:
    """label: what people read. dash: as plotly names it; svg_dash: as SVG wants it."""

    label: str
    colour: str
    dash: str
    svg_dash: str


class Named(Protocol):
    """What has a look: a model, known by a name that no other model has."""

    @property
    def name(self) -> str: ...


# Okabe and Ito's colours; the first two are those of the fixed and the learned prior.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9")
DASHES = (
    ("solid", ""),
    ("dash", "7 4"),
    ("dashdot", "8 4 2 4"),
    ("longdash", "12 4"),
    ("longdashdot", "12 4 2 4"),
    ("dot", "2 4"),
)
COPY_LAST = Look("Copy last frame", "#8A8A8A", "dot", "1 4")
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
    rounds, place = divmod(number, len(COLOURS))
    dash, svg_dash = DASHES[(place + rounds) % len(DASHES)]
    return Look(LABELS.get(name, name), COLOURS[place], dash, svg_dash)
