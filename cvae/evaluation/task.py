"""What was asked of a model: only numbers of the same task are held up to each other.

Without PyTorch, because the app compares tasks before it measures anything.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cvae.evaluation.scores import Evaluation


@dataclass(frozen=True)
class Task:
    """All that has to be the same for the numbers of two models to stand in one table.

    protocol: its name. samples: drawn for each sequence. n_past: given frames in training.
    data_checksum: of what was in the folder `data`; that may be named otherwise, and moved.
    sequences: measured, of the `split_size` that the split has.
    """

    protocol: str
    samples: int
    n_past: int
    data: str = field(compare=False)
    data_checksum: str
    split: str
    sequences: int
    split_size: int


def task_of(evaluation: "Evaluation") -> Task:
    """What the models of `evaluation` were measured on, and how."""
    return Task(
        protocol=evaluation.protocol.name,
        samples=evaluation.samples,
        n_past=evaluation.n_past,
        data=evaluation.data,
        data_checksum=evaluation.data_checksum,
        split=evaluation.split,
        sequences=evaluation.sequences,
        split_size=evaluation.split_size,
    )
