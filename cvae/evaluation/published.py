"""What the report that this project starts from measured: PSNR on the real BAIR test set."""

from dataclasses import dataclass, replace
from typing import Any

from cvae.config import RunConfig


@dataclass(frozen=True)
class Condition:
    """A row of a table of the report: what was trained, and its PSNR in dB on real BAIR.

    reported: `psnr_lab`; None where the report has no such row.
    """

    label: str
    prior: str
    cyclical: bool
    reported: float | None = None

    def met_by(self, config: RunConfig) -> bool:
        """Whether a run is of this kind: told actions and positions, as the report's models are."""
        model, cyclical = config.model, config.training.kl_cycles > 1
        return model.conditioned and (model.prior, cyclical) == (self.prior, self.cyclical)

    def otherwise(self, **changed: Any) -> "Condition":
        """The same comparison in a setting that the report does not have."""
        return replace(self, reported=None, **changed)


MONOTONIC = Condition("Monotonic", "fixed", cyclical=False, reported=26.375)
REPORT = {
    "KL weight": (Condition("Cyclical", "fixed", cyclical=True, reported=25.468), MONOTONIC),
    "Prior": (
        Condition("Learned", "learned", cyclical=False, reported=25.953),
        replace(MONOTONIC, label="Fixed"),
    ),
}
CONTRADICTION = (
    "The report's text says that the cyclical weight is better; its table says the opposite, and "
    "the table is what was measured. It does not say which condition a step is fed, of which epoch "
    "and split its numbers are, or how z was drawn."
)
