"""The numbers of evaluated models, one a test sequence: side by side, and who is better where.

A score is the mean of a metric over a sequence's predicted frames, as in the tables.
"""

from dataclasses import dataclass

import pandas as pd

from cvae.evaluation.columns import METRICS
from cvae.evaluation.rows import COPY_LAST, FOREIGN

Scores = dict[tuple[str, str], pd.DataFrame]
"""Of one model, by protocol and variant: a row a sequence, a column a metric."""
ScoresByModel = dict[str, Scores]
"""By the model's name."""


@dataclass(frozen=True)
class Quantity:
    """What is compared. variant: how z was chosen, such as "one sample"."""

    metric: str
    protocol: str
    variant: str

    @property
    def unit(self) -> str:
        return METRICS[self.metric].unit

    @property
    def digits(self) -> int:
        """Decimals that are worth reading."""
        return METRICS[self.metric].digits

    @property
    def sign(self) -> int:
        """1 where the larger value is the better one, else -1."""
        return -1 if METRICS[self.metric].lower_is_better else 1

    def words(self, value: float, digits: int | None = None) -> str:
        """ "24.98 dB"."""
        return f"{value:.{self.digits if digits is None else digits}f} {self.unit}".rstrip()


@dataclass(frozen=True)
class PairedDifference:
    """Score of one minus score of the other, over the sequences that both were measured on.

    half_width: of the 95 % interval of the mean; None for a single sequence.
    wins: on how many sequences the one is better; losses: the other.
    """

    mean: float
    half_width: float | None
    wins: int
    losses: int
    sequences: int

    @property
    def told_apart(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.half_width is not None and abs(self.mean) > self.half_width


def sequence_scores(rows: pd.DataFrame) -> Scores:
    """The scores in `rows`, one a frame, see `cvae.evaluation.scores.load_scores`."""
    keys = ["protocol", "variant", "sequence"]
    found = rows.groupby(keys, sort=False)[[*METRICS]].mean()  # all at once takes a tenth
    return {
        (protocol, variant): part.droplevel(keys[:2])
        for (protocol, variant), part in found.groupby(level=keys[:2], sort=False)
    }


def offered(scores: ScoresByModel) -> tuple[list[str], list[str], list[str]]:
    """Protocols, variants and metrics that any model has numbers of, in the order of the files."""
    found = dict.fromkeys(key for one in scores.values() for key in one)
    tables = [table for one in scores.values() for table in one.values()]
    known = [name for name in METRICS if any(table[name].notna().any() for table in tables)]
    return (
        list(dict.fromkeys(protocol for protocol, _ in found)),
        [v for v in dict.fromkeys(v for _, v in found) if v not in (COPY_LAST, FOREIGN)],
        known or list(METRICS),
    )


def score_table(scores: ScoresByModel, quantity: Quantity) -> pd.DataFrame:
    """A row a sequence, a column a model, the last one COPY_LAST; NaN where nothing was measured.

    Models that were not measured in this way have no column; without any the table is empty.
    """
    found = {name: means(one, quantity, quantity.variant) for name, one in scores.items()}
    columns = {name: values for name, values in found.items() if not values.empty}
    references = [means(scores[name], quantity, COPY_LAST) for name in columns]
    references = [one for one in references if not one.empty]
    if references:
        everywhere = pd.concat(references)
        columns[COPY_LAST] = everywhere[~everywhere.index.duplicated()]
    return pd.DataFrame(columns).rename_axis("sequence")


def means(scores: Scores, quantity: Quantity, variant: str) -> pd.Series:
    """The score of each sequence that has one."""
    table = scores.get((quantity.protocol, variant))
    return pd.Series(dtype=float) if table is None else table[quantity.metric].dropna()


def paired_difference(
    one: pd.Series, other: pd.Series, quantity: Quantity
) -> PairedDifference | None:
    """`one` minus `other`, paired by sequence; None where they share no sequence."""
    from cvae.evaluation.scores import estimate

    difference = (one - other).dropna()
    if difference.empty:
        return None
    mean = estimate(difference.to_numpy())
    assert mean.mean is not None
    return PairedDifference(
        mean=mean.mean,
        half_width=mean.half_width,
        wins=int((quantity.sign * difference > 0).sum()),
        losses=int((quantity.sign * difference < 0).sum()),
        sequences=len(difference),
    )


def mean_in_words(scores: pd.Series, quantity: Quantity) -> str:
    """ "24.98 ± 0.23 dB": the mean over sequences with its 95 % interval."""
    from cvae.evaluation.scores import estimate

    found = estimate(scores.to_numpy())
    if found.mean is None:
        return "–"
    if found.half_width is None:
        return quantity.words(found.mean)
    return plus_minus(found.mean, found.half_width, quantity)


def difference_sentence(
    difference: PairedDifference, one: str, other: str, quantity: Quantity
) -> str:
    """Who is better, by how much, how surely, and on how many sequences, in words."""
    if difference.half_width is None:
        return (
            f"On one sequence alone nothing can be said: {one} minus {other} is "
            f"{quantity.words(difference.mean)}."
        )
    if not difference.told_apart:
        gap = plus_minus(difference.mean, difference.half_width, quantity)
        return (
            f"No difference: {one} minus {other} is {gap}, an interval that holds 0; {one} wins "
            f"on {difference.wins} of {difference.sequences}."
        )
    better, worse, wins = one, other, difference.wins
    if quantity.sign * difference.mean < 0:
        better, worse, wins = other, one, difference.losses
    gap = plus_minus(abs(difference.mean), difference.half_width, quantity)
    return f"{better} is {gap} better than {worse}; it wins on {wins} of {difference.sequences}."


def plus_minus(mean: float, half_width: float, quantity: Quantity) -> str:
    """ "0.70 ± 0.21 dB"."""
    return f"{mean:.{quantity.digits}f} ± {quantity.words(half_width)}"
