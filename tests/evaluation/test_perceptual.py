"""LPIPS: measured where AlexNet's weights are at hand, empty where they are not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from cvae.data.bundle import open_test_sequences
from cvae.errors import InputError
from cvae.evaluation.perceptual import FRAMES, WEIGHTS, available, lpips
from cvae.evaluation.protocol import GIVEN_STATES
from cvae.evaluation.run import measure
from cvae.evaluation.summary import summarise
from cvae.evaluation.table import table
from cvae.evaluation.torchvision_guard import ensure_importable
from cvae.inference.predictor import Predictor
from cvae.model.noise import keyed_generator


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Path]:
    """Where PyTorch keeps weights of others; empty."""
    before = torch.hub.get_dir()
    torch.hub.set_dir(tmp_path)
    yield tmp_path / "checkpoints"
    torch.hub.set_dir(before)


@pytest.fixture
def weights(hub: Path) -> Path:
    """Random ones in the form of the real ones, which are 233 MB and not fetched for a test."""
    ensure_importable()
    from torchvision.models import alexnet

    hub.mkdir()
    torch.save(alexnet(weights=None).state_dict(), hub / WEIGHTS)
    return hub / WEIGHTS


def frames(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, 3, 64, 64, generator=keyed_generator("lpips"))


def test_without_weights_it_is_empty(hub) -> None:
    assert not available()
    assert lpips(frames(2, 5), frames(5)).isnan().all()
    assert lpips(frames(2, 5), frames(5)).shape == (2, 5)


@pytest.mark.parametrize("content", [b"", b"half a file", None])
def test_damaged_weights_are_told(weights, content) -> None:
    weights.write_bytes(weights.read_bytes()[:1000] if content is None else content)
    with pytest.raises(InputError, match=r"is damaged .* delete it to go without LPIPS"):
        lpips(frames(1), frames(1))


def test_it_is_that_of_torchmetrics_frame_by_frame(weights) -> None:
    from torchmetrics.functional.image import learned_perceptual_image_patch_similarity

    truth = frames(3)
    samples = (truth + 0.2 * torch.randn(2, 3, 3, 64, 64, generator=keyed_generator("a"))).clamp(
        0, 1
    )
    found = lpips(samples, truth)
    assert available() and found.shape == (2, 3)
    for sample, of_sample in zip(samples, found, strict=True):
        expected = learned_perceptual_image_patch_similarity(
            sample, truth, net_type="alex", reduction="none", normalize=True
        )
        torch.testing.assert_close(of_sample, expected.flatten())
    assert found.min() > 1e-4 and found.unique().numel() == 6
    assert (lpips(truth, truth) == 0).all()


def test_many_frames_are_measured_in_pieces(weights) -> None:
    one, other = frames(2)
    found = lpips(one.expand(FRAMES + 3, -1, -1, -1), other)
    torch.testing.assert_close(found, lpips(one, other).expand(FRAMES + 3))


def test_an_evaluation_has_the_column_or_says_why_not(
    store, tiny_checkpoints, hub, request
) -> None:
    source = open_test_sequences(store)
    predictor = Predictor.load(tiny_checkpoints / "learned", "cpu")

    def measured() -> tuple[bool, str]:
        scores = measure(predictor, source, GIVEN_STATES, samples=1, limit=1)
        options = {"samples": 1, "data": "store", "data_checksum": "c", "split": "test"}
        one = summarise(scores, predictor.checkpoint, source, GIVEN_STATES, **options)
        return bool(scores.lpips.notna().all()), table([one])

    has, said = measured()
    assert not has and f"lpips is empty: AlexNet's weights ({WEIGHTS}) were not at hand." in said
    request.getfixturevalue("weights")
    has, said = measured()
    assert has and "lpips is empty" not in said
