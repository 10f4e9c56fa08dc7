"""`python -m cvae bench`: how fast the parts are on the machine at hand."""

from typing import Annotated

import tyro

from cvae.benchmarks.data import DataBenchmark
from cvae.benchmarks.predict import PredictBenchmark
from cvae.benchmarks.rounding import RoundingBenchmark
from cvae.benchmarks.statistics import StatisticsBenchmark
from cvae.benchmarks.train import TrainBenchmark

# A union, so that each benchmark is a subcommand with options of its own.
Benchmark = (
    Annotated[PredictBenchmark, tyro.conf.subcommand("predict")]
    | Annotated[RoundingBenchmark, tyro.conf.subcommand("rounding")]
    | Annotated[TrainBenchmark, tyro.conf.subcommand("train")]
    | Annotated[StatisticsBenchmark, tyro.conf.subcommand("statistics")]
    | Annotated[DataBenchmark, tyro.conf.subcommand("data")]
)


def main(benchmark: Annotated[Benchmark, tyro.conf.arg(name="")]) -> None:
    """Measure how fast a part is on this machine, and print it as Markdown.

    Each benchmark prints the machine, the versions, medians with their spread, and ratios: a
    ratio means the same on another machine, a number of seconds does not. Run it with nothing
    else going on; what else was running is printed too.

    Example: python -m cvae bench predict
    """
    print(benchmark.run())
