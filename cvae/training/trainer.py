"""Training: epochs of drawn windows, validation after each, a state to resume from."""

import time
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import DataLoader
from tqdm import tqdm

from cvae.config import RunConfig
from cvae.data.dataset import Normalisation, SequenceDataset
from cvae.data.split import Split
from cvae.data.store import Store
from cvae.errors import InputError
from cvae.inference.predictor import Predictor
from cvae.model.checkpoint import Checkpoint
from cvae.model.cvae import CVAE
from cvae.model.noise import keyed_generator
from cvae.model.state_model import StateModel
from cvae.training.losses import LossLogs, elbo_loss
from cvae.training.precision import autocast, has_bf16
from cvae.training.progress import Run, is_complete, load_resume
from cvae.training.schedules import kl_weight, learning_rate, teacher_forcing_ratio
from cvae.training.state_fit import fit_state_model
from cvae.training.validation import validate

ACTIVE_NATS = 0.01  # a latent dimension is active when its mean KL exceeds this


def train(store: Store, out: Path, config: RunConfig, device: torch.device) -> Checkpoint:
    """Train a model on `store` into the folder `out`; goes on where a run there stopped.

    Raises InputError if the data do not fit the settings, or `out` holds something else.
    """
    train_split, validate_split = store.split("train"), store.split("validate")
    dataset = _dataset(train_split, config)
    run = _new_run(store, out, config, device, dataset.normalisation)
    state = load_resume(out)
    if is_complete(run):
        print(f"{out} is already complete.")
        return run.checkpoint
    if state is not None:
        run.restore(state)
        print(f"Going on with {out} after epoch {run.epoch} of {config.training.epochs}.")
    else:
        _check_empty(out)
        print(f"Fitting the state model on {len(train_split)} sequences.")
        fitted = fit_state_model(train_split, config.training.state_updates, config.training.seed)
        run.checkpoint.state_model.load_state_dict(fitted.state_dict())
        run.save()
    predictor = Predictor(run.checkpoint, device)
    while run.epoch < config.training.epochs:
        begun = time.perf_counter()
        row = train_epoch(run, dataset, device)
        run.checkpoint.model.eval()
        quality = validate(predictor, validate_split, config.training.n_future)
        row["validation_psnr"], row["validation_ssim"] = quality
        row["seconds"] = time.perf_counter() - begun
        run.history.append(row)
        run.save()
        print(
            f"epoch {run.epoch}/{config.training.epochs}  mse {row['train_mse']:.5f}  "
            f"KL {row['kl']:.2f} nats/frame  active {row['active_dims']:.0f}  "
            f"validation {quality[0]:.2f} dB  {row['seconds']:.0f} s",
            flush=True,
        )
    run.finish()
    return run.checkpoint


def train_epoch(run: Run, dataset: SequenceDataset, device: torch.device) -> dict[str, float]:
    """One epoch of updates; returns its history row, without validation and seconds."""
    training, epoch = run.checkpoint.config.training, run.epoch
    beta = kl_weight(
        epoch, training.epochs, training.beta_max, training.kl_cycles, training.kl_anneal_ratio
    )
    forcing = teacher_forcing_ratio(
        epoch, training.epochs, training.tfr_start_decay, training.tfr_lower_bound
    )
    noise = keyed_generator("training noise", training.seed, epoch)
    coin = keyed_generator("teacher forcing", training.seed, epoch)
    sampler = dataset.sampler(
        training.windows, seed=training.seed, draws_per_epoch=training.sequences_per_epoch
    )
    sampler.begin(epoch)
    loader = DataLoader(dataset, training.batch_size, sampler=sampler, collate_fn=dataset.collate)
    model, logs = run.checkpoint.model.train(), EpochLogs()
    bar = tqdm(loader, f"epoch {epoch + 1}/{training.epochs}", unit="batch", leave=False)
    for number, packed in enumerate(bar):
        batch = packed.to(device)
        steps = dataset.length - 1
        drawn = torch.randn(len(batch), steps, model.config.z_dim, generator=noise).to(device)
        forced = torch.rand((), generator=coin).item() < forcing
        rate = learning_rate(
            epoch * len(loader) + number,
            training.epochs * len(loader),
            training.learning_rate,
            training.lr_schedule,
        )
        with autocast(device):
            loss, step_logs = elbo_loss(model, batch, drawn, beta=beta, teacher_forcing=forced)
        update(run.optimizer, loss, rate, training.grad_clip)
        logs.add(step_logs, len(batch))
        bar.set_postfix(mse=f"{step_logs.mse:.4f}", kl=f"{step_logs.kl.sum():.2f}")
    return {
        "epoch": epoch + 1,
        **logs.means(),
        "beta": beta,
        "teacher_forcing_ratio": forcing,
        "learning_rate": rate,
    }


def update(
    optimizer: torch.optim.Optimizer, loss: Tensor, rate: float, grad_clip: float | None
) -> None:
    """One descent step. Raises InputError when the loss is not finite any more."""
    if not torch.isfinite(loss):
        raise InputError(
            "The loss is not finite any more; lower training.learning_rate or set "
            "training.grad_clip, and go on from the last complete epoch."
        )
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if grad_clip is not None:
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        torch.nn.utils.clip_grad_norm_(parameters, grad_clip)
    optimizer.step()


@dataclass
class EpochLogs:
    """Means over an epoch, every sequence counted once."""

    sequences: int = 0
    sums: dict[str, Tensor] = field(default_factory=dict)

    def add(self, logs: LossLogs, count: int) -> None:
        self.sequences += count
        for name in ("loss", "mse", "kl"):
            self.sums[name] = self.sums.get(name, 0) + getattr(logs, name) * count

    def means(self) -> dict[str, float]:
        means = {name: total / self.sequences for name, total in self.sums.items()}
        return {
            "train_loss": means["loss"].item(),
            "train_mse": means["mse"].item(),
            "kl": means["kl"].sum().item(),
            "active_dims": int((means["kl"] > ACTIVE_NATS).sum()),
        }


def _dataset(split: Split, config: RunConfig) -> SequenceDataset:
    length = config.model.n_past + config.training.n_future
    if config.training.batch_size > config.training.sequences_per_epoch:
        raise InputError(
            f"training.batch_size {config.training.batch_size} is larger than "
            f"training.sequences_per_epoch {config.training.sequences_per_epoch}; lower it."
        )
    raw = config.training.conditions == "raw"
    normalisation = Normalisation.identity() if raw else Normalisation.fit(split)
    return SequenceDataset(split, normalisation, length)


def _new_run(
    store: Store,
    out: Path,
    config: RunConfig,
    device: torch.device,
    normalisation: Normalisation,
) -> Run:
    model = CVAE(config.model, keyed_generator("weights", config.training.seed))
    model.to(device, memory_format=torch.channels_last)
    data = {
        "source": store.source,
        "train": len(store.split("train")),
        "validate": len(store.split("validate")),
        "precision": "bfloat16" if has_bf16(device) else "float32",
        "device": device.type,
    }
    checkpoint = Checkpoint(
        out, config, data, model, StateModel().requires_grad_(False).to(device), normalisation
    )
    optimizer = torch.optim.Adam(model.parameters(), config.training.learning_rate, fused=True)
    return Run(checkpoint, optimizer)


def _check_empty(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(
            f"{out} is there and holds no run in progress; choose a new folder, or delete it."
        )
