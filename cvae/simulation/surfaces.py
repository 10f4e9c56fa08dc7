"""What the surfaces of a scene look like: wood with the room's light on it, and fur.

The bin never moves and the camera stands still, so its light is painted into its textures, and
looks softer than software OpenGL could draw it. Colours are those seen in the real frames, 0..255.
"""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 128  # texels along the longer side of a texture


@dataclass(frozen=True)
class Light:
    """The light of one scene.

    daylight: whether a window shines in from the front and left: the lip and the left wall
        mirror it, the rest is warmer and darker. Otherwise the room's even light.
    glare: where along the lip the window is mirrored, from 0 (left) to 1.
    floor, lip, left, right, back: colour of each part of the bin, RGB.
    """

    daylight: bool
    glare: float
    floor: np.ndarray
    lip: np.ndarray
    left: np.ndarray
    right: np.ndarray
    back: np.ndarray


def random_light(rng: np.random.Generator) -> Light:
    daylight = bool(rng.random() < 0.4)
    # Now and then the sun is low: much warmer, and darker.
    warm = rng.uniform(0.0, 1.0) ** 2 if daylight else 0.0
    dimmed = rng.uniform(0.97, 1.03) - 0.12 * warm
    tint = np.array([1.0, 1.0 - 0.11 * warm, 1.0 - 0.32 * warm]) * dimmed
    even = np.array([210.0, 207.0, 189.0])
    return Light(
        daylight=daylight,
        glare=rng.choice((rng.uniform(0.0, 0.3), rng.uniform(0.7, 1.0))),
        floor=even * tint,
        lip=np.array([219.0, 225.0, 229.0]) if daylight else np.array([215.0, 213.0, 195.0]),
        left=even * tint * (0.98 if daylight else 1.0),
        right=even * tint * (0.80 if daylight else 0.95),
        back=np.array([226.0, 216.0, 188.0]) if daylight else np.array([242.0, 244.0, 236.0]),
    )


def textures(rng: np.random.Generator, light: Light) -> dict[str, bytes]:
    """PNG files by name: the parts of the bin as `light` shows them, and the furs of the toys."""
    # MuJoCo lays a texture's columns along a box's x and its rows against y. The bin's boxes
    # have x to the front and y to the right, the screens x to the right and y up.
    painted = {
        "floor": turned(floor(rng, light)),
        "lip": turned(lip(rng, light)),
        "left": side_wall(rng, light.left, glare=light.daylight),
        "right": side_wall(rng, light.right, glare=False)[::-1],
        "back": turned(wood(rng, light.back, (SIDE // 4, SIDE), 0.01)),
        "room": room(rng, light),
        "table": table(light),
        "zebra": fur(rng, (236, 238, 236), (28, 28, 28), 2.2),
        "grey_fur": fur(rng, (220, 221, 217), (84, 84, 80), 1.2),
        "brown_fur": fur(rng, (112, 82, 54), (30, 20, 12), 1.0),
    }
    return {f"{name}.png": encoded(texture) for name, texture in painted.items()}


def turned(texture: np.ndarray) -> np.ndarray:
    """A quarter turn: rows from back to front become columns."""
    return texture.swapaxes(0, 1)[::-1]


def floor(rng: np.random.Generator, light: Light) -> np.ndarray:
    """The floor: rows from the back to the front, columns from left to right."""
    texture = wood(rng, light.floor, (SIDE, SIDE), 0.010)
    depth, across = np.mgrid[0 : 1 : SIDE * 1j, 0 : 1 : SIDE * 1j]
    # Darker under the toys at the back, and in the corners where walls and floor meet.
    shade = 0.90 + 0.10 * np.clip(depth * 2.2, 0.0, 1.0)
    corner = np.minimum(across, 1.0 - across)
    shade = shade - 0.05 * np.exp(-corner / 0.03)
    if light.daylight:
        shade = shade * (0.95 + 0.05 * depth)
    return texture * shade[..., None]


def lip(rng: np.random.Generator, light: Light) -> np.ndarray:
    """The front lip; daylight mirrors the window in it, in soft bluish-white bands."""
    shape = (SIDE // 4, SIDE)
    texture = wood(rng, light.lip, shape, 0.006)
    if not light.daylight:
        return texture
    across = np.linspace(0.0, 1.0, SIDE)
    window = np.exp(-(((across - light.glare) / rng.uniform(0.12, 0.22)) ** 2))
    for _ in range(rng.integers(1, 4)):
        centre, width = rng.uniform(0.0, 1.0), rng.uniform(0.02, 0.06)
        window += rng.uniform(-0.35, 0.45) * np.exp(-(((across - centre) / width) ** 2))
    return mixed(texture, (240, 253, 254), np.broadcast_to(np.clip(window, 0.0, 1.0), shape))


def side_wall(rng: np.random.Generator, colour: np.ndarray, *, glare: bool) -> np.ndarray:
    """A slanted wall: rows from its foot to its top, columns from the back to the front."""
    texture = wood(rng, colour, (SIDE // 2, SIDE), 0.010)
    if not glare:
        return texture
    up, front = np.mgrid[0 : 1 : SIDE // 2 * 1j, 0 : 1 : SIDE * 1j]
    share = 0.55 * np.exp(-((front - 0.55) ** 2 / 0.10 + (up - 0.6) ** 2 / 0.2))
    return mixed(texture, (226, 233, 238), share)


def room(rng: np.random.Generator, light: Light) -> np.ndarray:
    """What is seen above the bin: a bright wall between blue-grey panels, all kinds of things."""
    scale, rows = 4, 16  # texels a pixel of the frame; the first two rows are out of sight
    wall = (214, 203, 180) if light.daylight else (240, 246, 245)
    picture = Image.new("RGB", (68 * scale, rows * scale), wall)
    draw = ImageDraw.Draw(picture)

    def shape(colour: tuple, *corners: tuple[float, float]) -> None:
        shade = rng.uniform(0.92, 1.05)
        filled = tuple(min(255, round(channel * shade)) for channel in colour)
        draw.polygon([((x + 2) * scale, (y + 2) * scale) for x, y in corners], fill=filled)

    left, right = rng.uniform(13, 16), rng.uniform(48, 51)
    shape((122, 148, 163), (-2, -2), (left, -2), (left, 7), (left - 2, 8.5), (-2, 14))
    shape((116, 138, 145), (66, -2), (right, -2), (right, 7), (right + 2, 8.5), (66, 14))
    shape((170, 188, 200), (-2, 2.5), (left - 5, 1), (left - 5, 2), (-2, 4.5))
    shape((160, 176, 186), (66, 3.5), (right + 4, 1), (right + 4, 2), (66, 5))
    looks = (
        *((30, 26, 24), (30, 26, 24), (84, 68, 52), (120, 16, 30)),
        *((150, 165, 180), (196, 160, 80)),
    )
    for _ in range(rng.integers(6, 11)):
        side = rng.random() < 0.5
        x = rng.uniform(-2, left - 2) if side else rng.uniform(right + 1, 62)
        width, low = rng.uniform(1.5, 6.0), rng.uniform(1.2, 4.0)
        colour = looks[rng.integers(len(looks))]
        shape(colour, (x, -2), (x + width, -2), (x + width, low), (x, low + rng.uniform(-1, 1)))
    x = left
    while x < right:  # the shelf at the very top of the picture
        width = rng.uniform(1.0, 6.0)
        if rng.random() < 0.6:
            colour = looks[rng.integers(len(looks))]
            shape(colour, (x, -2), (x + width, -2), (x + width, 2.2), (x, 2.2))
        x += width
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(scale * 0.35)), np.float64)


def table(light: Light) -> np.ndarray:
    """Below the lip: the thin edge of the table, its dark side, two grey posts before it."""
    scale, dim = 4, 0.84 if light.daylight else 1.0
    picture = Image.new("RGB", (68 * scale, 9 * scale), (82, 58, 22))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 68 * scale, round(2.4 * scale)), fill=(146, 146, 128))
    for x in (20.3, 45.2):
        post = [(x + 2) * scale, 2.4 * scale, (x + 4) * scale, 9 * scale]
        draw.rectangle(post, fill=(158, 156, 132))
    return dim * np.asarray(picture.filter(ImageFilter.GaussianBlur(scale * 0.35)), np.float64)


def wood(
    rng: np.random.Generator, colour: np.ndarray, shape: tuple[int, int], strength: float
) -> np.ndarray:
    """Plain wood, float (H, W, 3): faint streaks along the rows' axis, large pale stains."""
    streaks = smooth_noise(rng, shape, (3, SIDE // 2)) + smooth_noise(rng, shape, (2, SIDE // 6))
    stains = smooth_noise(rng, shape, (4, 4))
    return colour * (1.0 + strength * (streaks + 0.8 * stains)[..., None])


def fur(
    rng: np.random.Generator, light: tuple[int, ...], dark: tuple[int, ...], contrast: float
) -> np.ndarray:
    """Blotches of two colours; more `contrast` gives sharper ones."""
    shape = (SIDE // 4, SIDE // 4)
    blotches = smooth_noise(rng, shape, (7, 8)) + 0.4 * smooth_noise(rng, shape, (13, 14))
    share = np.clip(0.30 + contrast * 0.5 * blotches, 0.0, 1.0)
    return mixed(np.broadcast_to(np.array(light, float), (*shape, 3)), dark, share)


def smooth_noise(
    rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]
) -> np.ndarray:
    """float (H, W) of about unit variance that varies over 1 / cells of each side."""
    coarse = Image.fromarray(rng.standard_normal(cells).astype(np.float32))
    return np.asarray(coarse.resize(shape[::-1], Image.Resampling.BICUBIC))


def mixed(texture: np.ndarray, colour: tuple[int, ...], share: np.ndarray) -> np.ndarray:
    """`share` (H, W), 0..1, of `colour` laid over `texture`."""
    return texture + (np.array(colour) - texture) * share[..., None]


def encoded(texture: np.ndarray) -> bytes:
    """PNG of float (H, W, 3) in 0..255."""
    file = io.BytesIO()
    pixels = np.clip(np.rint(texture), 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()
