"""Stochastic video prediction on robot pushing with a conditional VAE of the SVG family.

Reads in this order: `data` (what a sequence is), `model` (how a frame is encoded, what the
latent is, how a step is made), `training`, `inference`, `evaluation`. `simulation` makes the
stand-in data set. Imports point one way: data <- model <- training, inference, evaluation.

In a notebook, `cvae.load_model` and `cvae.load_sequences` are where to begin: see cvae.notebook.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cvae.notebook import load_model, load_sequences

__all__ = ["load_model", "load_sequences"]


def __getattr__(name: str) -> Any:
    # Imported when it is asked for: `import cvae` alone should not load PyTorch.
    if name in __all__:
        from cvae import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
