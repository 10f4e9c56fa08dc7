"""BatchNorm over the rows of two processes, against float64 over all rows in one."""

import subprocess

from tests.documented import PROJECT
from tests.training.runs import torchrun

EACH_PROCESS = """
import torch
from torch import nn
from cvae.training.synchronised import synchronise

torch.distributed.init_process_group("gloo")
rank = torch.distributed.get_rank()
generator = torch.Generator().manual_seed(3)
rows = 5 + 2 * torch.randn(6, 4, 1, 1, generator=generator)
rows = rows + torch.randn(6, 4, 8, 8, generator=generator)
weights = torch.randn(6, 4, 1, 1, generator=generator)

def build():
    # The sigmoid: else the second BatchNorm would undo the first one's scale, gradients 0.
    pooled = nn.Sequential(nn.Sigmoid(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return nn.Sequential(nn.BatchNorm2d(4), pooled, nn.BatchNorm1d(4))

def run(model, inputs, weights):
    inputs.requires_grad_()
    outputs = model(inputs)
    (outputs[:, :, None, None] ** 3 * weights).sum().backward()
    gradients = [parameter.grad for parameter in model.parameters()]
    return outputs, inputs.grad, gradients, [*model.buffers()]

whole = run(build().double(), rows.double(), weights.double())
model = build()
synchronise(model)
assert list(model.state_dict()) == list(build().state_dict())
own = slice(3 * rank, 3 * rank + 3)
outputs, gradient, gradients, buffers = run(model, rows[own].clone(), weights[own])
for each in gradients:
    torch.distributed.all_reduce(each)
pairs = [(outputs, whole[0][own]), (gradient, whole[1][own])]
pairs += [*zip(gradients, whole[2], strict=True), *zip(buffers, whole[3], strict=True)]
for found, expected in pairs:
    torch.testing.assert_close(found.double(), expected.double(), rtol=1e-4, atol=1e-4)
torch.distributed.destroy_process_group()
"""


def test_statistics_and_gradients_are_those_of_the_whole_batch(tmp_path, monkeypatch) -> None:
    script = tmp_path / "each_process.py"
    script.write_text(EACH_PROCESS)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    done = subprocess.run([*torchrun(2), str(script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
