"""What `bench train` found, told in Markdown."""

from dataclasses import dataclass, replace
from statistics import median

import torch

from cvae.benchmarks.measurement import Measurement
from cvae.benchmarks.training_steps import Setting
from cvae.benchmarks.variants import OURS, PLAIN, Variant
from cvae.device import Precision
from cvae.markdown import markdown_table
from cvae.model.cvae import CVAE

NO_BF16 = "not measured: this processor has no instructions for it"


@dataclass(frozen=True)
class Measure:
    """Something that is done for speed: two variants in float32 which differ in that alone."""

    name: str
    taken: Variant
    left: Variant

    def in_precisions(self, precisions: list[Precision]) -> list[tuple[Variant, Variant]]:
        """The pair in each precision; the plain path has float32 only."""
        plain = not self.taken.own_update
        return [
            (replace(self.taken, precision=precision), replace(self.left, precision=precision))
            for precision in precisions
            if precision == "float32" or not plain
        ]


@dataclass(frozen=True)
class Found:
    """What was measured.

    forced_share: of the batches of a whole run, those that are teacher-forced.
    seconds: of an update of (variant, forced), a number a repeat.
    computed: `Trials.computed` of the variants in float32. operations: `Trials.operations`.
    peaks: FLOP/s of convolutions. waited: share of each batch's time.
    """

    setting: Setting
    forced_share: float
    precisions: list[Precision]
    measures: list[Measure]
    seconds: dict[tuple[Variant, bool], list[float]]
    computed: dict[Variant, tuple[float, ...]]
    operations: dict[Variant, tuple[int, int]]
    peaks: dict[Precision, float]
    waited: tuple[float, ...]

    def mixed(self, variant: Variant) -> list[float]:
        """Seconds of an update, the mean over a whole run."""
        pairs = zip(self.seconds[variant, True], self.seconds[variant, False], strict=True)
        share = self.forced_share
        return [share * forced + (1 - share) * free for forced, free in pairs]

    def columns(self, variant: Variant) -> list[list[float]]:
        """Seconds of an update: teacher-forced, free-running, over a whole run."""
        return [self.seconds[variant, True], self.seconds[variant, False], self.mixed(variant)]

    def rates(self, variant: Variant) -> list[Measurement]:
        """Sequences a second of each column."""
        size = self.setting.batch_size
        return [
            Measurement(tuple(size / taken for taken in column)) for column in self.columns(variant)
        ]

    def gains(self, taken: Variant, left: Variant) -> list[Measurement]:
        """How many times faster each column is, by what was measured in the same repeat."""
        return [
            Measurement(tuple(slow / fast for fast, slow in zip(*pair, strict=True)))
            for pair in zip(self.columns(taken), self.columns(left), strict=True)
        ]

    @property
    def ours(self) -> list[Variant]:
        return [replace(OURS, precision=precision) for precision in self.precisions]


def report(found: Found) -> str:
    alone = [_measures, _pairs] if found.measures else []
    parts = [_setting, _steps, _whole_run, _peak, _operations, *alone, _same, _waited]
    return "\n\n".join(part(found) for part in parts)


def _setting(found: Found) -> str:
    setting = found.setting
    parameters = sum(weight.numel() for weight in CVAE(setting.config.model).parameters())
    place = f"CPU, {torch.get_num_threads()} threads at most"
    if setting.device.type == "cuda":
        place = f"{torch.cuda.get_device_name(setting.device)} (TF32 in float32 convolutions)"
    repeats = len(found.seconds[PLAIN, True])
    return (
        f"{place}. The `default` recipe at width {setting.width:g} ({parameters / 1e6:.1f} M "
        f"parameters), batches of {setting.batch_size} sequences of {setting.length} frames. "
        f"Repeats: {repeats}, in each of which every variant had its turn; median (least to "
        "greatest)."
    )


def _steps(found: Found) -> str:
    rows = [["plain path, float32", *(f"{rate:.2f}" for rate in found.rates(PLAIN))]]
    for ours in found.ours:
        name = f"ours, {ours.precision}"
        rows.append([name, *(f"{rate:.2f}" for rate in found.rates(ours))])
        gains = found.gains(ours, PLAIN)
        rows.append([f"{name}: times as fast", *(f"{gain:.2f}" for gain in gains)])
    if "bfloat16" not in found.precisions:
        rows.append(["ours, bfloat16", NO_BF16, "", ""])
    return markdown_table(["sequences/s", "teacher-forced", "free-running", "whole run"], rows)


def _whole_run(found: Found) -> str:
    return (
        f"Whole run: by the recipe's schedule {found.forced_share:.0%} of the batches are "
        "teacher-forced. An update is all of it: loss, gradient, clipping (not in the plain path), "
        "optimizer. Data wait in memory here."
    )


def _peak(found: Found) -> str:
    speeds = [f"{peak / 1e9:,.0f} in {name}" for name, peak in found.peaks.items()]
    return f"Peak of this machine in 3x3 convolutions, GFLOP/s: {', '.join(speeds)}."


def _operations(found: Found) -> str:
    """Convolutions and matrix products are counted, of what the variant really computes."""
    header = ["GFLOP a sequence, and speed as a share of that peak"]
    header += ["teacher-forced", "share", "free-running", "share"]
    rows = []
    for name, variant in [("plain path", PLAIN), *(("ours", ours) for ours in found.ours)]:
        row = [f"{variant.precision}, {name}"]
        for forced, operations in zip((True, False), found.operations[variant], strict=True):
            peak = found.peaks[variant.precision]
            shares = [operations / taken / peak for taken in found.seconds[variant, forced]]
            each = operations / found.setting.batch_size / 1e9
            row += [f"{each:,.1f}", f"{median(shares):.0%}"]
        rows.append(row)
    return markdown_table(header, rows)


def _measures(found: Found) -> str:
    header = ["one measure, times as fast with it"]
    for precision in found.precisions:
        header += [f"teacher-forced, {precision}", f"free-running, {precision}"]
    rows = []
    for measure in found.measures:
        row = [measure.name]
        for pair in measure.in_precisions(found.precisions):
            row += [f"{gain:.2f}" for gain in found.gains(*pair)[:2]]
        rows.append(row + ["-"] * (len(header) - len(row)))
    autocast = ["autocast to bfloat16", NO_BF16, ""]
    if "bfloat16" in found.precisions:
        gains = found.gains(replace(OURS, precision="bfloat16"), OURS)[:2]
        autocast = ["autocast to bfloat16", "-", "-", *(f"{gain:.2f}" for gain in gains)]
    return markdown_table(header, [*rows, autocast])


def _pairs(found: Found) -> str:
    return (
        "Where nothing else is said, all other measures are taken on both sides. Below 1 a measure "
        "costs time. Batched time changes what BatchNorm measures in training: all steps of a "
        "call together, not each by itself."
    )


def _same(found: Found) -> str:
    """How far the variants are apart in what they compute, and what that is."""
    spreads = [
        max(values) / min(values) - 1 for values in zip(*found.computed.values(), strict=True)
    ]
    forced, _, free, _ = found.computed[OURS]
    return (
        f"All {len(found.computed)} variants in float32 compute the same: with BatchNorm's "
        f"statistics held, a loss of {forced:.5f} teacher-forced and {free:.5f} free-running for "
        f"the same weights, batch and noise, apart by {max(spreads[::2]):.0e} of it at most, the "
        f"norm of its gradient by {max(spreads[1::2]):.0e}."
    )


def _waited(found: Found) -> str:
    shares = Measurement(found.waited)
    return (
        f"Waiting for data: {shares:.1%} of the time of a teacher-forced batch in "
        f"{found.precisions[-1]}, of {len(found.waited)} batches drawn from a store as `train` "
        "draws them."
    )
