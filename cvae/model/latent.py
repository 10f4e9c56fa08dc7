"""The latent: a diagonal Gaussian, the posterior that infers it, the priors that foresee it."""

from dataclasses import dataclass
from typing import assert_never

import torch
from torch import Tensor, nn

from cvae.config import ModelConfig
from cvae.model.recurrent import LSTMState, StackedLSTM


@dataclass(frozen=True)
class Gaussian:
    """Diagonal Gaussians; `mean` and `log_variance` are (..., z_dim)."""

    mean: Tensor
    log_variance: Tensor

    def sample(self, noise: Tensor) -> Tensor:
        """The reparameterization trick: mean + sigma * noise, noise ~ N(0, I), same shape."""
        return self.mean + torch.exp(0.5 * self.log_variance) * noise

    def kl(self, other: "Gaussian") -> Tensor:
        """KL(self || other) in nats for every dimension, (..., z_dim).

        0.5 (log s2_p - log s2_q + (s2_q + (mu_q - mu_p)^2) / s2_p - 1); with a standard normal
        `other` this is the closed form of Kingma and Welling 2014, appendix B.
        """
        distance = (self.mean - other.mean) ** 2 + self.log_variance.exp()
        log_ratio = other.log_variance - self.log_variance
        return 0.5 * (log_ratio + distance * torch.exp(-other.log_variance) - 1)

    @staticmethod
    def standard(like: Tensor) -> "Gaussian":
        """N(0, I) in the shape of `like`."""
        return Gaussian(torch.zeros_like(like), torch.zeros_like(like))

    @staticmethod
    def stack(steps: list["Gaussian"]) -> "Gaussian":
        """T Gaussians over (B, z_dim) -> one over (B, T, z_dim)."""
        return Gaussian(
            torch.stack([step.mean for step in steps], 1),
            torch.stack([step.log_variance for step in steps], 1),
        )


class GaussianLSTM(nn.Module):
    """SVG's Gaussian LSTM: a sequence of inputs -> a Gaussian at every step."""

    def __init__(self, input_size: int, z_dim: int, rnn_size: int) -> None:
        super().__init__()
        self.core = StackedLSTM(input_size, rnn_size, layers=1)
        self.mean = nn.Linear(rnn_size, z_dim)
        self.log_variance = nn.Linear(rnn_size, z_dim)

    def initial(self, like: Tensor) -> LSTMState:
        return self.core.initial(like)

    def forward(self, inputs: Tensor, state: LSTMState) -> tuple[Gaussian, LSTMState]:
        """inputs (B, input_size) -> Gaussian over (B, z_dim), in fp32, and the next state."""
        output, state = self.core(inputs, state)
        return Gaussian(self.mean(output).float(), self.log_variance(output).float()), state


class FixedPrior(nn.Module):
    """z_t ~ N(0, I), whatever has been seen; its state is empty."""

    def __init__(self, z_dim: int) -> None:
        super().__init__()
        self.z_dim = z_dim

    def initial(self, like: Tensor) -> LSTMState:
        return []

    def forward(self, h: Tensor, condition: Tensor, state: LSTMState) -> tuple[Gaussian, LSTMState]:
        zeros = torch.zeros(len(h), self.z_dim, device=h.device)
        return Gaussian.standard(zeros), state


class LearnedPrior(nn.Module):
    """z_t ~ N(mu, sigma) from a Gaussian LSTM over h_{t-1}, and c_{t-1} if it may see it."""

    def __init__(self, g_dim: int, condition_dim: int, z_dim: int, rnn_size: int) -> None:
        """`condition_dim` 0 hides the conditions from the prior, as in the report."""
        super().__init__()
        self.condition_dim = condition_dim
        self.lstm = GaussianLSTM(g_dim + condition_dim, z_dim, rnn_size)

    def initial(self, like: Tensor) -> LSTMState:
        return self.lstm.initial(like)

    def forward(self, h: Tensor, condition: Tensor, state: LSTMState) -> tuple[Gaussian, LSTMState]:
        """h (B, g_dim), condition (B, C) -> Gaussian over (B, z_dim) and the next state."""
        return self.lstm(torch.cat([h, condition[:, : self.condition_dim]], 1), state)


def prior_of(config: ModelConfig, told: int) -> FixedPrior | LearnedPrior:
    """The prior that `config` names. told: how many numbers of a step's condition there are."""
    if config.prior == "fixed":
        return FixedPrior(config.z_dim)
    if config.prior == "learned":
        seen = told if config.prior_sees_condition else 0
        return LearnedPrior(config.g_dim, seen, config.z_dim, config.rnn_size)
    assert_never(config.prior)
