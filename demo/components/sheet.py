"""Many frames as one picture, which a browser cuts up again."""

import base64
import io

import numpy as np
from einops import rearrange
from PIL import Image


def sheet_url(rows: np.ndarray) -> str:
    """uint8 (R, T, H, W, 3) as one PNG, a data URL: a video a row, frames from left to right."""
    stream = io.BytesIO()
    sheet = rearrange(rows, "r t h w c -> (r h) (t w) c")
    Image.fromarray(sheet).save(stream, "PNG", compress_level=3)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
