"""What tells models apart in pictures and charts: colours and dashes, the same everywhere."""

from dataclasses import dataclass

# Okabe and Ito's colours, readable for the colour-blind. In strips and GIFs the first ones belong
# to the priors, in the order in which the configuration lists them.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9")
DASHES = ("", "7 4", "8 4 2 4", "12 4", "12 4 2 4", "2 4")


@dataclass(frozen=True)
class Look:
    """colour: of a line. dash: its stroke-dasharray in SVG, "" for a solid one."""

    colour: str
    dash: str


REFERENCE = Look("#8A8A8A", "1 4")  # what a model is compared with, such as the last frame copied


def look(number: int) -> Look:
    """The look of model `number`: the first blue and solid, the second orange and dashed.

    No two of 36 share both colour and dash.
    """
    rounds, place = divmod(number, len(COLOURS))
    return Look(COLOURS[place], DASHES[(place + rounds) % len(DASHES)])
