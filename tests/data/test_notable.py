from dataclasses import replace

import numpy as np
import pytest

from cvae.data.notable import SCORES, events, notable
from cvae.data.sequence import ARM, FIRST_TOY, FRAME_SIZE, MAX_TOYS, Sequence

LENGTH = 30


def still_scene(toys: int = 5) -> Sequence:
    """An arm that wanders above toys which nobody touches; each toy covers 36 pixels."""
    centres = np.full((LENGTH, MAX_TOYS, 3), np.nan, np.float32)
    masks = np.zeros((LENGTH, FRAME_SIZE, FRAME_SIZE), np.uint8)
    for toy in range(toys):
        centres[:, toy] = (0.5, 0.1 * toy, 0.03)
        masks[:, 20:26, 10 * toy : 10 * toy + 6] = FIRST_TOY + toy
    positions = np.linspace((0.5, -0.3, 0.2), (0.8, 0.2, 0.2), LENGTH, dtype=np.float32)
    frames = np.full((LENGTH, FRAME_SIZE, FRAME_SIZE, 3), 100, np.uint8)
    frames[::2, :8] = 110
    return Sequence("s", frames, np.zeros((LENGTH, 4), np.float32), positions, masks, centres, 0)


def with_toys(change) -> Sequence:
    scene = still_scene()
    toys = scene.toys.copy()
    change(toys)
    return replace(scene, toys=toys)


def pushed() -> Sequence:
    def change(toys):
        toys[:12, 0, 0] += np.linspace(0, 0.2, 12)
        toys[12:, 0, 0] += 0.2

    return with_toys(change)


def carried() -> Sequence:
    def change(toys):
        toys[3:10, 0, 2] += 0.08
        toys[3:, 0, 1] += 0.15
        toys[4:, 0, 1] += 0.15

    return with_toys(change)


def lifted() -> Sequence:
    def change(toys):
        toys[4:9, 0, 2] += 0.10

    return with_toys(change)


def piled() -> Sequence:
    def change(toys):
        toys[5:, :5, 0] += 0.03

    return with_toys(change)


def occluded() -> Sequence:
    scene = still_scene()
    masks = scene.masks.copy()
    masks[4:7, 18:30, :8] = ARM
    return replace(scene, masks=masks)


def loud() -> Sequence:
    scene = piled()
    frames = scene.frames.copy()
    frames[5:] = 250
    return replace(scene, frames=frames)


def calm() -> Sequence:
    scene = piled()
    return replace(scene, frames=np.full_like(scene.frames, 100), toys=scene.toys)


def test_each_title_goes_to_the_sequence_that_deserves_it() -> None:
    scenes = {
        "push": pushed(),
        "carry": carried(),
        "lift": lifted(),
        "occlusion": occluded(),
        "no contact": still_scene(),
        "pile": piled(),
        "hard": loud(),
        "easy": calm(),
    }
    # calm and loud move as many toys as piled; the first of them is taken for the pile.
    titles = notable(scenes.values())
    names = list(scenes)
    assert {title: names[index] for title, index in titles.items()} == {t: t for t in SCORES}


def test_what_happens_after_the_predicted_frames_does_not_count() -> None:
    scene = still_scene()
    toys = scene.toys.copy()
    toys[15:, 0, 0] += 0.2
    late = replace(scene, toys=toys)
    assert events(late) == events(scene)
    assert events(pushed()).pushed == pytest.approx(0.2, abs=1e-6)
    assert events(carried()).carried == pytest.approx(0.3, abs=1e-6)


def test_titles_need_what_a_simulator_knows() -> None:
    scene = still_scene()
    assert notable([scene, replace(scene, masks=None)]) == {}
    assert events(replace(scene, toys=None)) is None


def test_nothing_is_called_what_it_is_not() -> None:
    assert set(notable([still_scene()])) == {"no contact"}
    assert set(notable([still_scene(), still_scene()])) == {"no contact", "hard"}
