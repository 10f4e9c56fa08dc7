"""Where the arm is, read from a frame, and where it will be, rolled on from its actions.

With it a model runs on sequences without recorded positions and on actions that were never
executed, and honestly beyond the context.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from cvae.data.sequence import ACTION_DIM, FRAME_SIZE, POSITION_DIM

HIDDEN_SIZE = 128  # of the cell


@dataclass(frozen=True)
class StateMemory:
    """What `StateModel.move` keeps between frames: position (B, 3) before, hidden (B, 128)."""

    position: Tensor
    hidden: Tensor


class StateModel(nn.Module):
    """`read`: frame -> position; `move`: one frame on; `roll`: known positions to all of them.

    Positions are in metres, actions as recorded; the scales are kept as buffers.
    """

    position_mean: Tensor
    position_std: Tensor
    action_mean: Tensor
    action_std: Tensor
    change_std: Tensor

    def __init__(self) -> None:
        super().__init__()
        channels = (3, 16, 32, 32, 64)
        convolutions: list[nn.Module] = []
        for before, after in pairwise(channels):
            convolutions += [nn.Conv2d(before, after, 3, 2, 1), nn.ReLU()]
        side = FRAME_SIZE // 16
        self.reader = nn.Sequential(
            *convolutions,
            nn.Flatten(),
            nn.Linear(channels[-1] * side * side, 128),
            nn.ReLU(),
            nn.Linear(128, POSITION_DIM),
        )
        # The arm trails its commands, and a lift outlasts its own: where the arm goes is not told
        # by the last position and action alone. A cell remembers; most of it is linear.
        told = 2 * POSITION_DIM + ACTION_DIM
        self.cell = nn.GRUCell(told, HIDDEN_SIZE)
        self.change = nn.Linear(HIDDEN_SIZE + told, POSITION_DIM)
        for name, size in (("position", POSITION_DIM), ("action", ACTION_DIM)):
            self.register_buffer(f"{name}_mean", torch.zeros(size))
            self.register_buffer(f"{name}_std", torch.ones(size))
        self.register_buffer("change_std", torch.ones(POSITION_DIM))

    def read(self, frames: Tensor) -> Tensor:
        """frames (N, 3, 64, 64) in [0, 1] -> positions (N, 3) in metres."""
        return self.reader(frames - 0.5) * self.position_std + self.position_mean

    def initial(self, position: Tensor) -> StateMemory:
        """The memory before the first `move`, which starts at `position` (B, 3)."""
        return StateMemory(position, position.new_zeros(len(position), HIDDEN_SIZE))

    def move(
        self, position: Tensor, action: Tensor, memory: StateMemory
    ) -> tuple[Tensor, StateMemory]:
        """position (B, 3), action (B, 4) at frame t -> position at frame t+1, and the memory.

        `memory` is what the call for frame t-1 handed back, or `initial`.
        """
        told = torch.cat(
            [
                (position - self.position_mean) / self.position_std,
                (position - memory.position) / self.change_std,
                (action - self.action_mean) / self.action_std,
            ],
            1,
        )
        hidden = self.cell(told, memory.hidden)
        change = self.change(torch.cat([hidden, told], 1)) * self.change_std
        return position + change, StateMemory(position, hidden)

    def roll(self, known: Tensor, actions: Tensor) -> Tensor:
        """known positions (B, K, 3), actions (B, T, 4) -> positions (B, T, 3), T >= K >= 1.

        The first K are the known ones; the others follow from the actions alone.
        """
        positions = list(known.unbind(1))
        memory = self.initial(positions[0])
        for t in range(actions.shape[1] - 1):
            moved, memory = self.move(positions[t], actions[:, t], memory)
            if t + 1 >= known.shape[1]:
                positions.append(moved)
        return torch.stack(positions[: actions.shape[1]], 1)
