"""What was measured, in Markdown."""

from collections.abc import Sequence

import numpy as np

from cvae.benchmarks.measurement import Measurement
from cvae.markdown import markdown_table
from tests.load.answers import KINDS, Answer
from tests.load.memory import Memory

SLOW = 1.0  # seconds, from which on a page that says nothing looks frozen


def tell_answers(answers: Sequence[Answer], wrong: int, failures: Sequence[str]) -> str:
    """Latencies by what was asked for, then what was wrong and what failed."""
    rows = [_latencies(kind, [one for one in answers if one.kind == kind]) for kind in KINDS]
    table = markdown_table(["seconds", "answers", "median", "95th percentile", "greatest"], rows)
    slow = [one for one in answers if one.seconds > SLOW]
    told, placed = sum(one.told for one in slow), sum(one.place for one in answers)
    lines = [
        f"Answers: {len(answers)}; wrong: {wrong}; sessions that failed: {len(failures)}.",
        f"{len(slow)} answers took more than {SLOW:g} s; in {told} of these the page said "
        f"meanwhile what it is at. {placed} times it said how many others come first.",
        *(f"- {failure}" for failure in failures),
    ]
    return "\n\n".join([table, "\n".join(lines)])


def _latencies(kind: str, answers: Sequence[Answer]) -> list[str]:
    seconds = [one.seconds for one in answers]
    if not seconds:
        return [kind, "0", "–", "–", "–"]
    numbers = (np.median(seconds), np.percentile(seconds, 95), max(seconds))
    return [kind, str(len(seconds)), *(f"{number:.2f}" for number in numbers)]


def tell_memory(memory: Memory) -> str:
    points = " ".join(f"{megabytes:.0f}" for megabytes in memory.points)
    return (
        f"Memory of the server in MB, at the start and after each tenth of {memory.seconds[-1]:.0f}"
        f" s: {points}. In the second half it grew by {memory.growth:.1f} MB a minute."
    )


def tell_browser(seconds: dict[str, list[float]]) -> str:
    """What a person waits for in a browser: medians, least and greatest."""
    rows = [
        [what, str(len(values)), f"{Measurement(tuple(values)):.2f}"]
        for what, values in seconds.items()
    ]
    return markdown_table(["seconds in a browser, until drawn", "times", "median"], rows)
