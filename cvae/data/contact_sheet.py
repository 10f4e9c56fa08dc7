"""A contact sheet: many sequences on one page, each as a short strip of its frames."""

import numpy as np
from einops import rearrange
from PIL import Image, ImageDraw, ImageFont

from cvae.data.sequence import Sequence

PAPER, INK = "#ffffff", "#1f2328"
GAP, CAPTION = 10, 18
TEXT_SIZE = 13
COLUMNS = 3  # of sequences
FRAMES = 5  # of each, from the first to the last


def contact_sheet(sequences: list[Sequence], captions: list[str]) -> Image.Image:
    """Strips of FRAMES frames, in rows of COLUMNS sequences.

    Each frame is drawn at twice its size, without smoothing; captions stand above the strips.
    """
    strips = [_strip(sequence.frames) for sequence in sequences]
    width, height = strips[0].width + GAP, strips[0].height + CAPTION + GAP
    rows = -(-len(strips) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * width + GAP, rows * height + GAP), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(TEXT_SIZE)
    for number, (strip, caption) in enumerate(zip(strips, captions, strict=True)):
        x, y = GAP + number % COLUMNS * width, GAP + number // COLUMNS * height
        draw.text((x, y), caption, INK, font)
        sheet.paste(strip, (x, y + CAPTION))
    return sheet


def _strip(video: np.ndarray) -> Image.Image:
    chosen = video[np.linspace(0, len(video) - 1, FRAMES).round().astype(int)]
    strip = Image.fromarray(rearrange(chosen, "t h w c -> h (t w) c"))
    return strip.resize((2 * strip.width, 2 * strip.height), Image.Resampling.NEAREST)
