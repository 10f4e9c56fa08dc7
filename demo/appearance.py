"""How each prior looks, the same in panes, charts and tables (readable for the colour-blind)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """label: what people read. dash: as plotly names it; svg_dash: as SVG wants it."""

    label: str
    colour: str
    dash: str
    svg_dash: str


PRIOR_LOOKS = {
    "fixed": Look("Fixed prior", "#0072B2", "solid", ""),
    "learned": Look("Learned prior", "#E69F00", "dash", "7 4"),
}
COPY_LAST = Look("Copy last frame", "#8A8A8A", "dot", "1 4")
TRUTH_LABEL = "Ground truth"
