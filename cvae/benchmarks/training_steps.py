"""Training steps of all variants on one batch: what a process that measures does.

A process prepares every variant when it is first asked for, keeps it, and is told by the
benchmark when to update which. There are two: in one of them malloc keeps freed memory, which
can't be undone.
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn

from cvae.benchmarks.peak import operations, timed
from cvae.benchmarks.variants import Variant, build
from cvae.config import DEFAULT, RunConfig
from cvae.data.bundle import SequenceSource, open_test_sequences
from cvae.data.dataset import Batch, Normalisation, SequenceDataset
from cvae.errors import InputError
from cvae.model.checkpoint import Checkpoint
from cvae.model.cvae import CVAE
from cvae.model.noise import keyed_generator
from cvae.model.state_model import StateModel
from cvae.training.draws import draw_noise
from cvae.training.engine import launch
from cvae.training.losses import Objective, elbo_loss
from cvae.training.progress import Run
from cvae.training.update import differentiate, train_batch

LEAST_SECONDS = 0.5  # that a measurement takes, of several updates if need be
EPOCH = 20  # batches


@dataclass(frozen=True)
class Setting:
    """What all variants have in common: the `default` recipe at a width, and a batch."""

    data: Path
    width: float
    batch_size: int
    device: torch.device
    quick: bool = False

    @property
    def config(self) -> RunConfig:
        """The recipe as one epoch at a constant learning rate."""
        training = replace(
            DEFAULT.training,
            epochs=1,
            batch_size=self.batch_size,
            sequences_per_epoch=EPOCH * self.batch_size,
            lr_schedule="constant",
        )
        return RunConfig(replace(DEFAULT.model, width=self.width), training)

    @property
    def length(self) -> int:
        """Frames of a sequence."""
        return self.config.model.n_past + self.config.training.n_future


def load_batch(source: SequenceSource, setting: Setting) -> Batch:
    """The first frames of as many sequences as the batch takes; InputError if there are fewer."""
    if len(source) < setting.batch_size:
        raise InputError(
            f"{setting.data} has {len(source)} sequences, fewer than --batch-size "
            f"{setting.batch_size}: lower it, or name other --data."
        )
    dataset = SequenceDataset(source, Normalisation.fit(source), setting.length)
    packed = dataset.collate([dataset[index] for index in range(setting.batch_size)])
    return packed.to(setting.device)


def base_model(setting: Setting, batch: Batch) -> CVAE:
    """Random weights, BatchNorm's running statistics those of the batch."""
    model = CVAE(setting.config.model, keyed_generator("bench train")).to(setting.device)
    norms = [part for part in model.modules() if isinstance(part, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1.0
    with torch.no_grad():
        elbo_loss(model.train(), batch, _noise(setting), beta=0.0, teacher_forcing=True)
    for norm in norms:
        norm.momentum = 0.1
    return model


class Trial:
    """A variant with weights of its own, ready to be updated again and again."""

    def __init__(self, variant: Variant, setting: Setting, base: CVAE, batch: Batch) -> None:
        self.variant, self.setting, self.batch = variant, setting, batch
        self.model, self.observer = build(variant, base)
        parameters = self.observer.parameters()
        rate = setting.config.training.learning_rate
        fused = True if variant.fused_optimizer else None
        self.optimizer = torch.optim.Adam(parameters, rate, fused=fused)
        self.engine = launch(setting.device, variant.precision)
        self.objective = self.engine.distribute(Objective(self.observer))
        self.runs = {forced: self._run(forced) for forced in (True, False)}

    def computed(self, forced: bool) -> tuple[float, float]:
        """Loss and norm of the gradient with BatchNorm's statistics held.

        In training they depend on which frames are in one call, and so on the variant.
        """
        self.observer.eval()
        with self.engine.autocast():
            loss, _ = self._loss(forced)
        norm = differentiate(self.engine, self.optimizer, loss)
        self.observer.train()
        return loss.item(), norm.item()

    def update(self, forced: bool) -> None:
        """One update, teacher-forced or free-running."""
        if self.variant.own_update:
            train_batch(self.runs[forced], self.batch, self.engine, self.objective, False)
            return
        # As SVG's script: no clipping, no second look.
        self.optimizer.zero_grad()
        loss, _ = self._loss(forced)
        loss.backward()
        self.optimizer.step()
        loss.item()

    def seconds(self, forced: bool, updates: int) -> float:
        """Seconds that an update takes, the mean of `updates`."""

        def update_again_and_again() -> None:
            for _ in range(updates):
                self.update(forced)

        return timed(update_again_and_again, self.setting.device) / updates

    def operations(self, forced: bool) -> int:
        """Floating-point operations of an update in convolutions and matrix products."""
        return operations(lambda: self.update(forced))

    def _loss(self, forced: bool) -> tuple[Tensor, object]:
        beta = self.setting.config.training.beta_max
        noise = _noise(self.setting)
        return elbo_loss(self.observer, self.batch, noise, beta=beta, teacher_forcing=forced)

    def _run(self, forced: bool) -> Run:
        """A run after the last epoch of its schedule, so that no batch is of the other kind."""
        config = self.setting.config
        start = 1.0 if forced else 0.0
        config = replace(config, training=replace(config.training, tfr_start_decay=start))
        checkpoint = Checkpoint(
            Path("bench"), config, {}, self.model, StateModel(), Normalisation.identity()
        )
        return Run(checkpoint, self.optimizer, history=[{}], has_state_model=True)


def _noise(setting: Setting) -> Tensor:
    training = setting.config.training
    steps, z_dim = setting.length - 1, setting.config.model.z_dim
    draws = range(setting.batch_size)
    return draw_noise(training.seed, draws, steps, z_dim).to(setting.device)


class Trials:
    """All that a process has prepared."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.batch = load_batch(open_test_sequences(setting.data), setting)
        self.base = base_model(setting, self.batch)
        self.trial = cache(self._trial)
        self.updates = cache(self._updates)

    def seconds(self, variant: Variant, forced: bool) -> float:
        """Seconds of an update; what only the first ones need is done before."""
        return self.trial(variant).seconds(forced, self.updates(variant, forced))

    def computed(self, variant: Variant) -> tuple[float, ...]:
        """Of the untrained weights: loss and norm of the gradient, forced and free-running."""
        trial = Trial(variant, self.setting, self.base, self.batch)
        return *trial.computed(True), *trial.computed(False)

    def operations(self, variant: Variant) -> tuple[int, int]:
        """Of an update, teacher-forced and free-running."""
        trial = self.trial(variant)
        return trial.operations(True), trial.operations(False)

    def _trial(self, variant: Variant) -> Trial:
        return Trial(variant, self.setting, self.base, self.batch)

    def _updates(self, variant: Variant, forced: bool) -> int:
        """How many make up a measurement."""
        trial = self.trial(variant)
        if self.setting.quick:
            return 1
        trial.seconds(forced, 1)
        return max(1, round(LEAST_SECONDS / trial.seconds(forced, 1)))
