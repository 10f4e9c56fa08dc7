"""A recorded scene again, with other commands: the true frames of a future that never was."""

import csv
import io
from pathlib import Path

import numpy as np

from cvae.data.bundle import Bundle, SequenceSource
from cvae.data.bundle_manifest import is_bundle
from cvae.data.npy import parse_array
from cvae.data.npz import parse_arrays
from cvae.data.sequence import ACTION_DIM, Sequence
from cvae.data.store import Store
from cvae.data.zip_members import MOST_UNPACKED
from cvae.disk import read_at_most
from cvae.errors import InputError
from cvae.simulation.origin import require_same_simulator
from cvae.simulation.policy import HOLD, MAX_COUNT, MAX_STEP

ROUNDING = 1e-4  # metres by which written commands may pass MAX_STEP
MOST_OF_COMMANDS = 1 << 24  # bytes; a row takes some fifty


def rerun(recorded: Sequence, actions: np.ndarray) -> Sequence:
    """The scene of `recorded`, rebuilt from its seed, when the arm is given `actions`.

    actions: (T, 4), one row a frame, T >= 2; need not be as long as the recorded ones.

    Frames before the first changed row, and the frame of that row, are the recorded ones to the
    bit (on the machine that recorded them). Masks are not filled in. Raises InputError if
    `recorded` has no seed or the commands are none that the arm can be given (see
    `checked_actions`).
    """
    if recorded.seed is None:
        raise InputError(
            f"{recorded.name} has no seed to rebuild its scene from (it is not simulated): choose "
            "a simulated sequence."
        )
    actions = checked_actions(actions, "The array of actions")
    from cvae.simulation.recording import record  # loads MuJoCo

    return record(recorded.seed, recorded.name, actions=actions)


def find_recorded(data: Path, name: str) -> Sequence:
    """The sequence `name` of a bundle, or of any split of a store, ready to be rerun.

    Raises InputError if there is none of that name, or it was not made by this simulator.
    """
    if is_bundle(data):
        sources: list[SequenceSource] = [Bundle.open(data)]
    else:
        store = Store.open(data)
        sources = [store.split(split) for split in store.splits]
    holders = [source for source in sources if name in source.names]
    if not holders:
        count, some = sum(len(source) for source in sources), sources[0].names[0]
        raise InputError(
            f"{data} has no sequence {name!r} among its {count}: give a name such as {some!r}."
        )
    require_same_simulator(holders[0], name)
    return holders[0].by_name(name)


def read_actions(file: Path) -> np.ndarray:
    """float32 (T, 4) commands from a CSV file (T rows of 4 numbers, no header), NPY or NPZ.

    An NPZ file has them in `actions` or `action`. Raises InputError as `checked_actions` does,
    and if the file can't be read.
    """
    suffix = file.suffix.lower()
    try:
        if suffix == ".csv":
            return checked_actions(_read_csv(file), str(file))
        if suffix == ".npy":
            return checked_actions(parse_array(read_at_most(MOST_OF_COMMANDS, file)), str(file))
        if suffix == ".npz":
            arrays = parse_arrays(read_at_most(MOST_UNPACKED, file), file, MOST_UNPACKED)
            found = [arrays[name] for name in ("actions", "action") if name in arrays]
            if not found:
                raise InputError(f"{file} has no array `actions`: save the commands under it.")
            return checked_actions(found[0], str(file))
    except FileNotFoundError as error:
        raise InputError(f"{file} is missing: give a file of commands.") from error
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(
            f"{file} can't be read as a {suffix[1:].upper()} file: write it again."
        ) from error
    raise InputError(f"{file} is neither CSV, NPY nor NPZ: give the commands in one of them.")


def checked_actions(actions: np.ndarray, where: str) -> np.ndarray:
    """`actions` as float32 (T, 4), if the arm can be given them.

    They are [dx, dy, close_nstep, goup_nstep]: finite, |dx| and |dy| at most MAX_STEP metres,
    the counts whole and 0..MAX_COUNT. A command is held for two frames, so rows 0 and 1, 2 and
    3, ... must be the same; to read only every other row would hide a mistake. Raises
    InputError, naming `where` and the first bad row (counted from 1), if they are not.
    """
    actions = np.asarray(actions)
    if actions.ndim != 2 or actions.shape[1] != ACTION_DIM or len(actions) < 2:
        raise InputError(
            f"{where} has the shape {actions.shape}: give at least 2 rows, one a frame, of "
            f"{ACTION_DIM} numbers (dx, dy, close_nstep, goup_nstep)."
        )
    if actions.dtype.kind not in "fiu":
        raise InputError(f"{where} holds {actions.dtype} values: give numbers.")
    steps, counts = np.abs(actions[:, :2]), actions[:, 2:]
    whole = (counts >= 0) & (counts <= MAX_COUNT) & (counts == np.round(counts))
    problems = (
        (~np.isfinite(actions).all(axis=1), "is not finite: give finite numbers"),
        ((steps > MAX_STEP + ROUNDING).any(axis=1), f"moves by more than {MAX_STEP} m"),
        (~whole.all(axis=1), f"has a count that is none of 0..{MAX_COUNT}"),
        (_breaks_hold(actions), "differs from the row before: a command is held for two frames"),
    )
    for bad, what in problems:
        if bad.any():
            raise InputError(f"{where}, row {int(bad.argmax()) + 1}, {what}; correct it.")
    return actions.astype(np.float32)


def _breaks_hold(actions: np.ndarray) -> np.ndarray:
    """bool (T,): rows that do not repeat the one before though they belong to its command."""
    first = np.arange(len(actions)) // HOLD * HOLD
    return (actions != actions[first]).any(axis=1)


def _read_csv(file: Path) -> np.ndarray:
    text = read_at_most(MOST_OF_COMMANDS, file).decode("utf-8")
    table = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    for number, row in enumerate(table, 1):
        if len(row) != ACTION_DIM:
            raise InputError(f"{file}, row {number}, has {len(row)} columns, not {ACTION_DIM}.")
        for cell in row:
            try:
                float(cell)
            except ValueError as error:
                raise InputError(
                    f"{file}, row {number}, has {cell.strip()[:40]!r} where a number belongs "
                    "(there is no header): correct it."
                ) from error
    return np.array([[float(cell) for cell in row] for row in table])
