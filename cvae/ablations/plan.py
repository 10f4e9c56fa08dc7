"""The questions that are asked about the recipe: one change from a reference each."""

from dataclasses import replace

from cvae.ablations.question import Question, Setting, changed, question_about
from cvae.config import DEFAULT, REPORT, RunConfig
from cvae.errors import InputError

CYCLES = 4  # of the cyclical schedule
SEEDS = 3  # that are compared
AT_ONCE = 0.001  # an anneal ratio that reaches the top in the second epoch; the first has 0
# What says how large and long a run is, not how it is done: `report` gets that of the others.
SCALE = {"width", "epochs", "sequences_per_epoch", "batch_size"}


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
    slow = changed(default, "slow", kl_anneal_ratio=0.5)
    fixed = default if base.model.prior == "fixed" else changed(default, "", prior="fixed")
    blind = changed(default, "", conditioned=False) if base.model.conditioned else default
    seed = base.training.seed
    return [
        question_about(
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
        question_about(
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
        question_about(
            "kl-cycles",
            "Do cycles help, each rising over its first half (as Fu et al. have them)?",
            slow,
            kl_cycles={1: "monotonic", CYCLES: f"cyclical, {CYCLES} cycles"},
        ),
        question_about(
            "learning-rate",
            "How large are the steps?",
            default,
            learning_rate={rate: f"{rate:g}" for rate in (5e-4, 1e-3, 2e-3)},
        ),
        question_about(
            "lr-schedule",
            "Does the learning rate fall?",
            default,
            lr_schedule={"cosine": "to zero, as a cosine", "constant": "constant"},
        ),
        question_about(
            "conditions",
            "In which units are actions and positions fed?",
            default,
            conditions={"standardised": "standardised", "raw": "raw, as recorded"},
        ),
        question_about(
            "windows",
            "Which frames of a sequence are trained on?",
            default,
            windows={"random": "random windows", "first": "always the first ones"},
        ),
        question_about(
            "prior",
            "Where does z come from in prediction?",
            default,
            prior={"learned": "learned prior", "fixed": "fixed prior, N(0, I)"},
        ),
        question_about(
            "beta-max-fixed",
            "How much may the KL weigh with a fixed prior, as the report's tables have it?",
            fixed,
            beta_max={5e-5: "5e-5", 5e-4: "5e-4", 1.0: "1.0, as in the lab's code"},
        ),
        question_about(
            "kl-cycles-fixed",
            "Do cycles help where the prior is fixed?",
            fixed,
            kl_cycles={1: "monotonic", CYCLES: f"cyclical, {CYCLES} cycles"},
        ),
        question_about(
            "prior-sees-condition",
            "What does the learned prior see?",
            default,
            prior_sees_condition={True: "frames and conditions", False: "frames alone"},
        ),
        question_about(
            "conditioned",
            "What is the model told?",
            default,
            conditioned={True: "frames, actions and positions", False: "frames alone"},
        ),
        question_about(
            "prior-without-actions",
            "Where does z come from where no actions are told, and more is left to chance?",
            blind,
            prior={"learned": "learned prior", "fixed": "fixed prior, N(0, I)"},
        ),
        question_about(
            "condition-changes",
            "Is the model told how its condition changed?",
            default,
            condition_changes={True: "the condition and its change", False: "the condition alone"},
        ),
        question_about(
            "grad-clip",
            "Are gradients clipped?",
            default,
            grad_clip={1.0: "to a norm of 1", None: "no"},
        ),
        question_about(
            "compositing",
            "Is what is drawn blended with the last given frame?",
            default,
            compositing={True: "by a predicted mask", False: "no"},
        ),
        question_about(
            "seed",
            "What does another seed change, of weights, windows and noise?",
            default,
            seed={number: str(number) for number in range(seed, seed + SEEDS)},
        ),
        _recipes(default),
    ]


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
            changed(default, "constant from the second epoch on", kl_anneal_ratio=AT_ONCE),
            changed(default, f"cyclical, {CYCLES} cycles", kl_cycles=CYCLES),
        ),
    )


def _recipes(default: Setting) -> Question:
    ours, report = replace(default, words="the recipe default"), _report(default)
    clipped = changed(report, "the report's, with gradients clipped to a norm of 1", grad_clip=1.0)
    return Question(
        "recipe",
        "What do all changes bring together, against the report's recipe?",
        ours,
        (ours, report, clipped),
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
