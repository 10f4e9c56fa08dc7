"""One table of scores as the page shows it: what is compared, and what Compare can show of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from demo.appearance import Look
from demo.score_charts import Pair
from demo.scores import Quantity

if TYPE_CHECKING:
    from cvae.evaluation.scores import Curve


@dataclass(frozen=True)
class ScoreView:
    """One table of scores, and the two of its columns that are compared.

    table: a row a sequence, a column a model, COPY_LAST (where it was measured) the last; all of
    them measured alike.
    looks: by column. titles: of the sequences that the app has at hand, "" where one has no title.
    query: what the URL of Compare has to say to show what was measured, without the sequence; None
    where it can show neither of the two. otherwise: how that differs from what was measured.
    curves: the same quantity over the predicted frames, by column.
    """

    table: pd.DataFrame
    quantity: Quantity
    one: str
    other: str
    looks: Mapping[str, Look]
    titles: Mapping[str, str]
    query: Mapping[str, str | list[str]] | None
    otherwise: str = ""
    curves: "Mapping[str, Curve]" = field(default_factory=dict)

    @property
    def pair(self) -> Pair:
        return (self.one, self.looks[self.one]), (self.other, self.looks[self.other])

    @property
    def difference(self) -> pd.Series:
        """`one` minus `other` on the sequences that both were measured on, best of `one` first."""
        difference = (self.table[self.one] - self.table[self.other]).dropna()
        return difference.sort_values(ascending=self.quantity.sign < 0)

    @property
    def named(self) -> str:
        """What files are called that show it."""
        return f"{self.quantity.metric}_{self.one}-{self.other}"

    @property
    def all_at_hand(self) -> bool:
        """Whether Compare can show every sequence that was measured."""
        return all(self.can_show(sequence) for sequence in self.table.index)

    def can_show(self, sequence: str) -> bool:
        return self.query is not None and sequence in self.titles

    def link_to(self, sequence: str) -> dict[str, str | list[str]]:
        """What the URL of Compare says to show `sequence`, which it can."""
        return {"sequence": sequence, **(self.query or {})}
