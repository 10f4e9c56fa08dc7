"""What can be seen of a run while it goes on: bar, lines, events, TensorBoard."""

import sys
import time

from tqdm import tqdm

from cvae.config import TrainingConfig
from cvae.evaluation.figures import Row, frame_strip, model_colours
from cvae.training.event_log import EventLog
from cvae.training.progress import Run
from cvae.training.tensorboard import Board
from cvae.training.validation import Example

REFRESH_SECONDS = 0.5
CURVES = ("train_loss", "train_mse", "kl", "active_dims", "validation_psnr", "validation_ssim")


class Watch:
    """Shows one run from where it stands; the leading process has one.

    The bar counts sequences over the whole run, so that its rate is sequences/s, and its
    remaining time that of the run. It appears on a terminal only; lines are printed anyway.
    """

    def __init__(self, run: Run) -> None:
        out, self.training = run.checkpoint.path, run.checkpoint.config.training
        self._events = EventLog(out)
        self._board = Board(out, run.epoch)
        self._bar = tqdm(
            total=self.training.epochs * self.training.sequences_per_epoch,
            initial=_drawn(run, self.training),
            unit="seq",
            disable=not sys.stderr.isatty(),
            dynamic_ncols=True,
        )
        self._shown = 0.0

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()
        self._events.close()

    def say(self, line: str) -> None:
        self._bar.write(line, file=sys.stdout)
        sys.stdout.flush()

    def event(self, name: str, **facts: object) -> None:
        self._events.write(name, **facts)

    def batch(self, run: Run) -> None:
        """After every batch; reads what is on the device now and then only."""
        self._bar.n = _drawn(run, self.training)
        now = time.monotonic()
        if now - self._shown < REFRESH_SECONDS or self._bar.disable:
            return
        self._shown = now
        means = run.logs.means()
        parts = [
            f"epoch {run.epoch + 1}/{self.training.epochs}",
            f"loss {means['train_loss']:.4f}",
            f"KL {means['kl']:.2f} nats/frame",
            f"active {means['active_dims']:.0f}",
        ]
        if run.history:
            parts.append(f"validation {run.history[-1]['validation_psnr']:.2f} dB")
        self._bar.set_postfix_str(", ".join(parts))

    def epoch(self, run: Run, row: dict[str, float], example: Example) -> None:
        """The epoch of `row`, which is not yet part of the run's saved state."""
        prior = run.checkpoint.config.model.prior
        [colour] = model_colours([prior])
        predicted = Row(prior, example.predicted, example.psnr, colour)
        strip = frame_strip(example.truth, [predicted], run.checkpoint.config.model.n_past)
        self._board.write(int(row["epoch"]), {name: float(row[name]) for name in CURVES}, strip)
        skipped = f"  skipped {row['skipped']}" if row["skipped"] else ""
        self.say(
            f"epoch {row['epoch']}/{self.training.epochs}  mse {row['train_mse']:.5f}  "
            f"KL {row['kl']:.2f} nats/frame  active {row['active_dims']:.0f}  "
            f"validation {row['validation_psnr']:.2f} dB  {row['seconds']:.0f} s{skipped}"
        )


def _drawn(run: Run, training: TrainingConfig) -> int:
    """Sequences drawn since the run began, skipped ones included."""
    of_epoch = min(run.logs.batches * training.batch_size, training.sequences_per_epoch)
    return run.epoch * training.sequences_per_epoch + of_epoch
