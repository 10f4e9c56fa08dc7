"""Readers of what training and evaluation leave in a run's folder."""

import hashlib
import json
import lzma
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from cvae.evaluation.card import training_facts
from cvae.evaluation.columns import METRICS
from cvae.evaluation.curves import curves_webp
from cvae.evaluation.pairing import by_sequence, difference
from cvae.evaluation.palette import look
from cvae.evaluation.protocol import FIELD
from cvae.evaluation.report.chart import Line, line_chart
from cvae.evaluation.rows import ONE_SAMPLE, VARIANTS
from cvae.evaluation.scores import COLUMNS, Evaluation, load_evaluations, load_scores
from cvae.evaluation.storage import store
from cvae.evaluation.summary import overall, per_step
from cvae.evaluation.table import tables
from cvae.model.checkpoint import (
    EVALUATION,
    EVALUATION_CSV,
    load_checkpoint,
    load_config,
    save_checkpoint,
)
from cvae.model.history import load_lineage
from cvae.training.progress import Run, load_resume
from demo.appearance import looks
from demo.curves import QUANTITIES, View, curve_figure, describe, describe_quantity
from demo.loading import Model
from demo.scores import Quantity, offered, paired_difference, score_table, sequence_scores
from demo.training_runs import collapse_sentence, read_run
from demo.training_table import runs_table
from tests.fuzz.reader import Reader, files_of, write_files
from tests.inference.lively import lively_checkpoint

HISTORY = "epoch,train_loss,train_mse,kl,active_dims,beta,teacher_forcing_ratio,learning_rate"
HISTORY += ",skipped,validation_psnr,validation_ssim,seconds\n"
HISTORY += "1,0.05,0.005,6.8,62,0.0,1.0,0.0005,0,21.9,0.87,123.4\n"
HISTORY += "2,0.04,,0.01,0,5e-05,0.5,0.0004,1,22.1,0.88,120.1\n"


EARLIER = "run," + HISTORY.replace("\n1,", "\n1,1,").replace("\n2,", "\n1,2,")


def model_readers(scratch: Path) -> dict[str, Callable[[], Reader]]:
    """By name; each is made when it is asked for, with files of its own in `scratch`."""
    makers = {
        "config": config_reader,
        "weights": weights_reader,
        "weights-header": weights_header_reader,
        "history": history_reader,
        "events": events_reader,
        "resume": resume_reader,
        "evaluation": evaluation_reader,
        "scores": scores_reader,
        "scores-xz": xz_reader,
    }
    return {name: lambda n=name, make=make: make(scratch / n) for name, make in makers.items()}


def config_reader(scratch: Path) -> Reader:
    whole = _run(scratch)
    kept = files_of(whole, "model.safetensors")

    def write(folder: Path, parts: dict[str, bytes]) -> None:
        write_files(folder, kept | parts)

    def read(folder: Path) -> None:
        checkpoint = load_checkpoint(folder)
        training_facts(checkpoint.config, checkpoint.data, load_lineage(whole))

    return Reader(files_of(whole, "config.json"), write, read)


def weights_reader(scratch: Path) -> Reader:
    whole = _run(scratch)
    kept = files_of(whole, "config.json")
    return Reader(
        files_of(whole, "model.safetensors"),
        lambda folder, parts: write_files(folder, kept | parts),
        lambda folder: load_checkpoint(folder) and None,
    )


def weights_header_reader(scratch: Path) -> Reader:
    """The header, with the length that belongs to it."""
    whole = _run(scratch)
    kept, content = files_of(whole, "config.json"), (whole / "model.safetensors").read_bytes()
    [length] = struct.unpack("<Q", content[:8])

    def write(folder: Path, parts: dict[str, bytes]) -> None:
        header = parts["header.json"]
        changed = struct.pack("<Q", len(header)) + header + content[8 + length :]
        write_files(folder, kept | {"model.safetensors": changed})

    header = {"header.json": content[8 : 8 + length]}
    return Reader(header, write, lambda folder: load_checkpoint(folder) and None)


def history_reader(scratch: Path) -> Reader:
    kept = files_of(_run(scratch), "config.json")

    def read(folder: Path) -> None:
        _draw(folder)
        needed = ("epoch", "kl", "active_dims", "validation_psnr", "seconds")
        config, data = load_config(folder)
        history = load_lineage(folder, needed)
        training_facts(config, data, history)
        values = [None if pd.isna(value) else value for value in history["kl"]]
        line_chart("KL", "epoch", [Line("x", look(0), list(history["epoch"]), values)])

    return Reader(
        {"history.csv": HISTORY.encode(), "earlier.csv": EARLIER.encode()},
        lambda folder, parts: write_files(folder, kept | parts),
        read,
    )


def events_reader(scratch: Path) -> Reader:
    kept = files_of(_run(scratch), "config.json", "history.csv") | {"resume.pt": b""}
    events = [{"event": "epoch", "kl": 2.5}, {"event": "failed", "why": "no room"}]
    whole = "".join(json.dumps(event) + "\n" for event in events).encode()

    def read(folder: Path) -> None:
        model = Model("x", folder, "fixed", 2, True, 0)
        runs_table([read_run(model)], looks([model]))

    return Reader(
        {"events.jsonl": whole}, lambda folder, parts: write_files(folder, kept | parts), read
    )


def resume_reader(scratch: Path) -> Reader:
    def run_in(folder: Path) -> Run:
        checkpoint = replace(_checkpoint(folder), path=folder)
        return Run(checkpoint, torch.optim.Adam(checkpoint.model.parameters()))

    scratch.mkdir(parents=True)
    run_in(scratch).save()

    def read(folder: Path) -> None:
        state = load_resume(folder)
        if state is not None:
            run_in(folder).restore(state)

    return Reader(files_of(scratch, "resume.pt"), write_files, read)


def evaluation_reader(scratch: Path) -> Reader:
    _evaluate(scratch)

    def read(folder: Path) -> None:
        evaluations = load_evaluations(folder)
        tables([evaluations], [])
        if evaluations:
            curves_webp(evaluations)

    return Reader(files_of(scratch, EVALUATION), write_files, read)


def scores_reader(scratch: Path) -> Reader:
    """The table, with the checksum that belongs to it."""
    _evaluate(scratch)
    table = lzma.decompress((scratch / EVALUATION_CSV).read_bytes())

    def write(folder: Path, parts: dict[str, bytes]) -> None:
        _write_scores(scratch, folder, lzma.compress(parts["scores.csv"], preset=0))

    return Reader({"scores.csv": table}, write, _use_scores)


def xz_reader(scratch: Path) -> Reader:
    _evaluate(scratch)
    return Reader(
        files_of(scratch, EVALUATION_CSV),
        lambda folder, parts: _write_scores(scratch, folder, parts[EVALUATION_CSV]),
        _use_scores,
    )


def _checkpoint(folder: Path):
    data = {"source": "simulated", "train": 8, "validate": 4}
    return replace(lively_checkpoint(prior="fixed"), path=folder, data=data)


def _run(scratch: Path) -> Path:
    save_checkpoint(_checkpoint(scratch))
    (scratch / "history.csv").write_text(HISTORY)
    return scratch


def _draw(folder: Path) -> None:
    """As the page Training shows a run."""
    model = Model("x", folder, "fixed", 2, True, 0)
    run = read_run(model)
    [its_look] = looks([model]).values()
    runs_table([run], {"x": its_look})
    if run.collapsed:
        collapse_sentence(run)
    histories = [(its_look, run.lineage)]
    for name in QUANTITIES:
        for view in (View(), View(0.5, True, (1, 2))):
            curve_figure(name, histories, view).to_json()
        describe_quantity(name, histories)
    describe(histories)


def _evaluate(scratch: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [
        (FIELD.name, sequence, variant, frame, *rng.uniform(1, 30, len(METRICS) + 1))
        for sequence in ("a", "b")
        for variant in VARIANTS
        for frame in FIELD.future
    ]
    scores = pd.DataFrame(rows, columns=list(COLUMNS))
    evaluation = Evaluation(
        checkpoint="x",
        prior="fixed",
        n_past=2,
        protocol=FIELD,
        samples=3,
        data="d",
        data_checksum="c",
        source="simulated",
        split="test",
        split_size=2,
        sequences=2,
        without_positions=0,
        overall=overall(scores),
        steps=per_step(scores),
    )
    store(scratch, "0" * 64, evaluation, scores)


def _write_scores(whole: Path, folder: Path, content: bytes) -> None:
    summary = json.loads((whole / EVALUATION).read_text())
    summary["scores"] = hashlib.sha256(content).hexdigest()
    write_files(folder, {EVALUATION: json.dumps(summary).encode(), EVALUATION_CSV: content})


def _use_scores(folder: Path) -> None:
    """As the page Test set and the comparison of models do."""
    stored = load_scores(folder)
    scores = {"x": sequence_scores(stored)}
    protocols, variants, metrics = offered(scores)
    for protocol in protocols:
        for variant in variants:
            quantity = Quantity(metrics[0], protocol, variant)
            table = score_table(scores, quantity)
            if len(table.columns) == 2:
                paired_difference(table["x"], table["copy last"], quantity)
    wide = by_sequence(stored, FIELD.name, "psnr")
    if ONE_SAMPLE in wide:
        difference(wide[ONE_SAMPLE], wide[ONE_SAMPLE])
