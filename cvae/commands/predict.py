"""`python -m cvae predict`: predict one sequence; write a GIF and a frame strip."""

import io
import re
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro

from cvae.data.bundle import open_test_sequences
from cvae.data.finding import find_sequence
from cvae.disk import write_whole
from cvae.errors import InputError
from cvae.evaluation.card import labels, together
from cvae.evaluation.figures import Row, comparison_gif, frame_strip, model_colours
from cvae.evaluation.metrics import psnr
from cvae.evaluation.ranking import at_percentile
from cvae.inference.predictor import Latent, Predictor, States, to_float_frames


def main(
    checkpoints: Annotated[tuple[Path, ...], tyro.conf.Positional],
    /,
    data: Path,
    sequence: str = "0",
    percentile: float | None = None,
    seed: int = 0,
    samples: int = 1,
    horizon: int = 10,
    latent: Latent = "sampled",
    states: States = "given",
    device: str | None = None,
    out: Path = Path("predictions"),
) -> None:
    """Predict one test sequence with one or more models and draw it beside the truth.

    Writes a looping GIF (truth left, predictions right) and a PNG frame strip (truth above the
    predictions), and prints PSNR in dB at every predicted frame.

    Example: python -m cvae predict checkpoints/fixed checkpoints/learned --data demo/sequences
    --sequence 7 --seed 3

    Args:
        checkpoints: Folders of trained models.
        data: A packed store, whose test split is taken, or a bundle such as demo/sequences.
        sequence: Name of the sequence, its title (such as push), or its number from 0.
        percentile: In place of `sequence`, the one at this percentile of the first model's PSNR,
            as it was evaluated: 100 is the best, 50 the median, 0 the worst.
        seed: The same seed always gives the same frames.
        samples: Different futures a model; each makes a row.
        horizon: Predicted frames.
        latent: z drawn from the prior, or its mean (one sample then).
        states: Positions beyond the given frames: recorded ones, or rolled out from the actions.
        device: Such as cpu or cuda; the GPU where there is one, unless told otherwise.
        out: Folder for the two pictures; made if it is not there.
    """
    if not checkpoints:
        raise InputError("No checkpoint is named; name the folder of a trained model.")
    predictors = [Predictor.load(path, device) for path in checkpoints]
    source = open_test_sequences(data)
    if percentile is not None:
        sequence = at_percentile(checkpoints[0], source.names, percentile)
    chosen = find_sequence(source, data, sequence)
    first = _common_past(predictors)
    if first + horizon > len(chosen):
        raise InputError(
            f"{chosen.name} has {len(chosen)} frames, so at most {len(chosen) - first} can be "
            f"predicted from {first}: lower --horizon {horizon}."
        )
    truth = chosen.frames[: first + horizon]
    rows: list[Row] = []
    colours = model_colours([p.checkpoint.config.model.prior for p in predictors])
    names = labels(list(checkpoints))
    for predictor, name, colour in zip(predictors, names, colours, strict=True):
        [prediction] = predictor.predict(
            [chosen], seed=seed, samples=samples, horizon=horizon, latent=latent, states=states
        )
        if not rows:
            print(f"{chosen.name}, z {latent}, states {prediction.states}, {prediction.device}")
        rows += _rows(name, prediction.frames, truth[first:], colour)
    _print_psnr(rows, first)
    stem = _stem(chosen.name, names, seed, samples, horizon, latent, states)
    strip = io.BytesIO()
    frame_strip(truth, rows, first).save(strip, "PNG")
    pictures = {"png": strip.getvalue(), "gif": comparison_gif(truth, rows, first)}
    for kind, content in pictures.items():
        file = out / f"{stem}.{kind}"
        write_whole(file, content)
        print(file)


def _stem(
    sequence: str,
    models: list[str],
    seed: int,
    samples: int,
    horizon: int,
    latent: Latent,
    states: States,
) -> str:
    """What the files are called: no two different predictions of a sequence have one name."""
    parts = [sequence, together(models), f"seed{seed}"]
    parts += [f"{samples}-samples"] if samples != 1 else []
    parts += [f"{horizon}-frames"] if horizon != 10 else []
    parts += [f"z-{latent}"] if latent != "sampled" else []
    parts += [f"states-{states}"] if states != "given" else []
    return re.sub(r"[^\w.-]+", "-", "_".join(parts))


def _common_past(predictors: list[Predictor]) -> int:
    past = {predictor.n_past for predictor in predictors}
    if len(past) > 1:
        raise InputError(
            f"The models take different numbers of given frames ({sorted(past)}); predict with "
            "them one at a time."
        )
    return past.pop()


def _rows(name: str, samples: np.ndarray, future: np.ndarray, colour: str) -> list[Row]:
    """samples uint8 (S, T, H, W, 3), future (T, H, W, 3) -> a row a sample."""
    decibel = psnr(to_float_frames(samples), to_float_frames(future)).numpy()  # (S, T)
    labels = [name] if len(samples) == 1 else [f"{name} {k + 1}" for k in range(len(samples))]
    return [
        Row(label, frames, values, colour)
        for label, frames, values in zip(labels, samples, decibel, strict=True)
    ]


def _print_psnr(rows: list[Row], first: int) -> None:
    width = max(len("PSNR in dB, frame"), *(len(row.label) for row in rows))
    steps = range(first, first + len(rows[0].psnr))
    print("PSNR in dB, frame".ljust(width), *(f"{t:5d}" for t in steps), "  mean")
    for row in rows:
        print(row.label.ljust(width), *(f"{v:5.1f}" for v in row.psnr), f"{row.psnr.mean():6.2f}")
