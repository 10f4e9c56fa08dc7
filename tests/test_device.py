"""A device that is not there is told in one sentence, whoever names it."""

import re
from contextlib import nullcontext

import pytest
import torch

import cvae
from cvae.bundled import CHECKPOINTS
from cvae.device import choose_device, fastest
from cvae.errors import InputError
from cvae.inference.predictor import Predictor


@pytest.mark.parametrize("name", ["gpu", "", "mps", "meta", "cuda:x", "cuda:200", "CPU"])
def test_a_device_that_there_is_not_is_refused_and_others_are_named(name) -> None:
    told = re.escape(f"There is no device {name!r}; choose cpu, cuda or cuda:1.")
    with pytest.raises(InputError, match=told):
        Predictor.load(CHECKPOINTS / "learned", name)
    with pytest.raises(InputError, match=told):
        cvae.load_model("learned", device=name)


@pytest.mark.parametrize("name", ["cuda", "cuda:1"])
def test_a_gpu_that_is_not_there_is_refused(name) -> None:
    with pytest.raises(InputError, match="no CUDA GPU here that PyTorch can use; choose cpu"):
        cvae.load_model("learned", device=name)


def test_more_gpus_than_there_are_can_not_be_had(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device(None) == choose_device("cuda") == torch.device("cuda")
    assert choose_device("cuda:1") == torch.device("cuda:1")
    with pytest.raises(InputError, match="'cuda:2' needs 3 GPUs on this machine, which has 2"):
        choose_device("cuda:2")


def test_bfloat16_is_fast_only_where_it_is_not_emulated(monkeypatch) -> None:
    asked = []

    def supported(including_emulation: bool = True) -> bool:
        return including_emulation  # as on a V100

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    monkeypatch.setattr(torch.cuda, "device", lambda device: asked.append(device) or nullcontext())
    assert fastest(torch.device("cuda:1")) == "float32"
    assert asked == [torch.device("cuda:1")]


def test_weights_that_a_full_gpu_does_not_take_are_told(tiny_checkpoints, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(torch.nn.Module, "to", full)
    with pytest.raises(InputError, match="no room for a single prediction: end what else uses it"):
        Predictor.load(tiny_checkpoints / "fixed", "cpu")
