"""What a page shows without a browser: its words, and what its components were given to draw."""

import base64
import io
import json
from collections.abc import Callable

import numpy as np
from einops import rearrange
from PIL import Image
from streamlit.testing.v1 import AppTest

OpenPage = Callable[..., AppTest]


def said(page: AppTest) -> str:
    """All that the page says in words, messages included."""
    texts = (page.subheader, page.markdown, page.caption, page.info)
    return f"{_words(*texts)} {warnings(page)} {errors(page)}"


def errors(page: AppTest) -> str:
    return _words(page.error)


def warnings(page: AppTest) -> str:
    return _words(page.warning)


def _words(*kinds) -> str:
    """As a reader sees them, without the signs that keep them from being Markdown."""
    return " ".join(element.value for kind in kinds for element in kind).replace("\\", "")


def drawn(page: AppTest, name: str) -> list[dict]:
    """What each element `name` that draws in the browser was given to show."""
    elements = [one.proto for one in page.get("bidi_component")]
    return [json.loads(one.json) for one in elements if one.component_name == name]


def component(page: AppTest, name: str) -> dict:
    """What the one element `name` was given to show."""
    found = drawn(page, name)
    assert len(found) == 1, f"the page shows no {name}"
    return found[0]


def player(page: AppTest) -> dict:
    return component(page, "frame_player")


def sheet(shown: dict) -> np.ndarray:
    """uint8 (rows, T, H, W, 3): the frames that the player or the latent walk was given."""
    picture = Image.open(io.BytesIO(base64.b64decode(shown["sheet"].partition(",")[2])))
    size = shown["size"]
    return rearrange(np.array(picture), "(r h) (t w) c -> r t h w c", h=size, w=size)
