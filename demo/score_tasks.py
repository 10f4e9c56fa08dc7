"""Which models were measured alike, and whether what they were measured on is at hand.

The names of simulated sequences are numbers: the same name in other data is another sequence.
"""

from dataclasses import dataclass, field, replace

import streamlit as st
from einops import repeat

from cvae.errors import InputError
from cvae.evaluation.rows import BEST, COPY_LAST
from cvae.evaluation.task import Task
from demo.frame_metrics import frame_psnr
from demo.loading import Data, open_sequences
from demo.score_origin import Measured, Origin
from demo.scores import Quantity, means

PROBED = 3  # sequences; that another one has the same score happens, that three have does not
TOLERANCE = 0.02  # dB; of scores that are stored in hundredths, whichever machine measured them


@dataclass(frozen=True)
class Alike:
    """Models that were measured by one protocol, held up to the one that comes first.

    measured: how it was measured itself, None if it was not.
    models: itself and those whose scores may stand beside its own.
    others: how the rest was measured otherwise, in words, by the model's name.
    """

    measured: Measured | None
    models: list[str] = field(default_factory=list)
    others: dict[str, str] = field(default_factory=dict)


def measured_alike(origin: Origin, quantity: Quantity, first: str) -> Alike:
    """Which models can be compared in `quantity` with `first`; without a task any can."""
    protocol = quantity.protocol
    measured = origin.measured.get((first, protocol))
    alike = Alike(measured)
    for name in origin.scores:
        other = origin.measured.get((name, protocol))
        words = otherwise(measured.task, other.task, quantity.variant) if measured and other else ""
        if words:
            alike.others[name] = words
        else:
            alike.models.append(name)
    return alike


def otherwise(one: Task, other: Task, variant: str) -> str:
    """In what two tasks differ so that `variant` can't be compared, in words; "" if in nothing.

    Only the best of N grows with the number of samples: of all else the mean is taken.
    """
    if replace(one, samples=other.samples) == other:
        if variant == BEST and one.samples != other.samples:
            return f"the best of {one.samples} samples, and of {other.samples}"
        return ""
    said = []
    if (one.data_checksum, one.split) != (other.data_checksum, other.split):
        places = f"{one.data} and {other.data}" if one.data != other.data else f"both {one.data}"
        said.append(f"on different data ({places})")
    elif one.sequences != other.sequences:
        said.append(f"on {one.sequences} sequences and on {other.sequences}")
    if one.n_past != other.n_past:
        said.append(f"trained with {one.n_past} given frames and with {other.n_past}")
    return ", ".join(said)


def at_hand(data: Data, origin: Origin, protocol: str, model: str) -> bool:
    """Whether `data` has, by their names, sequences that `model` was measured on.

    Packed data say so by their checksum, others (a bundle of some sequences, files) by how near
    copying the last given frame comes to a few of them.
    """
    measured = origin.measured.get((model, protocol))
    if measured is None:
        return False
    sequences = open_sequences(data)
    if getattr(sequences, "checksum", "") == measured.task.data_checksum != "":
        return True
    quantity = Quantity("psnr", protocol, COPY_LAST)
    stored = means(origin.scores[model], quantity, COPY_LAST)
    shared = [name for name in sequences.names if name in stored.index]
    found = copied_psnr(data, tuple(shared[:PROBED]), protocol)
    return bool(found) and all(abs(stored[name] - found[name]) < TOLERANCE for name in found)


@st.cache_data(max_entries=64, show_spinner=False)
def copied_psnr(data: Data, names: tuple[str, ...], protocol: str) -> dict[str, float]:
    """Mean PSNR of copying the last given frame of the sequences that can be read and go so far."""
    from cvae.evaluation.protocol import PROTOCOLS

    task, found = PROTOCOLS[protocol], {}
    for name in names:
        try:
            frames = open_sequences(data).by_name(name).frames
        except InputError:  # who wants to see it is told
            continue
        if len(frames) >= task.length:
            truth = frames[task.future.start : task.future.stop]
            copied = repeat(frames[task.context - 1], "h w c -> t h w c", t=task.horizon)
            found[name] = float(frame_psnr(copied, truth).mean())
    return found
