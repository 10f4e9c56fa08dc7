"""Many samples of many sequences through one model, a time step at a time, in bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import torch
from einops import rearrange, repeat
from torch import Tensor

from cvae.device import no_room
from cvae.model.cvae import CVAE, Moment, Past


@dataclass
class _Chunk:
    """Futures that are computed together: a few samples of a few sequences, rows (n s).

    place: which part of the (N, S) of all they are.
    """

    place: tuple[slice, slice]
    seen: Past
    moment: Moment
    latents: Tensor
    conditions: Tensor
    noise: Tensor


def roll_out(
    model: CVAE, past: Tensor, conditions: Tensor, noise: Tensor, rows: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Imagine frame after frame, at most `rows` futures at a time.

    Where a GPU has no room for as many, it is half as many, and the same again from the beginning
    on: what was yielded stays. InputError if there is no room for one.
    past (N, C, 3, H, W) in [0, 1]; conditions (N, steps, 7); noise (N, S, steps, z_dim). Yields
    for t = C .. steps the frames (N, S, 3, H, W) and latents (N, S, K, z_dim): K = 1, but with
    the first frame there come those of the context too, z_1 .. z_C. The given frames of a
    sequence are encoded once for all of its samples.
    """
    done, rows = 0, min(rows, noise.shape[0] * noise.shape[1])
    while True:
        try:
            for step in islice(_roll_out(model, past, conditions, noise, rows), done, None):
                yield step
                done += 1
            return
        except torch.OutOfMemoryError as error:
            if rows == 1:
                raise no_room(past.device) from error
        # Here the error is gone, and with it what the attempt held.
        rows //= 2
        torch.cuda.empty_cache()


@torch.inference_mode()
def observe_free(model: CVAE, truth: Tensor, conditions: Tensor, given: int) -> Tensor:
    """Free-running frames given .. T-1 with z at the posterior's mean of the true ones.

    truth (N, T, 3, H, W) in [0, 1]; conditions (N, T-1, 7). Half of the sequences at a time where a
    GPU has no room for all; InputError if there is none for one.
    """
    noise = truth.new_zeros(len(truth), truth.shape[1] - 1, model.config.z_dim)
    try:
        rollout = model.observe(truth, conditions, noise, teacher_forcing=False, given=given)
        return rollout.frames[:, given - 1 :]
    except torch.OutOfMemoryError as error:
        if len(truth) == 1:
            raise no_room(truth.device) from error
    torch.cuda.empty_cache()
    half = len(truth) // 2
    parts = [slice(0, half), slice(half, None)]
    return torch.cat([observe_free(model, truth[p], conditions[p], given) for p in parts])


@torch.inference_mode()
def _roll_out(
    model: CVAE, past: Tensor, conditions: Tensor, noise: Tensor, rows: int
) -> Iterator[tuple[Tensor, Tensor]]:
    chunks = list(_chunks(model, past, conditions, noise, rows))
    whole = noise.shape[:2]
    for t in range(past.shape[1], noise.shape[2] + 1):
        frames = past.new_empty(*whole, *past.shape[2:])
        news = 1 if t > past.shape[1] else t  # the first time, those of the context come too
        latents = noise.new_empty(*whole, news, noise.shape[-1])
        for chunk in chunks:
            z, chunk.moment = model.advance(
                chunk.moment, chunk.seen.anchor, chunk.conditions[:, t - 1], chunk.noise[:, t - 1]
            )
            new = torch.cat([chunk.latents, z.unsqueeze(1)], 1)
            chunk.latents = new[:, :0]
            samples = chunk.place[1].stop - chunk.place[1].start
            frames[chunk.place] = rearrange(
                chunk.moment.frame, "(n s) c h w -> n s c h w", s=samples
            )
            latents[chunk.place] = rearrange(new, "(n s) k z -> n s k z", s=samples)
        yield frames, latents


def _chunks(
    model: CVAE, past: Tensor, conditions: Tensor, noise: Tensor, rows: int
) -> Iterator[_Chunk]:
    """All futures, at the moment after the context."""
    given, samples = past.shape[1], noise.shape[1]
    for first in range(0, len(past), rows):
        some = slice(first, min(first + rows, len(past)))
        seen = model.look(past[some])
        each = max(1, rows // len(seen.h))
        for start in range(0, samples, each):
            place = some, slice(start, min(start + each, samples))
            drawn = noise[place]
            moment, latents = model.begin(
                past[some], seen, conditions[some], drawn[:, :, : given - 1]
            )
            yield _Chunk(
                place,
                seen,
                moment,
                latents,
                repeat(conditions[some], "n t c -> (n s) t c", s=drawn.shape[1]),
                rearrange(drawn, "n s t z -> (n s) t z"),
            )
