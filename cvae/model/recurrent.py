"""LSTMs whose state goes in and comes out; nothing is kept on the module."""

from typing import TypeAlias

from torch import Tensor, nn

LSTMState: TypeAlias = list[tuple[Tensor, Tensor]]  # (hidden, cell) a layer, each (B, size)


class StackedLSTM(nn.Module):
    """SVG's recurrent core: a linear embedding, then LSTM cells on top of each other."""

    def __init__(self, input_size: int, rnn_size: int, layers: int) -> None:
        super().__init__()
        self.rnn_size = rnn_size
        self.embed = nn.Linear(input_size, rnn_size)
        self.cells = nn.ModuleList([nn.LSTMCell(rnn_size, rnn_size) for _ in range(layers)])

    def initial(self, like: Tensor) -> LSTMState:
        """The zero state for a batch as large as `like` (B, ...), on its device."""
        zeros = like.new_zeros(len(like), self.rnn_size)
        return [(zeros, zeros) for _ in self.cells]

    def forward(self, inputs: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        """inputs (B, input_size) -> output (B, rnn_size) and the next state."""
        output = self.embed(inputs)
        following = []
        for cell, layer_state in zip(self.cells, state, strict=True):
            output, memory = cell(output, layer_state)
            following.append((output, memory))
        return output, following


class FramePredictor(nn.Module):
    """cat(h_{t-1}, z_t, c_{t-1}) -> g_t, through a stacked LSTM and a Tanh."""

    def __init__(
        self, input_size: int, g_dim: int, rnn_size: int, layers: int, batchnorm: bool
    ) -> None:
        super().__init__()
        self.core = StackedLSTM(input_size, rnn_size, layers)
        # The report's code has a BatchNorm here, SVG has none.
        norm = [nn.BatchNorm1d(g_dim)] if batchnorm else []
        self.output = nn.Sequential(nn.Linear(rnn_size, g_dim), *norm, nn.Tanh())

    def forward(self, inputs: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        """inputs (B, input_size) -> g (B, g_dim) in (-1, 1) and the next state."""
        output, state = self.core(inputs, state)
        return self.output(output), state
