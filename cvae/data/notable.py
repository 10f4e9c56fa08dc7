"""Sequences worth a name: the clearest push, the longest carry, the one where nothing happens.

What happens in a sequence is measured from what only a simulator knows, masks and the places of
toys, over the frames that are given and predicted.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from cvae.data.sequence import FIRST_TOY, MOVED, Sequence

WINDOW = 12  # 2 frames given and 10 predicted
COPIED = 1  # the last given frame
STILL = 0.002  # metres by which a toy may tremble
RAISED = 0.02  # metres above its lowest place at which a toy is in the air
SMALLEST_SEEN = 25  # pixels of a toy that can be missed when it is hidden
HIDDEN = 0.1  # share of its pixels that a hidden toy still shows at most
SEEN_AGAIN = 0.6  # share of its pixels that it shows again at the end at least


@dataclass(frozen=True)
class Events:
    """What happens in the first WINDOW frames of a sequence.

    change: mean squared difference of the predicted frames from the last given one, levels 0..1.
    arm_path: metres that the end effector goes, seen from above.
    largest_move: metres that the toy which moves most is away from where it was, at most.
    pushed: the same for toys that stay on the ground.
    raised: metres that a toy is lifted, at most.
    carried: metres that a toy goes through the air, seen from above.
    moved_toys: number of toys that move.
    hidden: pixels of the largest toy that is hidden by the arm and seen again; 0 if there is none.
    """

    change: float
    arm_path: float
    largest_move: float
    pushed: float
    raised: float
    carried: float
    moved_toys: int
    hidden: int


# Each title with what speaks for a sequence; 0 or less: it has nothing of the kind. The rarest
# come first, since a sequence gets one title only.
SCORES: dict[str, Callable[[Events], float]] = {
    "carry": lambda events: events.carried,
    "lift": lambda events: events.raised - RAISED,
    "occlusion": lambda events: events.hidden,
    "no contact": lambda events: events.arm_path if events.largest_move < STILL else 0.0,
    "pile": lambda events: events.moved_toys - 2,
    "push": lambda events: events.pushed - MOVED if events.moved_toys == 1 else 0.0,
    "hard": lambda events: events.change,
    "easy": lambda events: 1.0 - events.change,
}


def notable(sequences: Iterable[Sequence]) -> dict[str, int]:
    """For each title the number of the sequence that deserves it most, no sequence twice.

    A title that no sequence deserves is left out, and there are none at all where masks, toys or
    positions are unknown.
    """
    happened: list[Events] = []
    chosen: dict[str, int] = {}
    for sequence in sequences:
        if (found := events(sequence)) is None:
            return chosen
        happened.append(found)
    for title, score in SCORES.items():
        scores = [score(each) for each in happened]
        free = [index for index in range(len(scores)) if index not in chosen.values()]
        best = max(free, key=scores.__getitem__, default=None)
        if best is not None and scores[best] > 0:
            chosen[title] = best
    return chosen


def events(sequence: Sequence) -> Events | None:
    """What happens in `sequence`; None where the simulator's knowledge is missing."""
    window = sequence.window(0, WINDOW)
    masks, toys, positions = window.masks, window.toys, window.positions
    if masks is None or toys is None or positions is None:
        return None
    frames = window.frames.astype(np.float64) / 255.0
    toys = toys[:, ~np.isnan(toys[0, :, 0])]  # (T, toys, 3)
    away = np.linalg.norm(toys - toys[:1], axis=-1)
    height = toys[..., 2] - toys[..., 2].min(axis=0)
    in_air = height > RAISED
    steps = np.linalg.norm(np.diff(toys[..., :2], axis=0), axis=-1)
    arm_steps = np.linalg.norm(np.diff(positions[:, :2], axis=0), axis=-1)
    on_ground = away[:, ~in_air.any(axis=0)]
    return Events(
        change=float(((frames[COPIED + 1 :] - frames[COPIED]) ** 2).mean()),
        arm_path=float(arm_steps.sum()),
        largest_move=float(away.max(initial=0.0)),
        pushed=float(on_ground.max(initial=0.0)),
        raised=float((toys[..., 2] - toys[0, :, 2]).max(initial=0.0)),
        carried=float((steps * in_air[1:]).sum(axis=0).max(initial=0.0)),
        moved_toys=int((away > MOVED).any(axis=0).sum()),
        hidden=_hidden(masks, away),
    )


def _hidden(masks: np.ndarray, away: np.ndarray) -> int:
    pixels = np.stack([(masks == FIRST_TOY + i).sum((1, 2)) for i in range(away.shape[1])], 1)
    first = pixels[0]
    counts = (
        (first >= SMALLEST_SEEN)
        & (pixels.min(axis=0) <= HIDDEN * first)
        & (pixels[-1] >= SEEN_AGAIN * first)
        & (away.max(axis=0) < MOVED)
    )
    return int(first[counts].max(initial=0))
