"""Where the arm is, read from a frame, and where it will be, rolled on from its actions.

With it a model runs on sequences without recorded positions and on actions that were never
executed, and honestly beyond the context.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from cvae.data.sequence import ACTION_DIM, FRAME_SIZE, POSITION_DIM


class StateModel(nn.Module):
    """`read`: frame -> position; `roll`: known positions and all actions -> all positions.

    Positions are in metres, actions as recorded; the scales are kept as buffers.
    """

    def __init__(self, hidden_size: int = 64) -> None:
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
        # A lift outlasts its command, so that where the arm goes is not told by the last
        # position and action alone: a cell remembers.
        self.cell = nn.GRUCell(POSITION_DIM + ACTION_DIM, hidden_size)
        self.change = nn.Linear(hidden_size, POSITION_DIM)
        for name, size in (("position", POSITION_DIM), ("action", ACTION_DIM)):
            self.register_buffer(f"{name}_mean", torch.zeros(size))
            self.register_buffer(f"{name}_std", torch.ones(size))
        self.register_buffer("change_std", torch.ones(POSITION_DIM))

    def read(self, frames: Tensor) -> Tensor:
        """frames (N, 3, 64, 64) in [0, 1] -> positions (N, 3) in metres."""
        return self.reader(frames - 0.5) * self.position_std + self.position_mean

    def roll(self, known: Tensor, actions: Tensor) -> Tensor:
        """known positions (B, K, 3), actions (B, T, 4) -> positions (B, T, 3), T >= K >= 1.

        The first K are the known ones; the others follow from the actions alone.
        """
        positions = list(known.unbind(1))
        hidden = known.new_zeros(len(known), self.cell.hidden_size)
        for t in range(actions.shape[1] - 1):
            place = (positions[t] - self.position_mean) / self.position_std
            action = (actions[:, t] - self.action_mean) / self.action_std
            hidden = self.cell(torch.cat([place, action], 1), hidden)
            if t + 1 >= known.shape[1]:
                positions.append(positions[t] + self.change(hidden) * self.change_std)
        return torch.stack(positions[: actions.shape[1]], 1)
