"""What a model and a training run are made of: two dataclasses and the named presets."""

import math
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from cvae.errors import InputError
from cvae.json_file import LARGEST_INTEGER, fitted

Prior = Literal["fixed", "learned"]
PRIORS: tuple[Prior, ...] = get_args(Prior)

# Far beyond what anybody trains; a damaged or hostile file may ask for any number.
MOST_OF_A_MODEL = {
    65_536: ("g_dim", "z_dim", "rnn_size"),
    1_000: ("n_past",),
    64: ("predictor_layers",),
}


@dataclass(frozen=True)
class ModelConfig:
    """The network. Sizes are those of the lab's code (SVG's, with z_dim 64)."""

    prior: Prior = "learned"
    """Where z comes from in prediction: N(0, I), or a Gaussian LSTM over the past."""
    width: float = 0.25
    """Channels of encoder and decoder as a share of VGG64's 64, 128, 256, 512."""
    g_dim: int = 128
    """Size of an encoded frame h and of what the predictor hands to the decoder, g."""
    z_dim: int = 64
    """Size of the latent."""
    rnn_size: int = 256
    """Hidden size of every LSTM."""
    predictor_layers: int = 2
    """LSTM layers of the frame predictor; posterior and prior have one."""
    n_past: int = 2
    """Given frames (the context)."""
    conditioned: bool = True
    """Whether the model is told actions and positions. SVG's own models on BAIR are not: what the
    arm does next is then left to z."""
    prior_sees_condition: bool = True
    """Whether a learned prior reads c_{t-1} beside h_{t-1} (the report's does not)."""
    condition_changes: bool = True
    """Whether beside c_{t-1} goes c_{t-1} - c_{t-2}: the arm trails its commands, and how fast it
    goes need not be remembered from the step before (the report's model is not told)."""
    predictor_batchnorm: bool = False
    """BatchNorm before the predictor's Tanh, as in the report's code; SVG has none."""
    compositing: bool = True
    """Blend generated pixels with the last given frame, by a predicted mask."""

    def __post_init__(self) -> None:
        _among_choices(self, "model")
        for most, names in MOST_OF_A_MODEL.items():
            _positive(self, "model", *names, most=most)
        if not 0 < self.width <= 4 or (self.width * 64) % 1:
            raise InputError(
                f"model.width is {self.width}; it must make whole channel counts of 64, "
                "such as 1, 0.5 or 0.25."
            )


@dataclass(frozen=True)
class TrainingConfig:
    """How the network is trained. Both schedules stretch over `epochs`."""

    epochs: int = 60
    """Epochs; validation, history and resume points come once an epoch."""
    sequences_per_epoch: int = 800
    """Sequences drawn an epoch, one window of n_past + n_future frames each."""
    batch_size: int = 8
    """Windows an update, shared evenly by all processes."""
    n_future: int = 10
    """Predicted frames."""
    learning_rate: float = 1e-3
    """Adam's, at its highest."""
    lr_schedule: Literal["constant", "cosine"] = "cosine"
    """cosine rises over the first 2 % of the updates, then falls to zero at the last one; the
    report's is constant."""
    grad_clip: float | None = 1.0
    """Largest norm of the gradient; none does not clip."""
    beta_max: float = 5e-5
    """Weight of the KL term at the top of its schedule (see elbo_loss for its scale). Too small
    for a fixed prior, and z tells the decoder where the arm is, which no prior draw can do."""
    kl_cycles: int = 1
    """Annealing cycles: 1 is the monotonic schedule, more the cyclical one."""
    kl_anneal_ratio: float = 0.125
    """Share R of a cycle after which beta reaches the top; above 1 it never does."""
    tfr_start_decay: float | None = 0.25
    """Share of the epochs after which the teacher forcing ratio begins to fall from 1; 1 never
    lets it fall, none begins at the lower bound and stays there."""
    tfr_lower_bound: float = 0.0
    """Teacher forcing ratio that the decay ends at."""
    conditions: Literal["standardised", "raw"] = "standardised"
    """Standardise actions and positions by the training split, or feed them as recorded."""
    windows: Literal["random", "first"] = "random"
    """Train on random windows of a sequence, or always on its first frames."""
    state_updates: int = 3000
    """Updates that each half of the state model is fitted with, before the first epoch."""
    seed: int = 1
    """Of the first weights and of everything that is drawn."""

    def __post_init__(self) -> None:
        _among_choices(self, "training")
        _positive(self, "training", "epochs", most=1_000_000)
        _positive(self, "training", "sequences_per_epoch", "batch_size", "n_future")
        _positive(self, "training", "state_updates")
        _positive(self, "training", "learning_rate", "kl_cycles", "kl_anneal_ratio")
        for name in ("beta_max", "seed"):
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                raise InputError(f"training.{name} is {value}; it can't be negative or endless.")
        if self.seed >= LARGEST_INTEGER:
            raise InputError(f"training.seed is {self.seed}; give a number below 2**63.")
        if self.kl_cycles > self.epochs:
            raise InputError(
                f"training.kl_cycles is {self.kl_cycles}, but there are {self.epochs} epochs, and "
                "a cycle takes at least one; choose fewer cycles."
            )
        if self.grad_clip is not None and not 0 < self.grad_clip < math.inf:
            raise InputError(
                f"training.grad_clip is {self.grad_clip}; give a finite norm above 0, or none."
            )
        for name in ("tfr_start_decay", "tfr_lower_bound"):
            value = getattr(self, name)
            if value is None and name == "tfr_start_decay":
                continue
            if value is None or not 0 <= value <= 1:
                raise InputError(f"training.{name} is {value}; it lies in [0, 1].")


@dataclass(frozen=True)
class RunConfig:
    """All that a run is: written into its checkpoint, read back from there."""

    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def changes(self, reference: "RunConfig") -> dict[str, tuple[Any, Any]]:
        """What differs from `reference`: its value and ours, by names like "training.beta_max"."""
        ours = self.to_dict()
        return {
            f"{part}.{name}": (before, ours[part][name])
            for part, values in reference.to_dict().items()
            for name, before in values.items()
            if ours[part][name] != before
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any], source: str) -> "RunConfig":
        """The inverse of `to_dict`; `source` names the file in errors.

        A field that did not exist when the file was written has its default: that of a new field
        has to be what was done before. Raises InputError when a field is unknown or out of range.
        """
        parts: dict[str, Any] = {}
        for name, kind in (("model", ModelConfig), ("training", TrainingConfig)):
            part = values.get(name)
            defaults = asdict(kind())
            if not isinstance(part, dict) or not set(part) <= set(defaults):
                odd = sorted(set(part) - set(defaults)) if isinstance(part, dict) else "all of it"
                raise InputError(
                    f"{source}: the part {name!r} does not fit this version of the project "
                    f"(unknown: {odd}); use a checkpoint that it can read."
                )
            try:
                parts[name] = fitted(kind, defaults | part, name)
            except ValueError as error:
                raise InputError(
                    f"{source} is damaged ({error}); restore it or train again."
                ) from error
            except InputError as error:
                raise InputError(f"{source}: {error}") from error
        return cls(**parts)


def _among_choices(config: object, part: str) -> None:
    """Raise InputError where a field of `config` holds a word that its type does not list."""
    for name, kind in get_type_hints(type(config)).items():
        value = getattr(config, name)
        if get_origin(kind) is Literal and value not in get_args(kind):
            choices = " or ".join(map(repr, get_args(kind)))
            raise InputError(f"{part}.{name} is {value!r}; choose {choices}.")


def _positive(config: object, part: str, *names: str, most: float = math.inf) -> None:
    for name in names:
        value = getattr(config, name)
        if not 0 < value < math.inf:
            raise InputError(f"{part}.{name} is {value}; it must be above 0, and finite.")
        if value > most:
            raise InputError(f"{part}.{name} is {value}; give {most:,} at most.")


DEFAULT = RunConfig()

# The report's settings, as far as it states them. What it does not is chosen here:
# 600 iterations an epoch, ratio decaying from epoch 0 to 0. One cycle: the monotonic rows of its
# tables; for the cyclical one the protocol of this project takes three (training.kl_cycles).
REPORT = RunConfig(
    model=ModelConfig(
        prior="fixed",
        width=1.0,
        prior_sees_condition=False,
        condition_changes=False,
        predictor_batchnorm=True,
        compositing=False,
    ),
    training=TrainingConfig(
        epochs=300,
        sequences_per_epoch=600 * 24,
        batch_size=24,
        learning_rate=0.002,
        lr_schedule="constant",
        grad_clip=None,
        beta_max=1.0,
        kl_anneal_ratio=2.0,
        tfr_start_decay=0.0,
        conditions="raw",
        windows="first",
    ),
)

# Seconds on one core: for tests and for a first look at the commands. A fixed prior is the
# smallest one: it has no weights.
TINY = RunConfig(
    model=replace(DEFAULT.model, prior="fixed", width=1 / 16, g_dim=16, z_dim=4, rnn_size=16),
    training=replace(
        DEFAULT.training,
        epochs=2,
        sequences_per_epoch=8,
        batch_size=4,
        n_future=4,
        state_updates=20,
    ),
)

PRESETS = {"default": DEFAULT, "report": REPORT, "tiny": TINY}
