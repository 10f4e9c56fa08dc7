"""The test sequences as thumbnails, and the orders in which one may want to go through them."""

import base64
import io
from dataclasses import dataclass

import numpy as np
import streamlit as st
from einops import rearrange
from PIL import Image

from cvae.data.bundle import SequenceSource
from cvae.data.sequence import Sequence
from cvae.errors import InputError
from demo.loading import Data, open_sequences
from demo.ranking import Ranking, lead

SHOWN_FIRST = "push"  # title of the sequence that the app opens on, where there is one
WINDOW = 12  # frames that are looked at: 2 given and 10 predicted
SHOWN = 1  # the last given frame stands for its sequence
MOST = 512  # thumbnails; more would be no gallery
COLUMNS = 16  # of the picture that holds them all


@dataclass(frozen=True)
class Sight:
    """What is measured of one sequence, over its first WINDOW frames.

    change: mean squared difference from the last given frame, levels 0..1.
    motion: metres that the toy which moves most is away from where it was; where toys are not
        known, metres that the arm is told to go.
    """

    change: float
    motion: float


@dataclass(frozen=True)
class Gallery:
    """names: in the data's own order. sights: of each. sheet: WebP of all thumbnails, a data URL;
    number i stands in row i // COLUMNS, column i % COLUMNS. damaged: what was left out, and why.
    """

    names: list[str]
    sights: list[Sight]
    sheet: str
    damaged: list[str]


TITLED, EASY, HARD, MOVED = "titled first", "easy first", "hard first", "most moved first"
BEST, WORST = "best PSNR first", "worst PSNR first"
AHEAD, BEHIND = "A ahead of B first", "B ahead of A first"
BY_ONE, BY_TWO = (BEST, WORST), (AHEAD, BEHIND)  # evaluated models
ORDERS = [TITLED, EASY, HARD, MOVED, BEST, WORST, AHEAD, BEHIND]


def first_sequence(source: SequenceSource) -> str:
    """The sequence that the app opens on."""
    titled = [name for name, title in source.titles.items() if title == SHOWN_FIRST]
    return (titled or source.names)[0]


@st.cache_data(max_entries=4, show_spinner=False)
def look_through(data: Data) -> Gallery:
    """Every test sequence at `data`, or the first MOST of them; InputError if all are damaged."""
    source = open_sequences(data)
    names, thumbnails, sights, damaged = [], [], [], []
    for index, name in enumerate(source.names[:MOST]):
        try:
            sequence = source.window(index, 0, min(WINDOW, source.length))
        except InputError as error:
            damaged.append(str(error))
            continue
        names.append(name)
        thumbnails.append(sequence.frames[SHOWN])
        sights.append(_see(sequence))
    if not names:
        raise InputError(damaged[0])
    return Gallery(names, sights, _sheet(thumbnails), damaged)


def offered_orders(rankings: list[Ranking]) -> list[str]:
    """ORDERS without those that nothing stored tells of."""
    return [one for one in ORDERS if one not in (*BY_ONE, *BY_TWO) or _marks(one, rankings)]


def ordered(data: Data, order: str, rankings: list[Ranking]) -> list[str]:
    """Names of the sequences at `data` in `order`, at most MOST.

    rankings: what BY_ONE and BY_TWO go by; these orders hold only the sequences that they have.
    """
    source = open_sequences(data)
    if order == TITLED:
        return [*source.titles, *(n for n in source.names if n not in source.titles)][:MOST]
    if order in (*BY_ONE, *BY_TWO):
        marks = _marks(order, rankings)
        known = [name for name in source.names if name in marks]
        lowest_first = order in (WORST, BEHIND)
        return sorted(known, key=marks.__getitem__, reverse=not lowest_first)[:MOST]
    gallery = look_through(data)
    sights = dict(zip(gallery.names, gallery.sights, strict=True))
    if order == MOVED:
        return sorted(sights, key=lambda name: sights[name].motion, reverse=True)
    return sorted(sights, key=lambda name: sights[name].change, reverse=order == HARD)


def _marks(order: str, rankings: list[Ranking]) -> dict[str, float]:
    """What `order`, of BY_ONE or BY_TWO, goes by."""
    if len(rankings) < (2 if order in BY_TWO else 1):
        return {}
    return lead(*rankings) if order in BY_TWO else rankings[0].psnr


def _see(sequence: Sequence) -> Sight:
    frames = sequence.frames.astype(np.float32) / 255
    change = ((frames[SHOWN + 1 :] - frames[SHOWN]) ** 2).mean()
    if sequence.toys is None:
        motion = np.linalg.norm(sequence.actions[:, :2], axis=-1).sum()
    else:
        away = np.linalg.norm(sequence.toys - sequence.toys[0], axis=-1)
        motion = np.nanmax(away, initial=0.0)
    return Sight(float(change), float(motion))


def _sheet(thumbnails: list[np.ndarray]) -> str:
    missing = -len(thumbnails) % COLUMNS
    tiles = np.stack([*thumbnails, *([np.zeros_like(thumbnails[0])] * missing)])
    picture = rearrange(tiles, "(row column) h w c -> (row h) (column w) c", column=COLUMNS)
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "WEBP", quality=85)
    return "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
