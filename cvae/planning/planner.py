"""The cross-entropy method over commands, as in visual foresight (Finn & Levine 2017).

Draw commands, imagine where each leads, keep those that lead nearest to the goal, draw around
them, and again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from cvae.data.sequence import ACTION_DIM, Sequence
from cvae.errors import InputError
from cvae.inference.predictor import Predictor, to_float_frames
from cvae.inference.task import known_positions
from cvae.planning.commands import CommandSpread, earliest_goal, first_free_frame, held
from cvae.planning.goal import Goal, away, unlike
from cvae.simulation.policy import HOLD


@dataclass(frozen=True)
class SearchConfig:
    """How long is searched, and what for. Raises InputError for what no search can be."""

    candidates: int = 32
    """Lists of commands that are drawn in each round."""
    best: int = 4
    """How many of them the next round's are drawn around; fewer than are drawn."""
    rounds: int = 8
    """How often others are drawn."""
    picture: float = 1.0
    """What the picture's squared error counts; at 0 the arm's place alone is searched for."""
    place: float = 5.0
    """What a square metre from the arm's place counts; at 0 the picture alone is searched for."""

    def __post_init__(self) -> None:
        for name in ("candidates", "best", "rounds"):
            if getattr(self, name) < 1:
                raise InputError(f"search.{name} is {getattr(self, name)}: give at least 1.")
        if self.best >= self.candidates:
            raise InputError(
                f"search.best is {self.best} of {self.candidates} candidates, so that none is "
                "left out: choose fewer."
            )
        for name in ("picture", "place"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise InputError(f"search.{name} is {getattr(self, name)}: give 0 or more.")
        if not self.picture and not self.place:
            raise InputError("search.picture and search.place are both 0: nothing is searched for.")


@dataclass(frozen=True)
class Plan:
    """The best commands found so far.

    actions: float32 (T, ACTION_DIM), a row for each frame up to the goal's, as `Sequence` has
        them.
    first: the first frame whose command is the plan's; those before were recorded.
    frames: uint8 (T - given, H, W, 3), what the model imagines after the given frames.
    distance: of the last one from the goal, at least 0; see `SearchConfig`.
    tried: how many lists of commands were drawn so far.
    """

    actions: np.ndarray
    first: int
    frames: np.ndarray
    distance: float
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
    Raises InputError, before the first round, if the model is told no actions, `given` is not
    between 1 and the sequence's length, `frame` comes too early to be steered to, the goal is
    no picture like the frames, or the seed is negative.
    """
    given = predictor.n_past if given is None else given
    check_told(predictor)
    _check(sequence, goal, given, frame, seed)
    return _search(predictor, sequence, goal, given, frame, seed, config or SearchConfig())


def check_told(predictor: Predictor) -> None:
    """Raise InputError if nothing can be planned with the model, as it is told no actions."""
    if not predictor.checkpoint.config.model.conditioned:
        raise InputError(
            f"{predictor.checkpoint.name} is told no actions, so that nothing can be planned with "
            "it: choose a model that is."
        )


def _check(sequence: Sequence, goal: np.ndarray, given: int, frame: int, seed: int) -> None:
    if not 1 <= given <= len(sequence):
        raise InputError(
            f"{given} given frames were asked for, and {sequence.name} has {len(sequence)}: "
            f"choose from 1 to {len(sequence)}."
        )
    earliest = earliest_goal(given)
    if frame < earliest:
        raise InputError(
            f"Frame {frame} can't be planned for: {given} frames are given and the first free "
            f"command comes at frame {first_free_frame(given)}, so choose frame {earliest} or a "
            "later one."
        )
    if goal.shape != sequence.frames.shape[1:] or goal.dtype != np.uint8:
        raise InputError(
            f"The goal has the shape {goal.shape} of {goal.dtype}, the frames of {sequence.name} "
            f"{sequence.frames.shape[1:]} of uint8: give a picture like these."
        )
    if seed < 0:
        raise InputError(f"The seed is {seed}: give 0 or more.")


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
    wanted, found, first = Goal.seen_by(predictor, goal), None, first_free_frame(given)
    spread = CommandSpread.wide(len(range(first, frame, HOLD)))
    for number in range(1, config.rounds + 1):
        drawn = spread.draw(rng, config.candidates)
        actions = _actions(sequence, drawn, first, frame)
        places = _places(predictor, sequence, given, actions)
        distances = config.place * away(places[:, -1], wanted.place)
        if config.picture:
            ends = _imagine(predictor, sequence, given, actions, places)[:, -1]
            distances += config.picture * unlike(to_float_frames(ends), wanted.picture)
        order = distances.argsort(stable=True).numpy()
        spread, best = CommandSpread.of(drawn[order[: config.best]]), order[:1]
        if found is None or distances[best] < found.distance:
            [frames] = _imagine(predictor, sequence, given, actions[best], places[best])
            found = Plan(actions[best[0]], first, frames, float(distances[best]), tried=0)
        found = replace(found, tried=number * config.candidates)
        yield found


def _actions(sequence: Sequence, drawn: np.ndarray, first: int, frame: int) -> np.ndarray:
    """float32 (N, frame + 1, ACTION_DIM): the recorded ones up to `first`, then those drawn.

    What begins at the goal's own frame comes too late to matter: the arm rests then.
    """
    actions = np.zeros((len(drawn), frame + 1, ACTION_DIM), np.float32)
    actions[:, :first] = sequence.actions[:first]
    free = held(drawn, frame + 1 - first)
    actions[:, first : first + free.shape[1]] = free
    return actions


@torch.inference_mode()
def _places(predictor: Predictor, sequence: Sequence, given: int, actions: np.ndarray) -> Tensor:
    """Where the arm will be by the state model: actions (N, T, 4) -> (N, T, 3), metres."""
    checkpoint, device = predictor.checkpoint, predictor.device
    known = known_positions(checkpoint, device, sequence, given)
    told = torch.from_numpy(actions).to(device)
    return checkpoint.state_model.roll(known.expand(len(told), -1, -1), told).float().cpu()


def _imagine(
    predictor: Predictor, sequence: Sequence, given: int, actions: np.ndarray, places: Tensor
) -> np.ndarray:
    """What follows the given frames: actions (N, T, 4) -> uint8 (N, T - given, H, W, 3)."""
    known = replace(sequence.window(0, given), masks=None, toys=None)
    predictions = predictor.predict(
        [
            replace(known, actions=told, positions=there)
            for told, there in zip(actions, places.numpy(), strict=True)
        ],
        horizon=actions.shape[1] - given,
        latent="mean",
        context=given,
    )
    return np.stack([prediction.frames[0] for prediction in predictions])
