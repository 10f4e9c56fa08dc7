"""What is checked before the first step, because it would fail later."""

from cvae.config import RunConfig
from cvae.errors import InputError


def check_sizes(config: RunConfig, sequences: int, processes: int) -> None:
    """Raise InputError unless a batch fits the data, and splits evenly over the processes."""
    training = config.training
    size = training.batch_size
    if size > training.sequences_per_epoch:
        raise InputError(
            f"training.batch_size {size} is larger than training.sequences_per_epoch "
            f"{training.sequences_per_epoch}; lower it."
        )
    if size > sequences:
        raise InputError(
            f"training.batch_size {size} is larger than the training split, which has "
            f"{sequences} sequences; lower it, or take more data."
        )
    if 1 in (size, training.sequences_per_epoch % size):
        raise InputError(
            f"training.batch_size {size} leaves a batch of one sequence in an epoch of "
            f"{training.sequences_per_epoch}, which has no spread that BatchNorm could measure; "
            "choose another."
        )
    for name in ("batch_size", "sequences_per_epoch"):
        value = getattr(training, name)
        if value % processes:
            raise InputError(
                f"training.{name} {value} can't be shared evenly by {processes} processes; "
                f"choose a multiple, such as {value + processes - value % processes}."
            )


def check_positions(config: RunConfig, sequences: int, recorded: int) -> None:
    """Raise InputError unless as many training sequences have positions as this model needs."""
    if not recorded:
        raise InputError(
            f"None of the {sequences} training sequences has positions, and the state model learns "
            "from them where the arm is: record them, or train on other data."
        )
    if config.model.conditioned and recorded < sequences:
        raise InputError(
            f"{sequences - recorded} of the {sequences} training sequences have no positions, "
            "which the model is told: record them or leave these sequences out, or train a model "
            "that is told nothing, with --model.no-conditioned."
        )
