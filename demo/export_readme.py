"""README.txt of an export: how its files were made, and how to make them again."""

import platform
from importlib.metadata import version

from cvae.errors import InputError
from demo.comparison import Comparison, Imagined
from demo.formatting import by_given_frames, latent_words, short_path
from demo.loading import Model, stamp_of_model

PACKAGES = ("torch", "numpy", "pillow", "streamlit")
ABOUT = {
    "psnr": "10 log10(1 / MSE) over all channels of a frame, levels 0..1, in dB.",
    "psnr_lab": "the same of each channel, then their mean, in dB.",
    "ssim": "11 x 11 Gaussian, sigma 1.5.",
    "tip": "pixels from where the arm's end should be; empty where that is out of view.",
    "psnr_moved": "psnr over toys that have moved since the given frames; empty where none has.",
}


def write_readme(
    comparison: Comparison,
    shown: list[int],
    source: str,
    commands: list[str],
    metrics: list[str],
    files: list[str],
) -> str:
    """shown: for each model the number of the sample in the pictures. source: of the sequence.

    commands: that make the same again. metrics: the columns of the table. files: their names.
    """
    pairs = zip(comparison.imagined, shown, strict=True)
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    what = "Reconstructions" if comparison.setup.is_reference else "Predictions"
    lines = [
        f"{what} of a stochastic video model for one sequence of robot pushing.",
        "",
        f"sequence   {comparison.truth.name}: {source}",
        f"protocol   {_protocol(comparison)} (counted from 0)",
        f"latent     {latent_words(comparison.setup)}",
        *(_describe(one, sample) for one, sample in pairs),
        f"versions   Python {platform.python_version()}, {versions}",
        "",
        *_again(commands),
        "",
        *(f"{metric}: {ABOUT[metric]}" for metric in metrics),
        "All of them of the 8-bit frames that the pictures show.",
        "Samples are counted from 1, frames from 0.",
        "The WebP is lossless: reduced by 4 without smoothing, its frames are the model's to",
        "the bit. A GIF has 256 colours; an MP4 is smoothed by its encoder.",
        "",
        "files      " + ", ".join(files),
    ]
    return "\n".join(lines) + "\n"


def _again(commands: list[str]) -> list[str]:
    if not commands:
        return [
            "No command makes the same again, as predictions never see the truth. In Python:",
            "  Predictor.load(checkpoint).reconstruct([sequence], horizon)",
        ]
    return [
        "The same again, with the project's command line:",
        *(f"  {command}" for command in commands),
    ]


def _protocol(comparison: Comparison) -> str:
    """How many frames were given, and which were made; of each model if they differ."""
    groups, end = by_given_frames(comparison), len(comparison.truth) - 1
    made = "reconstructed" if comparison.setup.is_reference else "predicted"
    return "; ".join(
        f"{given} frames given, frames {given} to {end} {made}"
        + (f" by {', '.join(one.look.label for one in models)}" if len(groups) > 1 else "")
        for given, models in groups.items()
    )


def _describe(one: Imagined, shown: int) -> str:
    """A model's line."""
    made = one.rollout
    told = f"positions {made.states}" if one.model.conditioned else "told no actions or positions"
    number = f"; the pictures show sample {shown + 1}" if one.samples > 1 else ""
    return (
        f"model      {one.label}: checkpoint {short_path(one.model.path)} "
        f"({_weights(one.model)}), {one.model.prior} prior, {told}, on {made.device} in "
        f"{made.dtype}{number}"
    )


def _weights(model: Model) -> str:
    """The checksum of the weights that `model` was loaded with, or why it is not known."""
    from cvae.model.weights import weights_checksum

    try:
        digest = weights_checksum(model.path)[:16]
    except InputError:
        return "its weights are gone since"
    # After the file is read, or what replaces it meanwhile would be taken for what was loaded.
    if stamp_of_model(model.path) != model.stamp:
        return "its files were replaced since"
    return f"sha256 of its weights {digest}..."
