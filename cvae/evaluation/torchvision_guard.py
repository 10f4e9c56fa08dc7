"""Importing torchvision beside a PyTorch that its wheel was not built for.

torchmetrics imports torchvision wherever it is installed. Beside a CPU build of PyTorch the
published torchvision wheel fails to load its compiled operators, and its import then stops
where fake kernels are registered for two of them without a check. Networks and transforms need
none of these, so declaring the missing names lets the import go through; calling them would
still fail.
"""

import sys

import torch

UNCHECKED = ("nms", "qnms")  # torchvision/_meta_registrations.py


def ensure_importable() -> None:
    """Make `import torchvision` work where it is installed; do nothing where it is absent."""
    for operator in UNCHECKED:
        try:
            import torchvision  # noqa: F401
        except ImportError:
            return
        except RuntimeError as error:
            if f"torchvision::{operator} does not exist" not in str(error):
                raise
            torch.library.define(
                f"torchvision::{operator}",
                "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
            )
            for name in [name for name in sys.modules if name.startswith("torchvision.")]:
                del sys.modules[name]  # what the failed import left behind
