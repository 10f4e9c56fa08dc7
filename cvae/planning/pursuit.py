"""Plans that are put right on the way: the arm looks again after each command.

So visual foresight drives a robot (Finn & Levine 2017); what a model is wrong about, or can't
see, matters less the nearer the goal is.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from cvae.data.sequence import Sequence
from cvae.inference.predictor import Predictor
from cvae.planning.commands import first_free_frame
from cvae.planning.planner import Plan, SearchConfig, find_plan
from cvae.simulation.policy import HOLD


def pursue(
    predictor: Predictor,
    sequence: Sequence,
    goal: np.ndarray,
    frame: int,
    carry_out: Callable[[np.ndarray], Sequence],
    *,
    given: int | None = None,
    seed: int = 0,
    config: SearchConfig | None = None,
) -> Iterator[Plan]:
    """Commands as `find_plan` finds them, of which only the next is carried out before it looks.

    carry_out: commands float32 (T, 4) from the first frame on -> what the camera has seen, T
    frames with the arm's positions. Everything else is as for `find_plan`, and raised as it does,
    at the first step. Each search is as long as `config` says.
    Yields after each search all commands up to the goal, those carried out and those that are
    left, and in `frames` what was imagined of each frame when it was last yet to come.
    """
    given = predictor.n_past if given is None else given
    seen, looked, tried = sequence, given, 0
    imagined: list[np.ndarray] = []
    while True:
        *_, plan = find_plan(predictor, seen, goal, frame, given=looked, seed=seed, config=config)
        tried += plan.tried
        frames = np.concatenate([*imagined, plan.frames])
        yield replace(plan, first=first_free_frame(given), frames=frames, tried=tried)
        ahead = plan.first + HOLD
        if ahead >= frame:
            return
        imagined.append(plan.frames[: ahead - looked])
        seen, looked = carry_out(plan.actions[:ahead]), ahead
