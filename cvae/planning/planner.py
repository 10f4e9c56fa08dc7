"""The cross-entropy method over commands, as in visual foresight (Finn & Levine 2017).

Draw commands, imagine where each leads, keep those that lead nearest to the goal, draw around
them, and again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from cvae.data.sequence import ACTION_DIM, Sequence
from cvae.errors import InputError
from cvae.inference.predictor import Predictor, to_float_frames
from cvae.planning.commands import CommandSpread, first_free_frame, held
from cvae.planning.goal import distance
from cvae.simulation.policy import HOLD


@dataclass(frozen=True)
class SearchConfig:
    """How long is searched, and how widely."""

    candidates: int = 64
    """Futures that are imagined in each round."""
    best: int = 8
    """How many of them the next round's are drawn around."""
    rounds: int = 4
    """How often others are drawn."""


@dataclass(frozen=True)
class Plan:
    """The best commands found so far.

    actions: float32 (T, ACTION_DIM), a row for each frame up to the goal's, as `Sequence` has
        them; those before `first` were recorded.
    frames: uint8 (T - given, H, W, 3), what the model imagines after the given frames.
    distance: of the last one from the goal; see `cvae.planning.goal.distance`.
    tried: how many futures were imagined so far.
    """

    actions: np.ndarray
    frames: np.ndarray
    distance: float
    first: int
    tried: int


def find_plan(
    predictor: Predictor,
    sequence: Sequence,
    goal: np.ndarray,
    frame: int,
    *,
    given: int | None = None,
    seed: int = 0,
    config: SearchConfig | None = None,
) -> Iterator[Plan]:
    """Commands after the first `given` frames of `sequence` that bring it to the picture `goal`.

    goal: uint8 (H, W, 3), what frame number `frame` is to look like. given: as many as in
    training, unless told otherwise. Yields the best plan so far after each round. z is at the
    prior's mean, and positions are rolled out from the actions: nothing recorded after the given
    frames is looked at. Same seed, same plan.
    Raises InputError, before the first round, if the model is told no actions, `frame` comes too
    early to be steered to, or the goal has another size than the frames.
    """
    given = predictor.n_past if given is None else given
    _check(predictor, sequence, goal, given, frame)
    return _search(predictor, sequence, goal, given, frame, seed, config or SearchConfig())


def _check(
    predictor: Predictor, sequence: Sequence, goal: np.ndarray, given: int, frame: int
) -> None:
    if not predictor.checkpoint.config.model.conditioned:
        raise InputError(
            f"{predictor.checkpoint.name} is told no actions, so that nothing can be planned with "
            "it: choose a model that is."
        )
    earliest = earliest_goal(given)
    if frame < earliest:
        raise InputError(
            f"Frame {frame} can't be planned for: {given} frames are given and the first free "
            f"command comes at frame {first_free_frame(given)}, so choose frame {earliest} or a "
            "later one."
        )
    if goal.shape != sequence.frames.shape[1:]:
        raise InputError(
            f"The goal has the shape {goal.shape} and the frames of {sequence.name} "
            f"{sequence.frames.shape[1:]}: give a picture of the same size."
        )


def earliest_goal(given: int) -> int:
    """The first frame that a command after `given` frames can change."""
    return first_free_frame(given) + 1


def _search(
    predictor: Predictor,
    sequence: Sequence,
    goal: np.ndarray,
    given: int,
    frame: int,
    seed: int,
    config: SearchConfig,
) -> Iterator[Plan]:
    rng = np.random.default_rng(seed)
    wanted, found, first = to_float_frames(goal), None, first_free_frame(given)
    spread = CommandSpread.wide(len(range(first, frame, HOLD)))
    for number in range(1, config.rounds + 1):
        drawn = spread.draw(rng, config.candidates)
        actions = _actions(sequence, drawn, first, frame)
        frames = _imagine(predictor, sequence, given, actions)
        distances = distance(to_float_frames(frames[:, -1]), wanted).numpy()
        order = np.argsort(distances, kind="stable")
        spread = CommandSpread.of(drawn[order[: config.best]])
        best = order[0]
        if found is None or distances[best] < found.distance:
            found = Plan(actions[best], frames[best], float(distances[best]), first, 0)
        found = replace(found, tried=number * config.candidates)
        yield found


def _imagine(
    predictor: Predictor, sequence: Sequence, given: int, actions: np.ndarray
) -> np.ndarray:
    """What follows the given frames: actions (N, T, 4) -> uint8 (N, T - given, H, W, 3)."""
    known = replace(sequence.window(0, given), masks=None, toys=None)
    predictions = predictor.predict(
        [replace(known, actions=told) for told in actions],
        horizon=actions.shape[1] - given,
        latent="mean",
        states="rolled out",
        context=given,
    )
    return np.stack([prediction.frames[0] for prediction in predictions])


def _actions(sequence: Sequence, drawn: np.ndarray, first: int, frame: int) -> np.ndarray:
    """float32 (N, frame + 1, ACTION_DIM): the recorded ones up to `first`, then those drawn.

    What begins at the goal's own frame comes too late to matter: the arm rests then.
    """
    actions = np.zeros((len(drawn), frame + 1, ACTION_DIM), np.float32)
    actions[:, :first] = sequence.actions[:first]
    free = held(drawn, frame + 1 - first)
    actions[:, first : first + free.shape[1]] = free
    return actions
