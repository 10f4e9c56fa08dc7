"""Small plausible data for tests: an arm, a dark square, pushes coloured squares about.

Actions have the real meaning, ranges and two-frame hold; positions follow from them, and the
picture from the positions. Everything is determined by the seed.
"""

from pathlib import Path

import numpy as np

from cvae.data.png_tree import write_sequence
from cvae.data.sequence import ARM, FIRST_TOY, FRAME_SIZE, MAX_TOYS, Sequence
from cvae.data.store import StoreWriter

LOW = np.array([0.45, -0.28, 0.2])
HIGH = np.array([0.83, 0.20, 0.3])
ARM_COLOUR = (30, 20, 25)
TOY_COLOURS = ((40, 160, 60), (50, 70, 190), (200, 40, 40))
REACH = 0.06  # metres; the arm takes along a toy that is nearer than this


def tiny_sequence(name: str, seed: int, labelled: bool = True, length: int = 30) -> Sequence:
    """A sequence of `length` frames; masks, toys and seed only if `labelled`."""
    rng = np.random.default_rng(seed)
    commands = (length + 1) // 2
    steps = rng.uniform(-0.066, 0.066, (commands, 2))
    holds = rng.integers(0, 5, (commands, 2))
    actions = np.repeat(np.hstack([steps, holds]), 2, axis=0)[:length].astype(np.float32)
    position = rng.uniform(LOW, HIGH)
    toys = rng.uniform(LOW, HIGH, (len(TOY_COLOURS), 3))
    # The first toy starts within reach, so that something is moved in every sequence.
    angle = rng.uniform(0, 2 * np.pi)
    toys[0, :2] = position[:2] + 0.9 * REACH * np.array([np.cos(angle), np.sin(angle)])
    positions, moved_toys, frames, masks = [], [], [], []
    for dx, dy, _close, lift in actions:
        frame, mask = _draw(position, toys)
        positions.append(position)
        moved_toys.append(toys.copy())
        frames.append(frame)
        masks.append(mask)
        height = LOW[2] + (HIGH[2] - LOW[2]) * lift / 4
        target = np.clip(position + np.array([dx / 2, dy / 2, 0]), LOW, HIGH)
        target[2] = (position[2] + height) / 2
        touched = np.linalg.norm(toys[:, :2] - position[:2], axis=1) < REACH
        toys[touched, :2] += (target - position)[:2]
        position = target
    centres = np.full((length, MAX_TOYS, 3), np.nan, np.float32)
    centres[:, : len(toys)] = moved_toys
    return Sequence(
        name=name,
        frames=np.stack(frames),
        actions=actions,
        positions=np.array(positions, np.float32),
        masks=np.stack(masks) if labelled else None,
        toys=centres if labelled else None,
        seed=seed if labelled else None,
    )


def tiny_names(train: int, validate: int, test: int) -> dict[str, list[str]]:
    counts = {"train": train, "validate": validate, "test": test}
    return {
        split: [f"tiny-{split}-{i:04d}" for i in range(count)] for split, count in counts.items()
    }


def tiny_store(
    path: Path, train: int = 8, validate: int = 4, test: int = 4, labelled: bool = True
) -> Path:
    """A packed store at `path`; the test split has masks, toys and seeds if `labelled`."""
    names = tiny_names(train, validate, test)
    labelled_splits = frozenset({"test"} if labelled else ())
    writer = StoreWriter(path, names, source="simulated", labelled=labelled_splits)
    for split, listed in names.items():
        for index in writer.pending(split):
            sequence = tiny_sequence(listed[index], _seed(split, index), split in labelled_splits)
            writer.write(split, index, sequence)
    writer.finish()
    return path


def tiny_png_tree(path: Path, train: int = 8, validate: int = 2, test: int = 2) -> Path:
    """The lab's PNG tree at `path`, four sequences a trajectory folder; 0 leaves a split out."""
    for split, count in {"train": train, "validate": validate, "test": test}.items():
        for index in range(count):
            first = index // 4 * 4
            name = f"traj_{first}_to_{first + 3}/{index % 4 + 1}"
            sequence = tiny_sequence(name, _seed(split, index), labelled=False)
            write_sequence(path / split / name, sequence)
    return path


def _seed(split: str, index: int) -> int:
    return {"train": 0, "validate": 1000, "test": 2000}[split] + index


def _draw(position: np.ndarray, toys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The picture, uint8 (64, 64, 3), and what each pixel shows, uint8 (64, 64)."""
    frame = np.empty((FRAME_SIZE, FRAME_SIZE, 3), np.uint8)
    frame[:] = np.linspace(150, 190, FRAME_SIZE, dtype=np.uint8)[:, None, None]
    mask = np.zeros((FRAME_SIZE, FRAME_SIZE), np.uint8)
    for toy, (centre, colour) in enumerate(zip(toys, TOY_COLOURS, strict=True)):
        _draw_square(frame, mask, centre, 4, colour, FIRST_TOY + toy)
    _draw_square(frame, mask, position, 5, ARM_COLOUR, ARM)
    frame[0] = frame[:, 0] = 0  # as in the real view
    return frame, mask


def _draw_square(frame, mask, centre, half, colour, label) -> None:
    across = (centre[:2] - LOW[:2]) / (HIGH[:2] - LOW[:2])
    row, column = (8 + 48 * across).round().astype(int)
    box = tuple(slice(max(0, middle - half), max(0, middle + half)) for middle in (row, column))
    frame[box] = colour
    mask[box] = label
