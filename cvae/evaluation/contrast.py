"""Two models held up to each other: every protocol, row and metric, sequence by sequence."""

import pandas as pd

from cvae.evaluation.columns import MEASURED, SPREAD
from cvae.evaluation.comparison import METRIC, Model, besides
from cvae.evaluation.pairing import by_sequence, difference, format_difference, verdict
from cvae.evaluation.protocol import PROTOCOLS
from cvae.evaluation.rows import BEST, ONE_SAMPLE, POSTERIOR, PRIOR_MEAN
from cvae.evaluation.scores import load_scores
from cvae.evaluation.task import task_of
from cvae.markdown import markdown_table

# Copying is the same for both, and the conditions of another sequence are no prediction.
VARIANTS = (ONE_SAMPLE, BEST, PRIOR_MEAN, POSTERIOR)
NAMED = 5  # sequences that gained, and that lost most


def contrast(one: Model, other: Model) -> str:
    """`one` less `other` in Markdown: a table for each protocol that both were measured under in
    the same way, the sequences that differ most, and what else they differ in.

    Raises InputError if their scores are damaged.
    """
    parts = [_caption(one, other)]
    ours, theirs = load_scores(one.path), load_scores(other.path)
    for name in PROTOCOLS:
        mine, its = one.evaluations.get(name), other.evaluations.get(name)
        if mine is None and its is None:
            continue
        parts.append(f"### {name}")
        if mine is None or its is None:
            lacking = one.name if mine is None else other.name
            parts.append(f"Not compared: {lacking} was not measured under it.")
        elif task_of(mine) != task_of(its):
            parts.append("Not compared: they were not measured on the same sequences alike.")
        else:
            parts += [str(PROTOCOLS[name]), *_protocol(ours, theirs, name)]
    return "\n\n".join(parts)


def _caption(one: Model, other: Model) -> str:
    return (
        f"**{one.name} less {other.name}**, sequence by sequence: mean ± half-width of the 95 % "
        "interval over sequences, which says nothing of a second training run. In brackets what "
        f"it says of {one.name}; none, where the interval holds zero."
        f"{besides(one, other, 'They differ in', expected=())}"
    )


def _protocol(ours: pd.DataFrame, theirs: pd.DataFrame, protocol: str) -> list[str]:
    """The table of one protocol, and who differs most. ours, theirs: see `load_scores`."""
    values = {
        metric: (by_sequence(ours, protocol, metric), by_sequence(theirs, protocol, metric))
        for metric in MEASURED
    }
    rows = [
        [variant, *(_cell(*values[metric], variant, metric) for metric in MEASURED)]
        for variant in VARIANTS
    ]
    rows = [row for row in rows if set(row[1:]) != {"–"}]
    mine, its = (table[ONE_SAMPLE] for table in values[METRIC])
    gains = (mine - its.reindex(mine.index)).sort_values(ascending=False, kind="stable")
    most, least = gains[:NAMED], gains[::-1][:NAMED]
    told = f"{METRIC} of one sample: {(gains > 0).sum()} of {len(gains)} sequences gained, "
    told += f"the most {_named(most)}; the least, or lost: {_named(least)}."
    return [markdown_table(["", *MEASURED], rows), told]


def _cell(ours: pd.DataFrame, theirs: pd.DataFrame, variant: str, metric: str) -> str:
    if variant not in ours or variant not in theirs:
        return "–"
    gain = difference(ours[variant], theirs[variant])
    column = MEASURED[metric]
    told = format_difference(gain, column.digits + 1)
    if metric == SPREAD or gain.mean is None:  # more of it is neither better nor worse
        return told
    return f"{told} ({verdict(gain, lower_is_better=column.lower_is_better)})"


def _named(gains: pd.Series) -> str:
    return ", ".join(f"{name} {gain:+.2f}" for name, gain in gains.items())
