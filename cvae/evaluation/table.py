"""Evaluations as a Markdown table, with all that it takes to read it."""

from cvae.evaluation.scores import (
    COPY_LAST,
    FOREIGN,
    METRICS,
    ONE_SAMPLE,
    POSTERIOR,
    PRIOR_MEAN,
    Estimate,
    Evaluation,
)

DIGITS = {"psnr": 2, "psnr_lab": 2, "ssim": 3, "psnr_moved": 2}
ROWS = {
    ONE_SAMPLE: "one sample",
    PRIOR_MEAN: "z at the prior's mean",
    FOREIGN: "conditions of another sequence",
    POSTERIOR: "posterior reference",
}


def table(evaluations: list[Evaluation], command: str) -> str:
    """One table for models measured on the same sequences, followed by how it was made."""
    first = evaluations[0]
    rows = [("copy the last given frame", first.overall[COPY_LAST])]
    for evaluation in evaluations:
        rows += [
            (f"{evaluation.checkpoint}: {words}", evaluation.overall[variant])
            for variant, words in ROWS.items()
            if variant in evaluation.overall
        ]
    lines = ["| | " + " | ".join(METRICS) + " |", "|---|" + "---:|" * len(METRICS)]
    for words, estimates in rows:
        cells = [format_estimate(estimates[metric], DIGITS[metric]) for metric in METRICS]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", caption(first), "", f"Made by `{command}`."])


def caption(evaluation: Evaluation) -> str:
    """Protocol, data and the meaning of the columns in a few sentences."""
    counted = (
        f"all {evaluation.split_size} sequences"
        if evaluation.whole_split
        else f"only the first {evaluation.sequences} of {evaluation.split_size} sequences"
    )
    moved = evaluation.overall[COPY_LAST]["psnr_moved"].sequences
    sentences = [
        str(evaluation.protocol),
        f"Data: {evaluation.data}, split {evaluation.split} ({evaluation.source}), {counted}; "
        "mean ± half-width of the 95 % interval over sequences.",
        f"psnr_moved (pixels of toys that moved by more than 1 cm): {moved} sequences have any."
        if moved
        else "psnr_moved is empty: it needs the simulator's masks and a toy that moved.",
        "The posterior reference has seen the true frames through z: no prediction, no bound.",
    ]
    if evaluation.without_positions:
        sentences.append(
            f"{evaluation.without_positions} sequences have no positions; theirs were read from "
            "the first frame and rolled out."
        )
    return " ".join(sentences)


def format_estimate(estimate: Estimate, digits: int) -> str:
    """ "23.10 ± 0.31", or a dash where there is no value."""
    if estimate.mean is None:
        return "–"
    mean = f"{estimate.mean:.{digits}f}"
    if estimate.half_width is None:
        return mean
    return f"{mean} ± {estimate.half_width:.{digits}f}"
