"""What simulated data say of where they come from, so that scenes are rebuilt by who made them."""

from cvae.data.bundle import SequenceSource
from cvae.errors import InputError

SOURCE = "simulated"
# Goes up whenever the same seed no longer gives the same frames: a half-written store of
# another version is not continued.
DESCRIPTION = {"simulator": 3}


def require_same_simulator(source: SequenceSource, name: str) -> None:
    """Raises InputError unless a seed of `source` gives here the scene that it gave there."""
    if source.source != SOURCE:
        raise InputError(
            f"{name} is not simulated (its data come from {source.source!r}), so its scene can't "
            "be rebuilt: choose a simulated sequence."
        )
    made, here = source.description.get("simulator"), DESCRIPTION["simulator"]
    if made != here:
        raise InputError(
            f"{name} was made by version {made} of the simulator and this is version {here}, "
            "whose scenes differ: make the data again with `simulate`."
        )
