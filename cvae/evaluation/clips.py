"""Moving pictures as files: a looping GIF, a lossless WebP, an MP4."""

import importlib.util
import io

import imageio.v3 as imageio
import numpy as np
from PIL import Image

FRAME_MS = 250  # time that a picture is shown
HELD = 4  # the last picture stays as long as so many
MP4_NEEDS = "av"  # the package with an encoder; not needed for anything else


def gif(pictures: list[Image.Image]) -> bytes:
    """A looping GIF in 256 colours, the same ones throughout; the last picture stays longer."""
    palette = _shared_palette(pictures)
    # Without dithering a pixel stays one colour, and what stands still does not flicker.
    indexed = [p.quantize(palette=palette, dither=Image.Dither.NONE) for p in pictures]
    return imageio.imwrite(
        "<bytes>",
        np.stack([np.asarray(p.convert("RGB")) for p in indexed]),
        extension=".gif",
        duration=_durations(pictures),
        loop=0,
    )


def webp(pictures: list[Image.Image]) -> bytes:
    """A looping WebP in which every pixel is what it was; the last picture stays longer."""
    stream = io.BytesIO()
    pictures[0].save(
        stream,
        "WEBP",
        save_all=True,
        append_images=pictures[1:],
        lossless=True,
        duration=_durations(pictures),
        loop=0,
    )
    return stream.getvalue()


def can_write_mp4() -> bool:
    """Whether the package that encodes MP4 is installed."""
    return importlib.util.find_spec(MP4_NEEDS) is not None


def mp4(pictures: list[Image.Image]) -> bytes:
    """An MP4 (H.264, 4:2:0, which every player takes); needs `can_write_mp4()`.

    The sides of the pictures must be even. The last one is held.
    """
    moments = [np.asarray(picture.convert("RGB")) for picture in pictures]
    return imageio.imwrite(
        "<bytes>",
        np.stack(moments + moments[-1:] * (HELD - 1)),
        extension=".mp4",
        plugin="pyav",
        codec="libx264",
        fps=1000 / FRAME_MS,
        out_pixel_format="yuv420p",
    )


def _durations(pictures: list[Image.Image]) -> list[int]:
    return [FRAME_MS] * (len(pictures) - 1) + [HELD * FRAME_MS]


def _shared_palette(pictures: list[Image.Image]) -> Image.Image:
    """One palette for all frames: colours of their own would make the background flicker."""
    # Frames are drawn larger than they are: a quarter of the rows and columns has their colours.
    size = (pictures[0].width // 4, pictures[0].height // 4)
    sheet = Image.new("RGB", (size[0], size[1] * len(pictures)))
    for number, picture in enumerate(pictures):
        sheet.paste(picture.resize(size, Image.Resampling.NEAREST), (0, number * size[1]))
    return sheet.quantize(256, method=Image.Quantize.MEDIANCUT, kmeans=3)
