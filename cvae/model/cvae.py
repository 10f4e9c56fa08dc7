"""The conditional VAE: one step over encoded frames, and two rollouts over that step.

Time, as in SVG: frame t is predicted from frame t-1, the latent z_t and the condition
c_{t-1} = [action, position] at t-1. Arrays over steps hold t = 1 .. T-1 in T-1 places.
Many implementations of the lab give c_t, which tells where the arm is in the frame that is to
be predicted; there is no way to do that here.

Longer than other files, so that the step and both rollouts can be read side by side: what one of
them may see and another may not is the point.
"""

from dataclasses import dataclass, replace

import torch
from einops import rearrange, repeat
from torch import Tensor, nn

from cvae.config import ModelConfig
from cvae.data.dataset import CONDITION_DIM
from cvae.model.decoder import Anchor, VGG64Decoder
from cvae.model.encoder import VGG64Encoder
from cvae.model.latent import Gaussian, GaussianLSTM, prior_of
from cvae.model.layers import first_frames, init_weights
from cvae.model.recurrent import FramePredictor, LSTMState


@dataclass(frozen=True)
class State:
    """Everything recurrent; handed in and out, so that a model serves many rollouts at once.

    condition: that of the step before, (B, 7); none before the first.
    """

    predictor: LSTMState
    posterior: LSTMState
    prior: LSTMState
    condition: Tensor | None = None


@dataclass(frozen=True)
class Past:
    """Given frames, encoded once for all futures: h (B, C, g_dim), the last frame as an anchor."""

    h: Tensor
    anchor: Anchor


@dataclass(frozen=True)
class Moment:
    """Where an imagined future stands: all that `advance` needs to draw the next frame.

    frame: frame t-1, (B, 3, H, W). h: the same encoded, where that has been done.
    """

    state: State
    frame: Tensor
    h: Tensor | None = None


@dataclass(frozen=True)
class Rollout:
    """What `observe` saw: predicted frames (B, T-1, 3, H, W), Gaussians over (B, T-1, z_dim)."""

    frames: Tensor
    posterior: Gaussian
    prior: Gaussian


class CVAE(nn.Module):
    """Encoder, frame predictor, posterior, prior and decoder, joined."""

    def __init__(self, config: ModelConfig, generator: torch.Generator | None = None) -> None:
        """Weights are drawn from `generator`; without one they are left for loading."""
        super().__init__()
        self.config = config
        self.encoder = VGG64Encoder(config.g_dim, config.width)
        self.decoder = VGG64Decoder(config.g_dim, config.width, config.compositing)
        told = CONDITION_DIM * config.conditioned * (2 if config.condition_changes else 1)
        self.predictor = FramePredictor(
            config.g_dim + config.z_dim + told,
            config.g_dim,
            config.rnn_size,
            config.predictor_layers,
            config.predictor_batchnorm,
        )
        self.posterior = GaussianLSTM(config.g_dim, config.z_dim, config.rnn_size)
        self.prior = prior_of(config, told)
        if generator is not None:
            init_weights(self, generator)

    def initial(self, h: Tensor) -> State:
        """The state before the first step, for a batch as large as `h` (B, g_dim)."""
        return State(
            self.predictor.core.initial(h), self.posterior.initial(h), self.prior.initial(h)
        )

    def infer(self, state: State, h_target: Tensor) -> tuple[Gaussian, State]:
        """The posterior of z_t, which looks at the encoded target frame h_t (B, g_dim)."""
        gaussian, posterior = self.posterior(h_target, state.posterior)
        return gaussian, replace(state, posterior=posterior)

    def foresee(self, state: State, h: Tensor, condition: Tensor) -> tuple[Gaussian, State]:
        """The prior of z_t, which looks at h_{t-1} (B, g_dim) and c_{t-1} (B, 7) at most."""
        gaussian, prior = self.prior(h, self._told(state, condition), state.prior)
        return gaussian, replace(state, prior=prior)

    def step(self, state: State, h: Tensor, condition: Tensor, z: Tensor) -> tuple[Tensor, State]:
        """h_{t-1} (B, g_dim), c_{t-1} (B, 7), z_t (B, z_dim) -> g_t (B, g_dim)."""
        told = self._told(state, condition)
        inputs = torch.cat([h, z.to(h.dtype), told.to(h.dtype)], 1)
        g, predictor = self.predictor(inputs, state.predictor)
        return g, replace(state, predictor=predictor, condition=condition)

    def _told(self, state: State, condition: Tensor) -> Tensor:
        """c_{t-1}, and by how much it differs from c_{t-2}: how fast the arm goes, what is new."""
        if not self.config.conditioned:
            return condition[:, :0]
        if not self.config.condition_changes:
            return condition
        before = condition if state.condition is None else state.condition
        return torch.cat([condition, condition - before], 1)

    def observe(
        self,
        frames: Tensor,
        conditions: Tensor,
        noise: Tensor,
        *,
        teacher_forcing: bool,
        given: int | None = None,
    ) -> Rollout:
        """Roll over whole sequences with z from the posterior: training and reconstruction.

        frames (B, T, 3, H, W) in [0, 1]; conditions (B, T-1 or more, 7); noise (B, T-1, z_dim),
        standard normal, or zeros for the posterior's mean. With teacher forcing every step
        starts from the true frame, else from the prediction as soon as the context ends: after
        `given` frames, n_past unless told otherwise.
        """
        rollout = self._observe_forced if teacher_forcing else self._observe_free
        return rollout(frames, conditions, noise, given or self.config.n_past)

    def imagine(self, past: Tensor, conditions: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Predict with z from the prior; nothing here has ever seen a future frame.

        past (B, C, 3, H, W) in [0, 1], C given frames (n_past in training, but any number goes);
        conditions (B, T-1 or more, 7); noise (B, S, T-1, z_dim) for S samples, zeros for the mean
        of the prior. Returns frames (B, S, T - C, 3, H, W) and latents (B, S, T-1, z_dim).
        While t < C the target is given, and the posterior may look at it.
        """
        samples, steps, given = noise.shape[1], noise.shape[2], past.shape[1]
        seen = self.look(past)
        moment, lived = self.begin(past, seen, conditions, noise[:, :, : given - 1])
        conditions = repeat(conditions, "b t c -> (b s) t c", s=samples)
        noise = rearrange(noise, "b s t z -> (b s) t z")
        frames, latents = [], list(lived.unbind(1))
        for t in range(given, steps + 1):
            z, moment = self.advance(moment, seen.anchor, conditions[:, t - 1], noise[:, t - 1])
            frames.append(moment.frame)
            latents.append(z)
        return (
            rearrange(torch.stack(frames, 1), "(b s) t c h w -> b s t c h w", s=samples),
            rearrange(torch.stack(latents, 1), "(b s) t z -> b s t z", s=samples),
        )

    def look(self, past: Tensor) -> Past:
        """Encode the given frames (B, C, 3, H, W)."""
        h, skips = self._encode(past)
        length = past.shape[1]
        return Past(
            h, self.decoder.anchor(past[:, -1], [skip[length - 1 :: length] for skip in skips])
        )

    def begin(
        self, past: Tensor, seen: Past, conditions: Tensor, noise: Tensor
    ) -> tuple[Moment, Tensor]:
        """Live through the C given frames `past`, of which `seen` is what `look` saw.

        conditions (B, C-1 or more, 7), noise (B, S, C-1, z_dim) for S futures of each. Returns
        the moment after them for B*S rows, and z_1 .. z_{C-1}, (B*S, C-1, z_dim).
        """
        samples, given = noise.shape[1], past.shape[1]
        h = repeat(seen.h, "b t g -> (b s) t g", s=samples)
        conditions = repeat(conditions, "b t c -> (b s) t c", s=samples)
        noise = rearrange(noise, "b s t z -> (b s) t z")
        state, latents = self.initial(h[:, 0]), [noise.new_empty(len(h), 0, self.config.z_dim)]
        for t in range(1, given):
            _, state = self.foresee(state, h[:, t - 1], conditions[:, t - 1])
            belief, state = self.infer(state, h[:, t])
            z = belief.sample(noise[:, t - 1])
            latents.append(z.unsqueeze(1))
            _, state = self.step(state, h[:, t - 1], conditions[:, t - 1], z)
        frame = repeat(past[:, -1], "b c h w -> (b s) c h w", s=samples)
        return Moment(state, frame, h[:, -1]), torch.cat(latents, 1)

    def advance(
        self, moment: Moment, anchor: Anchor, condition: Tensor, noise: Tensor
    ) -> tuple[Tensor, Moment]:
        """Imagine one frame: condition c_{t-1} (B, 7), noise (B, z_dim) -> z_t, the next moment.

        anchor: that of the last given frame, of which each serves B/N consecutive futures.
        """
        h = self.encoder(moment.frame)[0] if moment.h is None else moment.h
        belief, state = self.foresee(moment.state, h, condition)
        z = belief.sample(noise)
        g, state = self.step(state, h, condition, z)
        return z, Moment(state, self.decoder(g, anchor))

    def _encode(self, frames: Tensor) -> tuple[Tensor, list[Tensor]]:
        """frames (B, T, 3, H, W) -> h (B, T, g_dim), skips (B*T, C, H, W) from the largest on."""
        h, skips = self.encoder(_pack(frames))
        return rearrange(h, "(b t) g -> b t g", t=frames.shape[1]), skips

    def _encode_all(self, frames: Tensor, given: int) -> tuple[Tensor, list[Anchor]]:
        """frames (B, T, 3, H, W) -> h (B, T, g_dim) and an anchor of each of `given` frames."""
        h, skips = self._encode(frames)
        length = frames.shape[1]
        given_skips = zip(
            *(first_frames(skip, length, min(given, length)) for skip in skips), strict=True
        )
        anchors = [
            self.decoder.anchor(frames[:, t], list(own)) for t, own in enumerate(given_skips)
        ]
        return h, anchors

    def _observe_forced(
        self, frames: Tensor, conditions: Tensor, noise: Tensor, given: int
    ) -> Rollout:
        """All frames are known, so that only the small recurrence runs step by step."""
        h, anchors = self._encode_all(frames, given)
        state = self.initial(h[:, 0])
        posteriors, priors, gs = [], [], []
        for t in range(1, frames.shape[1]):
            prior, posterior, g, state = self._inferred_step(
                state, h[:, t - 1], h[:, t], conditions[:, t - 1], noise[:, t - 1]
            )
            posteriors.append(posterior)
            priors.append(prior)
            gs.append(g)
        last = given - 1
        warm_up = [self.decoder(gs[t], anchors[t]) for t in range(last)]  # predicts t + 1
        future = self.decoder(
            rearrange(torch.stack(gs[last:], 1), "b t g -> (b t) g"), anchors[last]
        )
        future = rearrange(future, "(b t) c h w -> b t c h w", b=len(frames))
        predicted = torch.cat([torch.stack(warm_up, 1), future], 1) if warm_up else future
        return Rollout(predicted, Gaussian.stack(posteriors), Gaussian.stack(priors))

    def _observe_free(
        self, frames: Tensor, conditions: Tensor, noise: Tensor, given: int
    ) -> Rollout:
        """After the context each step starts from the frame that was just predicted."""
        h_true, anchors = self._encode_all(frames, given)
        state = self.initial(h_true[:, 0])
        posteriors, priors, predicted = [], [], []
        h = h_true[:, 0]
        for t in range(1, frames.shape[1]):
            prior, posterior, g, state = self._inferred_step(
                state, h, h_true[:, t], conditions[:, t - 1], noise[:, t - 1]
            )
            # The last given frame at most: SVG's script is one frame behind here.
            predicted.append(self.decoder(g, anchors[min(t - 1, given - 1)]))
            posteriors.append(posterior)
            priors.append(prior)
            if t + 1 < frames.shape[1]:
                h = h_true[:, t] if t < given else self.encoder(predicted[-1])[0]
        return Rollout(
            torch.stack(predicted, 1), Gaussian.stack(posteriors), Gaussian.stack(priors)
        )

    def _inferred_step(
        self, state: State, h: Tensor, h_target: Tensor, condition: Tensor, noise: Tensor
    ) -> tuple[Gaussian, Gaussian, Tensor, State]:
        """One step with z from the posterior: prior and posterior of z_t, g_t, the next state."""
        prior, state = self.foresee(state, h, condition)
        posterior, state = self.infer(state, h_target)
        g, state = self.step(state, h, condition, posterior.sample(noise))
        return prior, posterior, g, state


def _pack(frames: Tensor) -> Tensor:
    """(B, T, 3, H, W) -> (B*T, 3, H, W), channels last: convolutions are fastest on that."""
    packed = rearrange(frames, "b t c h w -> (b t) c h w")
    return packed.contiguous(memory_format=torch.channels_last)
