"""Evaluations as Markdown tables, one a protocol, with all that it takes to read them."""

from cvae.evaluation.columns import MEASURED
from cvae.evaluation.perceptual import WEIGHTS
from cvae.evaluation.protocol import PROTOCOLS
from cvae.evaluation.rows import BEST, COPY_LAST, FOREIGN, ONE_SAMPLE, POSTERIOR, PRIOR_MEAN
from cvae.evaluation.scores import Estimate, Evaluation
from cvae.evaluation.task import Task, task_of
from cvae.markdown import markdown_table

# Of all tables, so that it stands once beneath them.
LEGEND = (
    "±: half-width of the 95 % interval over sequences. Best: the sample with the highest PSNR "
    "over the horizon; all its columns are that sample's. psnr_moved: over pixels of toys that "
    "moved by more than 1 cm. tip: pixels from where the arm's end should be to where it is. "
    "spread: standard deviation of a pixel over the samples, in grey levels of 255. The "
    "posterior reference has seen the true frames through z: it is neither a prediction nor an "
    "upper bound."
)


def tables(models: list[dict[str, Evaluation]], commands: list[str]) -> str:
    """A table for each protocol that any of `models` (evaluations by protocol) has, and LEGEND.

    See `grouped`. commands: that made them.
    """
    made = " and ".join(f"`{command}`" for command in commands)
    return "\n\n".join([*map(table, grouped(models)), LEGEND, f"Made by {made}."])


def grouped(models: list[dict[str, Evaluation]]) -> list[list[Evaluation]]:
    """What may stand in one table: the same protocol and the same sequences; by protocol.

    Models whose data, split or number of sequences differ get tables of their own: numbers of
    different sequences do not stand in one column.
    """
    groups: dict[Task, list[Evaluation]] = {}
    for evaluations in models:
        for evaluation in evaluations.values():
            groups.setdefault(task_of(evaluation), []).append(evaluation)
    order = list(PROTOCOLS)
    return sorted(groups.values(), key=lambda group: order.index(group[0].protocol.name))


def table(evaluations: list[Evaluation]) -> str:
    """One table for models measured on the same sequences in the same way, and its caption."""
    told = [[words, *cells] for words, cells in rows(evaluations)]
    return f"{markdown_table(['', *MEASURED], told)}\n\n{caption(evaluations[0])}"


def rows(evaluations: list[Evaluation]) -> list[tuple[str, list[str]]]:
    """Rows of one table: what is measured, and what is MEASURED of it."""
    measured = [("copy the last given frame", evaluations[0].overall[COPY_LAST])]
    for evaluation in evaluations:
        measured += [
            (f"{evaluation.checkpoint}: {words}", evaluation.overall[variant])
            for variant, words in _variants(evaluation.samples).items()
            if variant in evaluation.overall
        ]
    columns = MEASURED.items()
    return [
        (words, [format_estimate(found.get(name), column.digits) for name, column in columns])
        for words, found in measured
    ]


def caption(evaluation: Evaluation) -> str:
    """Protocol, data, and why columns are empty, in a few sentences."""
    protocol = evaluation.protocol
    counted = (
        f"all {evaluation.split_size} sequences"
        if evaluation.whole_split
        else f"only the first {evaluation.sequences} of {evaluation.split_size} sequences"
    )
    sentences = [str(protocol)]
    if evaluation.n_past != protocol.context:
        sentences.append(f"The models were trained with {evaluation.n_past} given frames.")
    sentences += [
        f"Data: {evaluation.data}, split {evaluation.split} ({evaluation.source}), {counted}; "
        f"{_drawn(evaluation.samples)}.",
        _about_moved(evaluation.overall[COPY_LAST]["psnr_moved"].sequences),
        *_about_tip(evaluation.overall[COPY_LAST]["tip"].sequences),
        *_about_lpips(evaluation.overall[COPY_LAST]["lpips"].sequences),
    ]
    if evaluation.without_positions:
        sentences.append(
            f"{evaluation.without_positions} sequences have no positions; theirs were read from "
            "the first frame and rolled out."
        )
    return " ".join(sentences)


def format_estimate(estimate: Estimate | None, digits: int) -> str:
    """ "23.10 ± 0.31", or a dash where there is no value."""
    if estimate is None or estimate.mean is None:
        return "–"
    mean = f"{estimate.mean:.{digits}f}"
    if estimate.half_width is None:
        return mean
    return f"{mean} ± {estimate.half_width:.{digits}f}"


def _variants(samples: int) -> dict[str, str]:
    mean = "one sample" if samples == 1 else f"one sample (mean over {samples})"
    return {
        ONE_SAMPLE: mean,
        BEST: f"best of {samples} samples",
        PRIOR_MEAN: "z at the prior's mean",
        FOREIGN: "conditions of another sequence",
        POSTERIOR: "posterior reference",
    }


def _drawn(samples: int) -> str:
    if samples == 1:
        return "one sample each, so none is the best, and nothing is spread"
    return f"{samples} samples each"


def _about_lpips(sequences: int) -> list[str]:
    """Why the column is empty, where it is."""
    if sequences:
        return []
    return [f"lpips is empty: AlexNet's weights ({WEIGHTS}) were not at hand."]


def _about_tip(sequences: int) -> list[str]:
    if sequences:
        return []
    return ["tip is empty: it needs the simulator's masks and an arm in view."]


def _about_moved(sequences: int) -> str:
    if sequences:
        return f"psnr_moved: {sequences} sequences have toys that moved."
    return "psnr_moved is empty: it needs the simulator's masks and a toy that moved."
