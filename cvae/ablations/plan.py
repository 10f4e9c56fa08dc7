"""Questions about the recipe, and the runs that answer them: one change from a reference each."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from cvae.config import DEFAULT, REPORT, RunConfig
from cvae.errors import InputError

CYCLES = 4  # of the cyclical schedule
SEEDS = 3  # that are compared
AT_ONCE = 0.001  # an anneal ratio that reaches the top in the second epoch; the first has 0
# What says how large and long a run is, not how it is done: `report` gets that of the others.
SCALE = {"width", "epochs", "sequences_per_epoch", "batch_size"}


@dataclass(frozen=True)
class Setting:
    """A run as an answer to a question. run: name of its folder; questions may share runs."""

    run: str
    words: str
    config: RunConfig


@dataclass(frozen=True)
class Question:
    """Settings to compare, in the order of a table; `reference`, one of them, with each other."""

    name: str
    asks: str
    reference: Setting
    settings: tuple[Setting, ...]


def recipe(
    start: RunConfig, *, windows: int, epochs: int | None, width: float | None, seed: int
) -> RunConfig:
    """`start` at another budget: at least `windows` drawn, in whole epochs of whole batches.

    epochs, width: those of `start` where None. Raises InputError if the numbers can't be.
    """
    epochs = max(CYCLES, start.training.epochs) if epochs is None else epochs
    if epochs < CYCLES:
        raise InputError(
            f"--epochs is {epochs}: one of the schedules has {CYCLES} cycles, and a cycle takes "
            f"at least an epoch; give {CYCLES} or more."
        )
    if windows < 1:
        raise InputError(f"--windows is {windows}; give a number from 1 on.")
    size = start.training.batch_size
    drawn = -(-windows // (epochs * size)) * size
    model = start.model if width is None else replace(start.model, width=width)
    training = replace(start.training, epochs=epochs, sequences_per_epoch=drawn, seed=seed)
    return RunConfig(model, training)


def plan(base: RunConfig) -> list[Question]:
    """All questions about `base`, the recipe of the run called default."""
    default = Setting("default", "default", base)
    slow = _changed(default, "slow", kl_anneal_ratio=0.5)
    report = _report(default)
    seed = base.training.seed
    return [
        _question(
            "beta-max",
            "How much may the KL weigh at the top of its schedule (beta_max)?",
            default,
            beta_max={
                5e-6: "5e-6",
                5e-5: "5e-5",
                1e-4: "1e-4, SVG's",
                5e-4: "5e-4",
                1.0: "1.0, as in the lab's code",
            },
        ),
        _question(
            "teacher-forcing",
            "How long is the true frame fed in place of the predicted one?",
            default,
            tfr_start_decay={
                0.25: "in a quarter of the epochs, then less and less",
                1.0: "always",
                None: "never",
            },
        ),
        _schedules(default, slow),
        _question(
            "kl-cycles",
            "Do cycles help, each rising over its first half (as Fu et al. have them)?",
            slow,
            kl_cycles={1: "monotonic", CYCLES: f"cyclical, {CYCLES} cycles"},
        ),
        _question(
            "learning-rate",
            "How large are the steps?",
            default,
            learning_rate={rate: f"{rate:g}" for rate in (5e-4, 1e-3, 2e-3)},
        ),
        _question(
            "lr-schedule",
            "Does the learning rate fall?",
            default,
            lr_schedule={"cosine": "to zero, as a cosine", "constant": "constant"},
        ),
        _question(
            "conditions",
            "In which units are actions and positions fed?",
            default,
            conditions={"standardised": "standardised", "raw": "raw, as recorded"},
        ),
        _question(
            "windows",
            "Which frames of a sequence are trained on?",
            default,
            windows={"random": "random windows", "first": "always the first ones"},
        ),
        _question(
            "prior",
            "Where does z come from in prediction?",
            default,
            prior={"learned": "learned prior", "fixed": "fixed prior, N(0, I)"},
        ),
        _question(
            "prior-sees-condition",
            "What does the learned prior see?",
            default,
            prior_sees_condition={True: "frames and conditions", False: "frames alone"},
        ),
        _question(
            "conditioned",
            "What is the model told?",
            default,
            conditioned={True: "frames, actions and positions", False: "frames alone"},
        ),
        _question(
            "condition-changes",
            "Is the model told how its condition changed?",
            default,
            condition_changes={True: "the condition and its change", False: "the condition alone"},
        ),
        _question(
            "grad-clip",
            "Are gradients clipped?",
            default,
            grad_clip={1.0: "to a norm of 1", None: "no"},
        ),
        _question(
            "compositing",
            "Is what is drawn blended with the last given frame?",
            default,
            compositing={True: "by a predicted mask", False: "no"},
        ),
        _question(
            "last-frame-skip",
            "Which frame does the decoder lean on, by skips and blending?",
            default,
            last_frame_skip={False: "the last given one", True: "the one before, predicted or not"},
        ),
        _question(
            "l1",
            "Does an absolute error help beside the squared one?",
            default,
            l1_weight={0.0: "squared alone", 0.01: "plus 0.01 times the absolute"},
        ),
        _question(
            "seed",
            "What does another seed change, of weights, windows and noise?",
            default,
            seed={number: str(number) for number in range(seed, seed + SEEDS)},
        ),
        Question(
            "recipe",
            "What do all changes bring together, against the report's recipe?",
            replace(default, words="the recipe default"),
            (replace(default, words="the recipe default"), report),
        ),
        _question(
            "report-clipping",
            "Is the report's recipe steadier with clipped gradients?",
            report,
            grad_clip={None: "as it is, not clipped", 1.0: "clipped to a norm of 1"},
        ),
    ]


def choose(questions: list[Question], names: tuple[str, ...]) -> list[Question]:
    """Those with these names, in the order of `questions`; all if none is named.

    Raises InputError if a name is unknown.
    """
    known = [question.name for question in questions]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(f"There is no question {unknown[0]!r}; choose from: {', '.join(known)}.")
    return [question for question in questions if not names or question.name in names]


def runs(questions: Iterable[Question]) -> dict[str, RunConfig]:
    """What has to be trained, each once and references first, by the name of the run."""
    found: dict[str, RunConfig] = {}
    for question in questions:
        for setting in (question.reference, *question.settings):
            found.setdefault(setting.run, setting.config)
    return found


def _question(name: str, asks: str, reference: Setting, **field: dict[Any, str]) -> Question:
    """A question about one field: its values, with words for each.

    One of them is the reference's; where a recipe has another, that one comes first.
    """
    ((varied, values),) = field.items()
    now = getattr(_part(reference.config, varied), varied)
    values = values if now in values else {now: str(now), **values}
    settings = tuple(
        replace(reference, words=words)
        if value == now
        else _changed(reference, words, **{varied: value})
        for value, words in values.items()
    )
    return Question(name, asks, settings[list(values).index(now)], settings)


def _changed(reference: Setting, words: str, **field: Any) -> Setting:
    """`reference` with one field set otherwise; the run is named after its changes."""
    ((name, value),) = field.items()
    part = _part(reference.config, name)
    changed = replace(part, **field)
    config = reference.config
    config = RunConfig(
        changed if part is config.model else config.model,
        changed if part is config.training else config.training,
    )
    shown = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value).lower()
    before = "" if reference.run == "default" else f"{reference.run}--"
    return Setting(f"{before}{name.replace('_', '-')}-{shown}", words, config)


def _part(config: RunConfig, field: str) -> Any:
    return config.model if hasattr(config.model, field) else config.training


def _schedules(default: Setting, slow: Setting) -> Question:
    training = default.config.training
    usual = replace(
        default, words=f"monotonic, at the top after {training.kl_anneal_ratio:.3g} of the run"
    )
    return Question(
        "kl-schedule",
        "How does the KL weight get to its top?",
        usual,
        (
            usual,
            replace(slow, words="monotonic, at the top after 0.5 of the run"),
            _changed(default, "constant from the second epoch on", kl_anneal_ratio=AT_ONCE),
            _changed(default, f"cyclical, {CYCLES} cycles", kl_cycles=CYCLES),
        ),
    )


def _report(default: Setting) -> Setting:
    """The report's recipe; what a run costs is that of `default`."""
    model, training = default.config.model, default.config.training
    theirs = {name.partition(".")[2]: value for name, (_, value) in REPORT.changes(DEFAULT).items()}
    wanted = {name: value for name, value in theirs.items() if name not in SCALE}
    config = RunConfig(
        replace(model, **{name: v for name, v in wanted.items() if hasattr(model, name)}),
        replace(training, **{name: v for name, v in wanted.items() if hasattr(training, name)}),
    )
    return Setting("report", "the report's, at the same width and budget", config)
