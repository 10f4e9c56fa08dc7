"""What the Compare page shows, as its tests look at it."""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from einops import rearrange
from PIL import Image
from streamlit.testing.v1 import AppTest

from cvae.model.checkpoint import load_checkpoint, save_checkpoint

OpenPage = Callable[..., AppTest]


def component(page: AppTest, name: str) -> dict:
    """What the element `name` that draws in the browser was given to show."""
    found = [one.proto for one in page.get("bidi_component") if one.proto.component_name == name]
    assert len(found) == 1, f"the page shows no {name}"
    return json.loads(found[0].json)


def player(page: AppTest) -> dict:
    return component(page, "frame_player")


def tiles(page: AppTest) -> list[str]:
    """Names of the sequences in the filmstrip, from left to right."""
    return [tile["name"] for tile in component(page, "filmstrip")["tiles"]]


def names(page: AppTest) -> list[str]:
    return [model["name"] for model in player(page)["models"]]


def sheet(shown: dict) -> np.ndarray:
    """uint8 (rows, T, H, W, 3): the frames as the player gets them."""
    picture = Image.open(io.BytesIO(base64.b64decode(shown["sheet"].partition(",")[2])))
    return rearrange(
        np.asarray(picture), "(r h) (t w) c -> r t h w c", h=shown["size"], w=shown["size"]
    )


def errors(page: AppTest) -> str:
    return " ".join(error.value.replace("\\", "") for error in page.error)


def warnings(page: AppTest) -> str:
    return " ".join(warning.value.replace("\\", "") for warning in page.warning)


def change_weights(path: Path) -> None:
    """Another model in the folder of the checkpoint `path`."""
    checkpoint = load_checkpoint(path)
    checkpoint.model.decoder.stages[-1].bias.add_(1)
    save_checkpoint(checkpoint)
