"""A prepared model gives the numbers of the model it was made from."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from cvae.benchmarks.plain import PlainModel
from cvae.config import REPORT, TINY
from cvae.data.dataset import CONDITION_DIM
from cvae.inference.convolution import FastConvolution, FastSkipBlock
from cvae.inference.folding import fold_norms
from cvae.inference.prepared import HalfDecoder, HalfEncoder, prepare
from cvae.inference.task import to_float_frames
from cvae.inference.winograd import DOUBLING, FOURS, WinogradConvolution
from cvae.model.cvae import CVAE
from cvae.model.layers import SkipBlock, convolve_doubled
from cvae.model.noise import keyed_generator
from tests.tiny_data import tiny_sequence
from tests.tiny_models import lively_model

CPU = torch.device("cpu")
STEPS = 11
VARIANTS = {
    "learned": replace(TINY.model, prior="learned"),
    "report": replace(REPORT.model, width=1 / 16, g_dim=16, z_dim=4, rnn_size=16),
}


@pytest.fixture(scope="module", params=VARIANTS)
def model(request) -> CVAE:
    return lively_model(VARIANTS[request.param])


def asked(model: CVAE, samples: int) -> tuple[Tensor, Tensor, Tensor]:
    """Past, conditions and noise for one sequence."""
    generator = keyed_generator("asked")
    return (
        to_float_frames(tiny_sequence("", 3).frames[: model.config.n_past])[None],
        torch.randn(1, STEPS, CONDITION_DIM, generator=generator),
        torch.randn(1, samples, STEPS, model.config.z_dim, generator=generator),
    )


@pytest.mark.parametrize("samples", [1, 3])
def test_imagines_what_the_plain_path_imagines(model, samples) -> None:
    expected = PlainModel(model).imagine(*asked(model, samples))
    with torch.inference_mode():
        found, _ = prepare(model, CPU).imagine(*asked(model, samples))
    assert expected.std() > 0.05
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)


def test_wide_convolutions_give_the_same_numbers_too() -> None:
    """Wide enough for Winograd's filtering in encoder and decoder, and with rows enough for it."""
    model = lively_model(replace(TINY.model, width=1 / 4))
    past, conditions, noise = asked(model, 4)
    expected = PlainModel(model).imagine(past, conditions, noise[:, :, :4])
    with torch.inference_mode():
        found, _ = prepare(model, CPU).imagine(past, conditions, noise[:, :, :4])
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)


def test_a_prepared_model_is_a_copy(model) -> None:
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with torch.inference_mode():
        prepared = prepare(model, CPU)
        expected, _ = prepared.imagine(*asked(model, 1))
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2)
    with torch.inference_mode():
        found, _ = prepared.imagine(*asked(model, 1))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.div_(2)
    assert torch.equal(found, expected)


def test_no_norm_is_left(model) -> None:
    prepared = prepare(model, CPU)
    assert not [m for m in prepared.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]


def test_folding_keeps_a_skip_block() -> None:
    generator = keyed_generator("fold")
    block = SkipBlock(4, 6, 8)
    for tensor in (block.norm.running_mean, block.norm.weight.data, block.norm.bias.data):
        tensor.normal_(generator=generator)
    block.norm.running_var.uniform_(0.1, 2, generator=generator)
    block.eval()
    below, skip = torch.randn(3, 4, 4, 4), torch.randn(1, 6, 8, 8)
    with torch.no_grad():
        expected = block(below, block.project(skip))
        fold_norms(block)
        torch.testing.assert_close(block(below, block.project(skip)), expected)
        fast = FastSkipBlock(block, 8)
        torch.testing.assert_close(fast(below, fast.project(skip)), expected, rtol=0, atol=1e-5)


def test_bfloat16_draws_nearly_the_same(model) -> None:
    """The arithmetic is emulated where the processor lacks it: slowly, but the same."""
    with torch.inference_mode():
        expected, _ = prepare(model, CPU).imagine(*asked(model, 2))
        prepared = prepare(model, CPU, "bfloat16")
        found, latents = prepared.imagine(*asked(model, 2))
    assert isinstance(prepared.encoder, HalfEncoder) and isinstance(prepared.decoder, HalfDecoder)
    assert found.dtype == latents.dtype == torch.float32
    # The weights are random and of full gain: errors grow from frame to frame.
    assert 0 < (found[:, :, 0] - expected[:, :, 0]).abs().mean() < 0.02


@pytest.mark.parametrize("rows", [1, 3])
def test_winograd_is_exact_to_some_millionths(rows) -> None:
    generator = keyed_generator("winograd")
    conv = nn.Conv2d(256, 64, 3, 1, 1).requires_grad_(False)
    pixels = torch.randn(rows, 256, 8, 16, generator=generator)
    exact = functional.conv2d(pixels.double(), conv.weight.double(), conv.bias.double(), padding=1)
    found = WinogradConvolution(conv.weight, conv.bias, FOURS)(pixels)
    # An ordinary convolution's is 2e-7 to 2e-6, depending on the processor.
    assert (found - exact).square().mean().sqrt() < 3e-6 * exact.square().mean().sqrt()


def test_winograd_for_a_doubled_picture() -> None:
    conv = nn.Conv2d(48, 40, 3, 1, 1).requires_grad_(False)
    pixels = torch.randn(2, 48, 8, 16, generator=keyed_generator("doubled"))
    doubled = WinogradConvolution(conv.weight, conv.bias, DOUBLING)(pixels)
    torch.testing.assert_close(doubled, convolve_doubled(conv, pixels), rtol=0, atol=1e-5)


@pytest.mark.parametrize("rows", [1, 5])
def test_a_fast_convolution_is_a_convolution(rows) -> None:
    conv = nn.Conv2d(128, 128, 3, 1, 1).requires_grad_(False)
    conv.weight.normal_(0, 0.02, generator=keyed_generator("weight"))
    pixels = torch.randn(rows, 128, 16, 16, generator=keyed_generator("fast"))
    expected = functional.leaky_relu(conv(pixels), 0.2)
    torch.testing.assert_close(FastConvolution(conv, 16)(pixels), expected, rtol=0, atol=3e-5)
