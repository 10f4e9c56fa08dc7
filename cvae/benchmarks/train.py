"""`bench train`: the training step against the plain path, and what each measure brings."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from statistics import mean

import torch

from cvae.benchmarks.machine import describe_machine
from cvae.benchmarks.peak import convolution_peak
from cvae.benchmarks.processes import TwoProcesses
from cvae.benchmarks.train_report import Found, Measure, report
from cvae.benchmarks.training_steps import EPOCH, Setting, Trials, load_batch
from cvae.benchmarks.variants import OURS, PLAIN, Variant
from cvae.benchmarks.waiting import shares_waited
from cvae.bundled import SEQUENCES
from cvae.config import DEFAULT
from cvae.data.bundle import open_test_sequences
from cvae.device import Precision, choose_device, has_bf16
from cvae.errors import InputError
from cvae.training.update import forcing_of


@dataclass(frozen=True)
class TrainBenchmark:
    """Measure a training step against a plain path, and what each measure brings.

    The plain path uses the same weights for the same loss on the same batch as SVG's scripts do:
    an encoder call for every input and every target, a decoder call a step, float32, an optimizer
    that is not fused. All variants are updated in turn, again and again, in one run. It takes some
    minutes as set, half an hour at full width on two cores.

    Example: python -m cvae bench train --width 1 --no-measures
    """

    width: float = DEFAULT.model.width
    """Of the `default` recipe's encoder and decoder, a share of VGG64's."""
    batch_size: int = DEFAULT.training.batch_size
    """Sequences in a batch, 2 or more."""
    repeats: int = 5
    """How often every variant is measured."""
    measures: bool = True
    """Also take each measure away alone; else the whole against the plain path, soon done."""
    quick: bool = False
    """One update of each, only to see that it runs: the numbers mean nothing."""
    device: str | None = None
    """Such as cpu or cuda; the GPU where there is one, unless told otherwise."""
    data: Path = SEQUENCES
    """Sequences to train on: a bundle, or the test split of a store."""

    def __post_init__(self) -> None:
        for field, least in {"batch_size": 2, "repeats": 1}.items():
            if getattr(self, field) < least:
                option = "--" + field.replace("_", "-")
                raise InputError(f"{option} is {getattr(self, field)}: give {least} or more.")

    def run(self) -> str:
        """Measure, and tell in Markdown.

        Raises InputError if the sequences, the device or memory do not suffice.
        """
        machine = describe_machine()
        device = choose_device(self.device)
        setting = Setting(self.data, self.width, self.batch_size, device, self.quick)
        load_batch(open_test_sequences(self.data), setting)  # what is wrong is told from here
        repeats = 1 if self.quick else self.repeats
        with TwoProcesses(setting) as processes:
            found = _measure(processes, setting, repeats, self.measures)
        return f"{machine}\n\n{report(found)}"


def _measure(processes: TwoProcesses, setting: Setting, repeats: int, each_alone: bool) -> Found:
    device = setting.device
    precisions: list[Precision] = ["float32"]
    if has_bf16(device):
        precisions.append("bfloat16")
    measures = list(measures_on(device)) if each_alone else []
    variants = _variants(measures, precisions)
    _tell(f"whether {len(variants)} variants compute the same")
    computed = {
        variant: processes.ask(variant.keeps_memory, Trials.computed, variant)
        for variant in variants
        if variant.precision == "float32" and not variant.compiled
    }
    _tell("operations, and the speed of convolutions")
    steps = [PLAIN, *(replace(OURS, precision=precision) for precision in precisions)]
    operations = {step: processes.ask(step.keeps_memory, Trials.operations, step) for step in steps}
    peaks = {
        precision: processes.ask(True, _peak, getattr(torch, precision)) for precision in precisions
    }
    seconds = _seconds(processes, variants, repeats)
    _tell("waiting for data")
    waited = processes.ask(True, shares_waited, steps[-1], 2 if setting.quick else EPOCH)
    return Found(
        setting=setting,
        forced_share=mean(forcing_of(DEFAULT.training, e) for e in range(DEFAULT.training.epochs)),
        precisions=precisions,
        measures=measures,
        seconds=seconds,
        computed=computed,
        operations=operations,
        peaks=peaks,
        waited=waited,
    )


def _seconds(
    processes: TwoProcesses, variants: list[Variant], repeats: int
) -> dict[tuple[Variant, bool], list[float]]:
    """Of every variant, teacher-forced and free-running, a number a repeat."""
    seconds: dict[tuple[Variant, bool], list[float]] = {}
    for number in range(repeats):
        _tell(f"repeat {number + 1} of {repeats}")
        # To and fro, so that a machine that becomes slower does not favour the first.
        for variant in variants if number % 2 == 0 else reversed(variants):
            for forced in (True, False):
                taken = processes.ask(variant.keeps_memory, Trials.seconds, variant, forced)
                seconds.setdefault((variant, forced), []).append(taken)
    return seconds


def measures_on(device: torch.device) -> Iterator[Measure]:
    """Each a pair of variants in float32 that differ in one thing."""
    in_steps = replace(OURS, batched_time=False)
    doubling_first = replace(OURS, doubling="first")
    yield Measure(
        "a frame encoded once, not as input and as target (all else plain)",
        replace(PLAIN, encodes_once=True),
        PLAIN,
    )
    yield Measure("batched time: one call for all frames, for all steps", OURS, in_steps)
    yield Measure(
        "skip split (doubling first)", doubling_first, replace(doubling_first, skip_split=False)
    )
    yield Measure(
        "doubling and convolution in one, always", replace(OURS, doubling="in one"), doubling_first
    )
    yield Measure("the same where `train` does it", OURS, doubling_first)
    yield Measure("channels-last", OURS, replace(OURS, channels_last=False))
    yield Measure("fused optimizer", OURS, replace(OURS, fused_optimizer=False))
    yield Measure("malloc keeps freed memory", OURS, replace(OURS, keeps_memory=False))
    yield Measure("the same for the plain path", replace(PLAIN, keeps_memory=True), PLAIN)
    if device.type == "cuda" and find_spec("triton") and shutil.which("cc"):
        yield Measure("torch.compile, where a compiler is", replace(OURS, compiled=True), OURS)


def _variants(measures: list[Measure], precisions: list[Precision]) -> list[Variant]:
    """All that are to be measured, each once, the plain path and ours one after the other."""
    ours = [replace(OURS, precision=precision) for precision in precisions]
    pairs = [pair for m in measures for pair in m.in_precisions(precisions)]
    listed = [PLAIN, *ours, *(variant for pair in pairs for variant in pair)]
    return list(dict.fromkeys(listed))


def _peak(trials: Trials, dtype: torch.dtype) -> float:
    return convolution_peak(trials.setting.device, dtype)


def _tell(step: str) -> None:
    """What is being done, beside the report."""
    print(f"bench train: {step}", file=sys.stderr)
