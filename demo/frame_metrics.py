"""How near frames come to what happened: what can be measured of them, and in which words."""

from dataclasses import dataclass

import numpy as np

from cvae.data.sequence import Sequence
from cvae.evaluation.columns import METRICS, Column


@dataclass(frozen=True)
class Shown:
    """How the player shows a metric.

    name: on its button. least: range of the chart's axis, in the metric's unit, however little
    the values differ. absent: said of a frame that has no value, nowhere: where none has.
    """

    name: str
    least: float
    absent: str = ""
    nowhere: str = ""


SHOWN = {
    "psnr": Shown("PSNR", 4),
    "ssim": Shown("SSIM", 0.05),
    "tip": Shown("Tip", 2, "out of view", "The arm's end is out of view."),
    "psnr_moved": Shown("PSNR of moved toys", 4, "none moved", "No toy has moved."),
}
OF_ALL = ["psnr", "ssim"]
OF_MASKED = list(SHOWN)  # where masks tell what a pixel shows: of simulated sequences


def column(metric: str) -> Column:
    """Unit, digits and meaning of one of SHOWN."""
    return METRICS[metric]


class Measured:
    """Metrics of frames against what happened, each measured when it is first asked for.

    SSIM and the tip take a second, and few visitors ask for them.
    """

    def __init__(self, frames: np.ndarray, truth: Sequence, since: int) -> None:
        """frames: uint8 (S, T, H, W, 3), in place of the last T of `truth`.

        since: the frame of `truth` since when a toy counts as moved.
        """
        self._frames, self._truth, self._since = frames, truth, since
        self._found: dict[str, np.ndarray] = {}

    def __getitem__(self, metric: str) -> np.ndarray:
        """float (S, T), by a name in `cvae.evaluation.columns.METRICS`; NaN where there is none."""
        if metric not in self._found:
            self._found[metric] = self._measure(metric)
        return self._found[metric]

    def _measure(self, metric: str) -> np.ndarray:
        import torch

        from cvae.evaluation.metrics import psnr, psnr_lab, psnr_where, ssim
        from cvae.evaluation.moved import arm_pixels, moved_toys
        from cvae.evaluation.tip import tip_error
        from cvae.inference.predictor import to_float_frames

        future = range(len(self._truth) - self._frames.shape[1], len(self._truth))
        shown = to_float_frames(self._frames)
        truth = to_float_frames(self._truth.frames[future.start :])
        if metric == "tip":
            arm = torch.from_numpy(arm_pixels(self._truth, future))
            return tip_error(shown, truth, arm).numpy()
        if metric == "psnr_moved":
            moved = torch.from_numpy(moved_toys(self._truth, self._since, future))
            return psnr_where(shown, truth, moved).numpy()
        return {"psnr": psnr, "psnr_lab": psnr_lab, "ssim": ssim}[metric](shown, truth).numpy()


def frame_psnr(shown: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """PSNR in dB of each frame, uint8 (..., H, W, 3) both: of the picture that people see."""
    from cvae.evaluation.metrics import psnr
    from cvae.inference.predictor import to_float_frames

    return psnr(to_float_frames(shown), to_float_frames(truth)).numpy()
