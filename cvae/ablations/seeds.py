"""What another seed changes, and which runs differ by more than that."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from statistics import mean, stdev

from cvae.ablations.results import Row
from cvae.evaluation.rows import ONE_SAMPLE, PRIOR_MEAN
from cvae.markdown import markdown_table

QUESTION = "seed"
VARIANTS = {"one sample": ONE_SAMPLE, "prior's mean": PRIOR_MEAN}
# Student's t, two-sided at 95 %, by degrees of freedom: from any table of it.
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306}


@dataclass(frozen=True)
class SeedNoise:
    """Runs of one recipe that differ in their seed alone.

    mean, deviation: of their PSNR, dB. margin: how far from `mean` one further run lies at most
    with a chance of 95 %, dB; t s sqrt(1 + 1/n), for values that are normally distributed.
    """

    mean: float
    deviation: float
    margin: float

    @classmethod
    def of(cls, values: list[float]) -> "SeedNoise":
        """values: two or more, of which those beyond nine do not make the margin smaller."""
        deviation, count = stdev(values), len(values)
        student = STUDENT[min(count - 1, max(STUDENT))]
        return cls(mean(values), deviation, student * deviation * sqrt(1 + 1 / count))


def beyond_seeds(measured: list[Row]) -> list[str]:
    """A heading, a table of all runs against the mean of the seeds, and how to read it.

    Nothing before the recipe was trained with two seeds.
    """
    seeds = [row for row in measured if row.question.name == QUESTION]
    if len(seeds) < 2:
        return []
    noise = {words: SeedNoise.of(_psnr(seeds, v)) for words, v in VARIANTS.items()}
    others = {row.setting.run: row for row in measured}
    for row in seeds:
        del others[row.setting.run]
    lines = [_line(row, noise) for row in others.values()]
    lines.sort(key=lambda line: float(line[1]))
    told = "; ".join(
        f"{words} {n.mean:.2f} dB, standard deviation {n.deviation:.2f}, so that one more run of "
        f"the same recipe lies within {n.margin:.2f} dB of it with a chance of 95 %"
        for words, n in noise.items()
    )
    return [
        "### Which runs differ by more than another seed does?",
        markdown_table(["run", *VARIANTS, "beyond chance"], lines),
        f"PSNR in dB, less the mean of the {len(seeds)} seeds of the reference recipe ({told}; "
        "Student's t, as the deviation is known from so few). Each line is one run. Some of so "
        "many lines would stand out by chance alone; and a run that shares the seed of the "
        "reference may differ from it by less than this without any meaning, too.",
    ]


def _psnr(rows: Iterable[Row], variant: str) -> list[float]:
    return [float(row.measured.psnr[variant].mean()) for row in rows]


def _line(row: Row, noise: dict[str, SeedNoise]) -> list[str]:
    away = {words: _psnr([row], v)[0] - noise[words].mean for words, v in VARIANTS.items()}
    beyond = [words for words, by in away.items() if abs(by) > noise[words].margin]
    said = "no" if not beyond else "yes" if len(beyond) == len(away) else beyond[0]
    return [f"`{row.setting.run}`", *(f"{by:+.2f}" for by in away.values()), said]
