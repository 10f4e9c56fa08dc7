"""The frames of a comparison as one picture: what it holds, and that it is packed once."""

import json

import numpy as np
from PIL import Image

from demo.appearance import looks
from demo.comparison import compare
from demo.components.frame_player import payload
from demo.loading import Setup, find_models
from tests.demo.shown import sheet
from tests.tiny_data import tiny_sequence


def test_frames_are_packed_once_however_often_they_are_shown(tiny_checkpoints, monkeypatch):
    models = [
        one for one in find_models(tiny_checkpoints)[0] if one.path.parent == tiny_checkpoints
    ]
    comparison = compare(models, looks(models), tiny_sequence("sheet", 5), Setup(samples=2))
    packed, save = [], Image.Image.save
    monkeypatch.setattr(Image.Image, "save", lambda *a, **k: packed.append(1) or save(*a, **k))
    first, again = (payload(comparison, None, [0, 0], "psnr", False) for _ in range(2))
    assert json.dumps(first) == json.dumps(again) and len(packed) == 1
    truth, *imagined = sheet(first)
    np.testing.assert_array_equal(truth, comparison.truth.frames)
    expected = np.concatenate([one.frames for one in comparison.imagined])
    np.testing.assert_array_equal(imagined, expected)
