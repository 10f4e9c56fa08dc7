"""What the Compare page shows, as its tests look at it."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from cvae.model.checkpoint import load_checkpoint, save_checkpoint
from demo.loading import Model, find_models
from tests.demo.shown import component, player


def tiles(page: AppTest) -> list[str]:
    """Names of the sequences in the filmstrip, from left to right."""
    return [tile["name"] for tile in component(page, "filmstrip")["tiles"]]


def names(page: AppTest) -> list[str]:
    return [model["name"] for model in player(page)["models"]]


def models_in(root: Path) -> list[Model]:
    """The models that lie in the folder `root` itself, not those that are bundled."""
    return [model for model in find_models(root)[0] if model.path.parent == root]


def change_weights(path: Path) -> None:
    """Another model in the folder of the checkpoint `path`."""
    checkpoint = load_checkpoint(path)
    checkpoint.model.decoder.stages[-1].bias.add_(1)
    save_checkpoint(checkpoint)
