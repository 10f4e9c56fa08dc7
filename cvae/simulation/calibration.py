"""How like the real thing simulated frames are: statistics of both, side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cvae.data.npz import parse_arrays
from cvae.data.sequence import FRAME_SIZE, MOVED, Sequence
from cvae.disk import read_at_most
from cvae.errors import InputError
from cvae.markdown import markdown_table

COPIED = 1  # the last given frame, whose copy predicts nothing
STEPS = range(2, 12)  # predicted frames: 2 given, 10 to come
NEAR = 0.08  # metres from the gripper, seen from above, at which a toy can be met
SMALLEST_MSE = 1e-10
MOST_UNPACKED = 1 << 30  # bytes: some 2,900 sequences


@dataclass(frozen=True)
class Statistics:
    """What is compared, over N sequences.

    count: N.
    mean, std: (3,) of each colour channel over all pixels, 0..255.
    differences: (N,) mean absolute difference of neighbouring frames, grey levels.
    copy_psnr: (N, 10) PSNR in dB of frame 1 as a prediction of frames 2..11.
    meeting: share of sequences in which the arm moves a toy; None where toys are not known.
    """

    count: int
    mean: np.ndarray
    std: np.ndarray
    differences: np.ndarray
    copy_psnr: np.ndarray
    meeting: float | None


def measure(sequences: Iterable[Sequence]) -> Statistics:
    """Statistics of sequences, one at a time in memory; there must be at least one.

    Raises InputError if one is too short.
    """
    sums, squares, pixels = np.zeros(3), np.zeros(3), 0
    differences, psnr = [], []
    meetings: list[bool] = []
    for sequence in sequences:
        if len(sequence) <= STEPS[-1]:
            raise InputError(
                f"{sequence.name} has {len(sequence)} frames, but {STEPS[-1] + 1} are needed: "
                "choose longer sequences."
            )
        frames = sequence.frames.astype(np.float64)
        sums += frames.sum((0, 1, 2))
        squares += (frames**2).sum((0, 1, 2))
        pixels += frames[..., 0].size
        differences.append(np.abs(np.diff(frames, axis=0)).mean())
        psnr.append([copy_psnr(frames, step) for step in STEPS])
        if (meets := meets_toy(sequence)) is not None:
            meetings.append(meets)
    mean = sums / pixels
    return Statistics(
        count=len(differences),
        mean=mean,
        std=np.sqrt(squares / pixels - mean**2),
        differences=np.array(differences),
        copy_psnr=np.array(psnr),
        meeting=float(np.mean(meetings)) if len(meetings) == len(differences) else None,
    )


def copy_psnr(frames: np.ndarray, step: int) -> float:
    """PSNR in dB, 10 log10(1 / MSE) over all channels in [0, 1], of the copied frame."""
    mse = (((frames[step] - frames[COPIED]) / 255.0) ** 2).mean()
    return float(-10.0 * np.log10(max(mse, SMALLEST_MSE)))


def meets_toy(sequence: Sequence) -> bool | None:
    """Whether a toy that comes near the gripper is moved by more than a centimetre.

    By the simulator's state; None where the sequence has none.
    """
    if sequence.toys is None or sequence.positions is None:
        return None
    moved = np.linalg.norm(sequence.toys - sequence.toys[:1], axis=-1) > MOVED
    away = np.linalg.norm(sequence.toys[..., :2] - sequence.positions[:, None, :2], axis=-1)
    return bool((moved.any(axis=0) & (away < NEAR).any(axis=0)).any())


def table(real: Statistics, simulated: Statistics) -> str:
    """Markdown with a column for each."""
    columns = [_column(statistics) for statistics in (real, simulated)]
    counts = ("sequences", str(real.count), str(simulated.count))
    told = [(name, columns[0][name], columns[1][name]) for name in columns[0]]
    return markdown_table(("", "real", "simulated"), [counts, *told])


def _column(statistics: Statistics) -> dict[str, str]:
    per_step = statistics.copy_psnr.mean(axis=0)
    meeting = statistics.meeting
    return {
        "mean of R, G, B": " ".join(f"{value:.1f}" for value in statistics.mean),
        "std of R, G, B": " ".join(f"{value:.1f}" for value in statistics.std),
        "mean absolute frame difference": _spread(statistics.differences),
        "PSNR of copying frame 1, dB": _spread(statistics.copy_psnr.mean(axis=1)),
        "the same for frames 2..11": " ".join(f"{value:.1f}" for value in per_step),
        "arm moves a toy": "unknown" if meeting is None else f"{meeting:.0%} of sequences",
    }


def _spread(values: np.ndarray) -> str:
    return f"{values.mean():.2f} (from {values.min():.1f} to {values.max():.1f})"


def read_real(file: Path) -> list[Sequence]:
    """The sequences of an NPZ file of real frames, uint8 (T, 64, 64, 3) or (N, T, 64, 64, 3).

    Taken is the array `frames`, or all arrays where there is none of that name. Raises
    InputError naming the file if it can't be read or holds no such frames.
    """
    try:
        arrays = parse_arrays(read_at_most(MOST_UNPACKED, file), file, MOST_UNPACKED)
        arrays = {"frames": arrays["frames"]} if "frames" in arrays else arrays
    except (OSError, ValueError) as error:
        raise InputError(
            f"{file} can't be read as an NPZ file ({type(error).__name__}): give a file of real "
            "frames that numpy.savez wrote."
        ) from error
    sequences = []
    for name, array in arrays.items():
        expected = array.ndim in (4, 5) and array.shape[-3:] == (FRAME_SIZE, FRAME_SIZE, 3)
        if not expected or array.dtype != np.uint8 or array.shape[-4] <= STEPS[-1]:
            raise InputError(
                f"{file} has {name} {array.dtype} {array.shape}: give an NPZ file with frames "
                f"uint8 (T, {FRAME_SIZE}, {FRAME_SIZE}, 3), T > {STEPS[-1]}, in `frames`."
            )
        batch = array.reshape(-1, *array.shape[-4:])
        still = np.zeros((array.shape[-4], 4), np.float32)
        sequences += [Sequence(f"{file.stem}/{name}", frames, still) for frames in batch]
    if not sequences:
        raise InputError(f"{file} is empty: give an NPZ file with an array `frames`.")
    return sequences
