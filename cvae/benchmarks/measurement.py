"""What a measured number is: the median of repeats, with their spread."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Measurement:
    """The same thing measured several times."""

    values: tuple[float, ...]

    @classmethod
    def repeat(cls, measure: Callable[[int], float], times: int) -> "Measurement":
        """`measure(0)`, `measure(1)`, ... one after the other."""
        return cls(tuple(measure(number) for number in range(times)))

    @property
    def median(self) -> float:
        return median(self.values)

    def __str__(self) -> str:
        """ "1,234 (1,200 to 1,250)": median, least and greatest."""
        return format(self, ",.0f")

    def __format__(self, number: str) -> str:
        """As `str`, with numbers of that format: `f"{ratio:.2f}"` is "1.52 (1.50 to 1.60)"."""
        parts = (self.median, min(self.values), max(self.values))
        return "{} ({} to {})".format(*(format(part, number or ",.0f") for part in parts))
