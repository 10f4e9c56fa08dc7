"""Fitting the state model on the training split: minutes, once a run."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from cvae.data.bundle import SequenceSource
from cvae.data.dataset import divisors
from cvae.errors import InputError
from cvae.model.noise import keyed_generator
from cvae.model.state_model import StateModel

READ_BATCH, ROLL_BATCH = 64, 64
CONTEXTS = (1, 2)  # numbers of positions that protocols give the roll to start from


def fit_state_model(
    split: SequenceSource, updates: int, seed: int, before_update: Callable[[], None] = lambda: None
) -> StateModel:
    """A state model fitted by `updates` steps of Adam each for `read` and `roll`.

    `before_update` may raise to end the fit.
    Raises InputError when no sequence of the split has positions.
    """
    generator = keyed_generator("state model", seed)
    model = StateModel()
    _init_weights(model, generator)
    positions, actions, index = _positions_and_actions(split)
    _set_scales(model, positions, actions)
    _fit_read(model, split, index, updates, generator, before_update)
    _fit_roll(model, positions, actions, updates, generator, before_update)
    return model.eval()


def _positions_and_actions(split: SequenceSource) -> tuple[Tensor, Tensor, list[int]]:
    """positions (N, T, 3), actions (N, T, 4), finite, and the indices of the sequences."""
    index, positions, actions = [], [], []
    for i in range(len(split)):
        told, places = split.motion(i)
        if places is not None and np.isfinite(told).all() and np.isfinite(places).all():
            index.append(i)
            actions.append(told)
            positions.append(places)
    if not index:
        raise InputError(
            f"None of the {len(split)} training sequences has positions; training needs some to "
            "learn where the arm is."
        )
    return torch.from_numpy(np.stack(positions)), torch.from_numpy(np.stack(actions)), index


@torch.no_grad()
def _init_weights(model: StateModel, generator: torch.Generator) -> None:
    for parameter in model.parameters():
        if parameter.ndim > 1:
            torch.nn.init.kaiming_uniform_(parameter, a=5**0.5, generator=generator)
        else:
            parameter.zero_()


def _set_scales(model: StateModel, positions: Tensor, actions: Tensor) -> None:
    change = positions[:, 1:] - positions[:, :-1]
    model.position_mean.copy_(positions.mean((0, 1)))
    model.position_std.copy_(_divisors(positions))
    model.action_mean.copy_(actions.mean((0, 1)))
    model.action_std.copy_(_divisors(actions))
    model.change_std.copy_(_divisors(change))


def _divisors(rows: Tensor) -> Tensor:
    """rows (N, T, columns) -> (columns,)"""
    return torch.from_numpy(divisors(rows.std((0, 1)).numpy(), margin=1e-6))


def _fit_read(
    model: StateModel,
    split: SequenceSource,
    index: list[int],
    updates: int,
    generator: torch.Generator,
    before_update: Callable[[], None],
) -> None:
    """Frames drawn over all sequences and times, squared error in standard deviations."""
    optimizer = torch.optim.Adam(model.reader.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, updates)
    for _ in range(updates):
        before_update()
        drawn = torch.randint(len(index), (READ_BATCH // 4,), generator=generator).tolist()
        frames, targets = [], []
        for i in drawn:
            sequence = split[index[i]]
            times = torch.randint(len(sequence), (4,), generator=generator).numpy()
            assert sequence.positions is not None, "`index` names those that have positions"
            frames.append(sequence.frames[times])
            targets.append(sequence.positions[times])
        images = torch.from_numpy(np.concatenate(frames)).permute(0, 3, 1, 2).float() / 255
        error = model.read(images) - torch.from_numpy(np.concatenate(targets))
        _descend(optimizer, schedule, torch.mean((error / model.position_std) ** 2))


def _fit_roll(
    model: StateModel,
    positions: Tensor,
    actions: Tensor,
    updates: int,
    generator: torch.Generator,
    before_update: Callable[[], None],
) -> None:
    """Whole sequences from random starts, rolled on freely as in use."""
    parameters = [*model.cell.parameters(), *model.change.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, updates)
    for _ in range(updates):
        before_update()
        rows = torch.randint(len(positions), (ROLL_BATCH,), generator=generator)
        # A context may start at an odd frame, in the middle of a held command.
        start = int(torch.randint(positions.shape[1] // 2, (), generator=generator))
        truth, given = positions[rows, start:], actions[rows, start:]
        context = CONTEXTS[int(torch.randint(len(CONTEXTS), (), generator=generator))]
        error = model.roll(truth[:, :context], given) - truth
        _descend(optimizer, schedule, torch.mean((error / model.change_std) ** 2))


def _descend(
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    loss: Tensor,
) -> None:
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(optimizer.param_groups[0]["params"], 1.0)
    optimizer.step()
    schedule.step()
