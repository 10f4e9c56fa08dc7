"""The answers as Markdown, for the docs: a table a question, and what it takes to read them."""

from itertools import groupby
from pathlib import Path

from cvae.ablations.question import Question, runs
from cvae.ablations.results import MEASURED, Row
from cvae.ablations.seeds import beyond_seeds
from cvae.config import RunConfig
from cvae.evaluation.card import shown
from cvae.evaluation.columns import SPREAD
from cvae.evaluation.pairing import format_difference
from cvae.evaluation.rows import BEST, ONE_SAMPLE, POSTERIOR, PRIOR_MEAN
from cvae.evaluation.table import format_estimate
from cvae.markdown import markdown_table


def page(measured: list[Row], made_by: str, figure: Path | None) -> str:
    """Tables of all questions with a row. made_by: the command that made the runs."""
    if not measured:
        return "No run is measured yet."
    parts = [_caption(measured[0])]
    for question, answers in groupby(measured, key=lambda row: row.question):
        parts += [f"### {question.asks}", *_answers(question, list(answers))]
        if figure and question.name == "beta-max":
            parts.append(f"![KL, active dimensions and PSNR over the KL weight]({shown(figure)})")
    parts += beyond_seeds(measured)
    return "\n\n".join([*parts, f"Made by `{made_by}`."])


def overview(questions: list[Question], base: RunConfig) -> str:
    """What would be trained, without training it."""
    training, wanted = base.training, runs(questions)
    drawn = training.epochs * training.sequences_per_epoch
    lines = [
        f"{len(wanted)} runs of {drawn:,} windows each ({training.epochs} epochs of "
        f"{training.sequences_per_epoch}, batch {training.batch_size}, width "
        f"{base.model.width:g}, seed {training.seed}).",
    ]
    for question in questions:
        lines += ["", f"{question.name}: {question.asks}"]
        for setting in question.settings:
            differing = setting.config.changes(question.reference.config).items()
            told = "; ".join(f"{name} {before} -> {now}" for name, (before, now) in differing)
            lines += [f"  {setting.words}", f"    {setting.run}: {told or 'the reference'}"]
    return "\n".join(lines)


def _answers(question: Question, answers: list[Row]) -> list[str]:
    """The table of one question, and notes on what misleads in it."""
    samples = answers[0].measured.evaluation.samples
    header = ["setting", "run", "windows", "KL", "active", "one sample", "prior's mean"]
    header += [f"best of {samples}", "posterior", "spread", "difference", "at the mean", "gain"]
    table = markdown_table(header, [_line(row) for row in answers])
    dead = [row for row in answers if row.measured.collapsed]
    asked = f"Its rows: `--questions {question.name}`."
    return [table, " ".join([asked, *([_note(dead)] if dead else [])])]


def _line(row: Row) -> list[str]:
    measured, setting = row.measured, row.setting
    estimates = [(v, "psnr") for v in (ONE_SAMPLE, PRIOR_MEAN, BEST, POSTERIOR)]
    estimates.append((ONE_SAMPLE, SPREAD))
    return [
        setting.words,
        f"`{setting.run}`",
        f"{measured.windows:,}",
        f"{measured.kl:.2f}",
        str(measured.active_dims),
        *(format_estimate(measured.estimate(*which), 2) for which in estimates),
        format_difference(row.gain),
        format_difference(row.gain_at_mean),
        row.verdict,
    ]


def _note(dead: list[Row]) -> str:
    named = [f"{row.setting.words} ({row.verdict})" for row in dead]
    return (
        f"The latent is dead, without a dimension that carries 0.01 nats, in: {'; '.join(named)}. "
        "Samples are then nearly alike: as a stochastic model such a one has failed, also where "
        "its PSNR is the better one, as PSNR rewards the mean of what may happen."
    )


def _caption(row: Row) -> str:
    evaluation = row.measured.evaluation
    counted = f"{evaluation.sequences} of {evaluation.split_size} sequences"
    return (
        f"{evaluation.protocol} Data: {evaluation.data}, split {evaluation.split} "
        f"({evaluation.source}), {counted}. PSNR in dB and spread in grey levels of 255, mean ± "
        "half-width of the 95 % interval over sequences; one sample is the mean over "
        f"{evaluation.samples}, the best is chosen by the truth, and the posterior has seen it. KL "
        "in nats per frame and active latent dimensions (more than 0.01 nats) are those of the "
        "last training epoch. difference: one sample less that of the reference, sequence by "
        "sequence, and the same at the prior's mean; gain: what the first says, better or worse, "
        "or none where its interval holds zero. Each is one training run: what another seed would "
        f"change is not in the intervals. Each run's evaluation is in its folder's {MEASURED}/."
    )
