"""One update: the loss of a batch, the descent, and what is done when numbers are not finite."""

import torch
from torch import Tensor, nn

from cvae.config import TrainingConfig
from cvae.data.dataset import Batch
from cvae.training.draws import draw_forcing, noise_of
from cvae.training.engine import Engine
from cvae.training.progress import Run
from cvae.training.schedules import kl_weight, learning_rate, teacher_forcing_ratio
from cvae.training.statistics import kept_statistics, restore_statistics


def beta_of(training: TrainingConfig, epoch: int) -> float:
    return kl_weight(
        epoch, training.epochs, training.beta_max, training.kl_cycles, training.kl_anneal_ratio
    )


def forcing_of(training: TrainingConfig, epoch: int) -> float:
    return teacher_forcing_ratio(
        epoch, training.epochs, training.tfr_start_decay, training.tfr_lower_bound
    )


def rate_of(training: TrainingConfig, epoch: int, batch: int) -> float:
    """The learning rate of an update: the batches of an epoch are counted from 0."""
    per_epoch = batches_per_epoch(training)
    return learning_rate(
        epoch * per_epoch + batch,
        training.epochs * per_epoch,
        training.learning_rate,
        training.lr_schedule,
    )


def batches_per_epoch(training: TrainingConfig) -> int:
    return -(-training.sequences_per_epoch // training.batch_size)


def train_batch(
    run: Run, batch: Batch, engine: Engine, objective: nn.Module, wants_to_stop: bool
) -> bool:
    """Update the weights by the next batch of the run; `batch` is this process's share of it.

    Without a finite loss and gradient the batch is skipped: nothing changes but its counts.
    Returns whether any of the processes wants to stop.
    """
    training, epoch, number = run.checkpoint.config.training, run.epoch, run.logs.batches
    model = run.checkpoint.model
    noise = noise_of(run, number, batch, engine)
    forced = draw_forcing(training.seed, epoch, number, forcing_of(training, epoch))
    before = kept_statistics(model)
    with engine.autocast():
        loss, mse, kl = objective(
            batch, noise, beta=beta_of(training, epoch), teacher_forcing=forced
        )
    gradient = differentiate(engine, run.optimizer, loss)
    wish = torch.full_like(mse, float(wants_to_stop))
    told = engine.mean(torch.cat([torch.stack([loss.detach(), mse, wish]), kl]))
    judged = torch.stack([told[0].isfinite() & gradient.isfinite(), told[2] > 0])
    finite, any_wants_to_stop = judged.tolist()
    if finite:
        descend(run.optimizer, gradient, rate_of(training, epoch, number), training.grad_clip)
        run.logs.add(torch.cat([told[:2], told[3:]]), len(batch) * engine.processes)
        run.skipped_in_a_row = 0
    else:
        # The forward pass may have put infinities into the running statistics.
        restore_statistics(model, before)
        run.logs.skipped += 1
        run.skipped_in_a_row += 1
    run.logs.batches += 1
    return any_wants_to_stop


def differentiate(engine: Engine, optimizer: torch.optim.Optimizer, loss: Tensor) -> Tensor:
    """Leave the gradient of `loss` in the parameters, averaged over all processes; its norm."""
    optimizer.zero_grad(set_to_none=True)
    engine.fabric.backward(loss)
    gradients = [p.grad for p in _parameters(optimizer) if p.grad is not None]
    return torch.nn.utils.get_total_norm(gradients)


def descend(
    optimizer: torch.optim.Optimizer, norm: Tensor, rate: float, grad_clip: float | None
) -> None:
    """One step along a gradient of that norm."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    if grad_clip is not None:
        torch.nn.utils.clip_grads_with_norm_(_parameters(optimizer), grad_clip, norm)
    optimizer.step()


def _parameters(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    return [p for group in optimizer.param_groups for p in group["params"]]
