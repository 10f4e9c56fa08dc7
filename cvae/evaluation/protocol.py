"""What was measured: a number without its protocol says nothing."""

from dataclasses import dataclass

from cvae.inference.predictor import Latent, States


@dataclass(frozen=True)
class Protocol:
    """How predictions are made that a table's numbers come from.

    n_past given frames, `horizon` predicted ones, `samples` a sequence (their metrics are
    averaged), z as `latent` says, positions beyond the context as `states` says.
    """

    name: str
    n_past: int
    horizon: int
    samples: int
    latent: Latent
    states: States
    description: str

    def __str__(self) -> str:
        """One sentence to stand under a table."""
        samples = "one sample" if self.samples == 1 else f"{self.samples} samples"
        return (
            f"Protocol {self.name}: {self.n_past} given frames -> {self.horizon} predicted, "
            f"{samples} a sequence with z {self.latent} unless the row says otherwise, "
            f"states {self.states} ({self.description})."
        )


GIVEN_STATES = Protocol(
    name="given-states",
    n_past=2,
    horizon=10,
    samples=1,
    latent="sampled",
    states="given",
    description="the lab's setting: actions and recorded positions up to frame t-1 for frame t",
)
