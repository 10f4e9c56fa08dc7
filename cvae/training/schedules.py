"""The schedules of a run: pure functions of the epoch, or of the share of the run."""

import math


def kl_weight(epoch: int, epochs: int, beta_max: float, cycles: int, ratio: float) -> float:
    """beta(e) = beta_max min(1, (e mod M) / (R M)), M = epochs / cycles, e = 0 .. epochs-1.

    Source: Fu et al. 2019, Cyclical Annealing Schedule. One cycle is the monotonic schedule.
    With ratio R > 1 a cycle ends before the top is reached (the report's 2 ends at half).
    """
    # Both sides of the fraction times `cycles`: e mod M is 0, not nearly M, where a cycle begins.
    return beta_max * min(1.0, (epoch * cycles % epochs) / (ratio * epochs))


def teacher_forcing_ratio(
    epoch: int, epochs: int, start_decay: float | None, lower_bound: float
) -> float:
    """max(lb, 1 - (e - s)(1 - lb) / (E - s)) from epoch s = start_decay * epochs on, 1 before.

    Source: the report's code, but for a start_decay of None, which is lb in all epochs.
    """
    if start_decay is None:
        return lower_bound
    start = start_decay * epochs
    if epoch < start or start >= epochs:
        return 1.0
    slope = (1.0 - lower_bound) / (epochs - start)
    return max(lower_bound, 1.0 - (epoch - start) * slope)


def learning_rate(update: int, updates: int, peak: float, schedule: str) -> float:
    """`peak` throughout ("constant"), or falling to 0 as half a cosine ("cosine").

    The cosine has a linear warm-up over the first 2 % of the updates.
    """
    if schedule == "constant":
        return peak
    warm_up = max(1, round(0.02 * updates))
    if update < warm_up:
        return peak * (update + 1) / warm_up
    return peak * 0.5 * (1 + math.cos(math.pi * (update - warm_up) / max(1, updates - warm_up)))
