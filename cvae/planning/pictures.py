"""A plan as files: its commands, and pictures of what was imagined beside what happened."""

import io

import numpy as np

from cvae.data.sequence import Sequence
from cvae.evaluation.clips import gif
from cvae.evaluation.figures import Row, frame_strip, moments
from cvae.evaluation.metrics import psnr
from cvae.evaluation.palette import COLOURS
from cvae.inference.predictor import to_float_frames
from cvae.planning.commands import commands_csv
from cvae.planning.planner import Plan


def plan_files(
    plan: Plan, recorded: Sequence, carried: Sequence | None, model: str, colour: str
) -> dict[str, bytes]:
    """Suffix -> content: "csv", "png" and "gif".

    recorded: at least as long as the plan. carried: what happened when the plan was carried out,
    exactly as long; it stands first, and PSNR in dB is against it. Where that is not known, what
    was recorded does. model: what it is called. colour: of its name, such as "#0072B2".
    """
    given = len(plan.actions) - len(plan.frames)
    recorded = recorded.window(0, len(plan.actions))
    beside = (carried or recorded).frames
    rows = [_row(f"{model} imagines", plan.frames, beside[given:], colour)]
    if carried:
        rows.append(_row("recorded", recorded.frames[given:], beside[given:], COLOURS[-1]))
    label = "carried out" if carried else "recorded"
    strip = io.BytesIO()
    frame_strip(beside, rows, given, label=label).save(strip, "PNG")
    moving = gif(moments(beside, rows, given, label=label))
    return {"csv": commands_csv(plan.actions), "png": strip.getvalue(), "gif": moving}


def _row(label: str, frames: np.ndarray, beside: np.ndarray, colour: str) -> Row:
    decibel = psnr(to_float_frames(frames), to_float_frames(beside)).numpy()
    return Row(label, frames, decibel, colour)
