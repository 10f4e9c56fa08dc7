"""What is measured of each predicted frame: units, digits, which way is better, words for people.

Without PyTorch, because the app lists the metrics before it measures anything.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One number of a frame.

    about: for people who choose among the metrics. unit: "" where there is none.
    digits: decimals that are worth reading; stored: that are kept, because they cost room.
    """

    about: str
    unit: str = "dB"
    digits: int = 2
    stored: int = 2  # half a hundredth of a decibel is far below what an interval leaves open
    lower_is_better: bool = False


METRICS = {
    "psnr": Column("Peak signal-to-noise ratio over all channels, in dB."),
    "psnr_lab": Column(
        "The course's PSNR: each channel by itself, then the mean; never below psnr."
    ),
    "ssim": Column("Structural similarity, 11x11 Gaussian window.", unit="", digits=3, stored=4),
    "psnr_moved": Column(
        "PSNR over the pixels of toys that moved: a good background alone does not help. "
        "Simulated sequences only."
    ),
    "tip": Column(
        "How far the arm's end is from where it should be, in pixels. Simulated sequences only.",
        unit="px",
        lower_is_better=True,
    ),
    "lpips": Column(
        "How unlike two frames look to AlexNet; lower is better.",
        unit="",
        digits=3,
        stored=4,
        lower_is_better=True,
    ),
}
SPREAD = "spread"
MEASURED = METRICS | {
    SPREAD: Column("How much samples differ at a pixel, in grey levels of 255.", "grey levels")
}
