"""`evaluate` as a user calls it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cvae.__main__ import main
from cvae.config import RunConfig
from cvae.data.bundle import write_bundle
from cvae.data.store import Store, StoreWriter
from cvae.errors import InputError
from cvae.evaluation.card import labels, together, train_command, training_facts
from cvae.evaluation.curves import COLOURS, HEIGHT, LEGEND, WIDTH
from cvae.evaluation.panel import SCALE, SMOOTHING, UNIT, box_within
from cvae.evaluation.rows import ONE_SAMPLE
from cvae.evaluation.scores import Evaluation, load_evaluations, load_scores
from cvae.evaluation.summary import overall
from cvae.model.checkpoint import load_config
from cvae.model.history import load_lineage
from cvae.model.weights import weights_checksum
from tests.command import run_cvae
from tests.evaluation.runs import QUICK
from tests.tiny_data import tiny_sequence, tiny_store
from tests.training.runs import train_here


def test_evaluate_prints_tables_and_stores_all_numbers(checkpoints, store) -> None:
    done = run_cvae(
        "evaluate", checkpoints / "fixed", checkpoints / "learned", "--data", store, *QUICK
    )
    assert done.returncode == 0, done.stderr
    for words in ("copy the last given frame", "fixed: best of 2", "learned: posterior reference"):
        assert words in done.stdout
    for words in ("2 given frames -> 10", "one given frame -> 15", "all 4 sequences", "simulated"):
        assert words in done.stdout
    for name in ("fixed", "learned"):
        evaluations, scores = (load(checkpoints / name) for load in (load_evaluations, load_scores))
        assert list(evaluations) == ["rolled-out-states", "field"]
        card = (checkpoints / name / "README.md").read_text()
        for protocol, evaluation in evaluations.items():
            assert (evaluation.checkpoint, evaluation.split_size) == (name, 4)
            measured = evaluation.overall[ONE_SAMPLE]["psnr"]
            row = f"{name}: one sample (mean over 2) | {measured.mean:.2f} ± "
            assert f"{row}{measured.half_width:.2f} |" in done.stdout
            assert f"{row}{measured.half_width:.2f} |" in card
            again = overall(scores[scores.protocol == protocol])[ONE_SAMPLE]["psnr"]
            assert again.mean == pytest.approx(measured.mean, abs=5e-3)
        assert "python -m cvae train tiny" in card
        assert f"--data {store.name} --protocols rolled-out-states field --samples 2`" in card
        assert str(checkpoints.parent.parent) not in card + json.dumps(
            json.loads((checkpoints / name / "evaluation.json").read_text())
        )
        with Image.open(checkpoints / name / "evaluation.webp") as image:
            assert_lines_in_every_panel(image.convert("RGB"), evaluations)
        left = {file.name for file in (checkpoints / name).iterdir()}
        assert not [name for name in left if name.endswith((".new", ".partial"))]


def assert_lines_in_every_panel(image: Image.Image, evaluations: dict[str, Evaluation]) -> None:
    """In colour between the axes, which are grey: a row a protocol, a column a metric."""
    assert image.size == (SCALE * WIDTH * 2, SCALE * (LEGEND + HEIGHT * len(evaluations)))
    for row, (protocol, evaluation) in enumerate(evaluations.items()):
        assert {*evaluation.steps} == {*COLOURS}
        for column, metric in enumerate(("psnr", "ssim")):
            box = box_within((WIDTH * column * UNIT, (LEGEND + HEIGHT * row) * UNIT), WIDTH, HEIGHT)
            pixels = np.asarray(image.crop([side / SMOOTHING for side in box])).astype(int)
            assert (np.ptp(pixels, axis=-1) > 60).sum() > 100, (protocol, metric)


def test_a_model_may_be_named_by_a_link_as_well(checkpoints, store) -> None:
    (checkpoints / "latest").symlink_to("fixed")
    models = [str(checkpoints / name) for name in ("fixed", "latest")]
    options = ("--protocols", "field", "--samples", "1")
    assert main(["evaluate", *models, "--data", str(store), *options]) == 0
    assert list(load_evaluations(checkpoints / "fixed")) == ["field"]


def test_the_card_names_the_command_that_trains_it_again(tiny_checkpoints, refuses) -> None:
    config, _ = load_config(tiny_checkpoints / "learned")
    command = train_command(config, "learned", {}).split()
    assert command[3:] == [
        *("train", "tiny", "--data", "STORE", "--out", "runs/learned"),
        *("--model.prior", "learned"),
    ]
    changed = RunConfig(
        replace(config.model, compositing=False), replace(config.training, grad_clip=None)
    )
    command = train_command(changed, "learned", {}).split()
    assert {"--model.no-compositing", "--training.grad-clip"} < set(command)
    assert "--precision float32" in train_command(config, "learned", {"precision": "float32"})
    refuses(command[3:], "STORE")  # all options are understood; only the store is not there


def test_the_card_names_the_model_that_was_started_from(tiny_checkpoints, store, tmp_path) -> None:
    out, older = tmp_path / "newer", tiny_checkpoints / "learned"
    options = ("--model.prior", "learned", "--start-from", str(older), "--precision", "float32")
    assert train_here(store, out, *options) == 0
    quick = ("--protocols", "given-states", "--samples", "1")
    assert main(["evaluate", str(out), "--data", str(store), *quick]) == 0
    card = (out / "README.md").read_text()
    weights = weights_checksum(older)[:16]
    assert f"| first weights | those of learned, weights {weights} |" in card
    assert "| trained before | 2 epochs in 1 run, " in card
    assert "| budget | 2 epochs, " in card
    assert f"the folder of learned (weights {weights})" in card
    assert "--out runs/newer --start-from learned --precision float32 --model.prior" in card


def test_models_of_one_name_are_told_apart(
    checkpoints, store, tmp_path, monkeypatch, capsys
) -> None:
    shutil.copytree(checkpoints / "fixed", tmp_path / "other" / "fixed")
    shutil.copytree(checkpoints / "fixed", tmp_path / "one" / "fixed")
    monkeypatch.chdir(tmp_path)
    options = ["--data", str(store), "--limit", "1", *QUICK]
    assert main(["evaluate", "one/fixed", "other/fixed", *options]) == 0
    told = capsys.readouterr().out
    assert "| one/fixed: one sample" in told and "| other/fixed: one sample" in told
    options = ["--data", str(store), "--out", "out"]
    assert main(["predict", "one/fixed", "other/fixed", *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[2:4]] == ["one/fixed", "other/fixed"]
    assert Path("out/tiny-test-0000_one-fixed-other-fixed_seed0.png").is_file()


def test_models_of_one_name_are_told_apart_also_where_they_are_elsewhere() -> None:
    """By as little as does it: whose home they lie in is nobody's business."""
    paths = ["/home/me/runs/a/mine", "/home/me/runs/b/mine", "/home/me/runs/b/other"]
    assert labels([Path(path) for path in paths]) == ["a/mine", "b/mine", "other"]
    paths = ["/x/a/mine", "/y/a/mine", "/y/b/../a/mine"]
    assert labels([Path(path) for path in paths]) == ["x/a/mine", "y/a/mine", "y/a/mine"]


def test_many_models_have_a_name_that_no_others_have() -> None:
    names = [f"model-{number}-of-a-long-name" for number in range(20)]
    assert together(names[:2]) == "model-0-of-a-long-name-model-1-of-a-long-name"
    ten, others = together(names[:10]), together(names[10:])
    assert ten.startswith("10-models-") and others.startswith("10-models-") and ten != others


def test_the_card_tells_what_the_model_is_told(tiny_checkpoints, store, tmp_path) -> None:
    """How a condition changes is told to the predictor, whatever the prior sees."""
    out = tmp_path / "blind"
    blind = ("--model.prior", "learned", "--model.no-prior-sees-condition")
    assert train_here(store, out, *blind, "--model.condition-changes") == 0
    assert main(["evaluate", str(out), "--data", str(store), *QUICK]) == 0
    assert "compositing, told how its condition changed." in (out / "README.md").read_text()


def test_the_card_tells_how_long_teacher_forcing_was_used(tiny_checkpoints) -> None:
    config, data = load_config(tiny_checkpoints / "fixed")
    history = load_lineage(tiny_checkpoints / "fixed")
    told = []
    for start in (None, 0.5):
        changed = replace(config, training=replace(config.training, tfr_start_decay=start))
        told.append(training_facts(changed, data, history)["teacher forcing"])
    assert told == ["0 in all epochs", "1 for 50% of the epochs, then down to 0"]


def test_another_split_is_measured_where_it_is_asked_for(checkpoints, store, tmp_path) -> None:
    options = ["--data", str(store), "--split", "validate", "--limit", "1", *QUICK]
    out = tmp_path / "out"
    assert main(["evaluate", str(checkpoints / "fixed"), *options, "--out", str(out)]) == 0
    assert set(load_scores(out / "fixed")["sequence"]) == {"tiny-validate-0000"}


def test_a_quick_look_stores_nothing(checkpoints, store, tmp_path, capsys) -> None:
    model = checkpoints / "fixed"
    before = {file.name for file in model.iterdir()}
    command = ["evaluate", str(model), "--data", str(store), "--limit", "2", *QUICK]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "only the first 2 of 4 sequences" in printed
    assert "Nothing was stored" in printed
    write_bundle(Store.open(store).split("test"), 2, tmp_path / "bundle")
    bundle = ["evaluate", str(model), "--data", str(tmp_path / "bundle"), *QUICK]
    assert main(bundle) == 0
    assert "Nothing was stored" in capsys.readouterr().out
    assert {file.name for file in model.iterdir()} == before
    with pytest.raises(InputError, match="cvae evaluate"):
        load_evaluations(model)
    assert main([*bundle, "--out", str(tmp_path / "out")]) == 0
    assert load_evaluations(tmp_path / "out" / "fixed")["field"].sequences == 2
    assert {file.name for file in model.iterdir()} == before


def test_a_model_that_is_the_working_folder_is_called_by_its_name(
    checkpoints, store, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(checkpoints / "fixed")
    quick = ("--data", str(store), "--protocols", "given-states", "--samples", "1")
    assert main(["evaluate", ".", *quick]) == 0
    assert "| fixed: one sample |" in capsys.readouterr().out
    card = Path("README.md").read_text()
    assert card.startswith("# fixed\n") and "--out runs/fixed" in card
    assert main(["tables", "."]) == 0
    assert "| fixed |" in capsys.readouterr().out
    page = tmp_path / "page.html"
    assert main(["report", ".", "--data", str(store), "--out", str(page)]) == 0
    assert "--out runs/fixed" in page.read_text()
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", "checkpoints/fixed/.", *quick, "--out", "out"]) == 0
    assert load_evaluations(Path("out/fixed"))["given-states"].checkpoint == "fixed"


def test_a_link_to_the_data_keeps_its_name(checkpoints, store, tmp_path, monkeypatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sim").symlink_to(store)
    monkeypatch.chdir(tmp_path)
    command = ["evaluate", "checkpoints/fixed", "--data", "data/sim", *QUICK]
    assert main(command) == 0
    assert load_evaluations(checkpoints / "fixed")["field"].data == "data/sim"


def test_columns_that_need_masks_say_why_they_are_empty(tiny_checkpoints, tmp_path, capsys) -> None:
    bare = tiny_store(tmp_path / "bare", 1, 1, 2, labelled=False)
    model = shutil.copytree(tiny_checkpoints / "fixed", tmp_path / "fixed")
    options = ("--protocols", "given-states", "--samples", "1")
    assert main(["evaluate", str(model), "--data", str(bare), *options]) == 0
    printed = capsys.readouterr().out
    assert "psnr_moved is empty: it needs the simulator's masks" in printed
    assert "tip is empty: it needs the simulator's masks" in printed


@pytest.mark.parametrize("command", ["evaluate", "predict"])
def test_bad_models_and_data_are_refused(command, checkpoints, store, tmp_path, refuses) -> None:
    refuses((command, tmp_path / "none", "--data", store), tmp_path / "none")
    refuses((command, tmp_path, "--data", store), "config.json")
    refuses((command, "--data", store), "checkpoint")
    (tmp_path / "empty").mkdir()
    refuses((command, checkpoints / "fixed", "--data", tmp_path / "empty"), tmp_path / "empty")
    weights = checkpoints / "fixed" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    refuses((command, checkpoints / "fixed", "--data", store), weights, "damaged")


def test_a_damaged_checkpoint_ends_the_process_with_2(checkpoints, store) -> None:
    (checkpoints / "fixed" / "config.json").write_text("{")
    done = run_cvae("predict", checkpoints / "fixed", "--data", store)
    assert done.returncode == 2
    [sentence] = done.stderr.strip().splitlines()
    assert "config.json is damaged" in sentence


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--split", "tset"), ("tset", "validate")),
        (("--limit", 0), ("0 sequences",)),
        (("--samples", 0), ("0 samples",)),
        (("--protocols", "fields"), ("'fields'", "given-states")),
        (("--protocols",), ("No protocol",)),
        (("--timeout-minutes", "nan"), ("--timeout-minutes is nan", "more than 0")),
        (("--timeout-minutes", "1e9"), ("at most 10080",)),
    ],
)
def test_evaluate_refuses_what_is_not_there(checkpoints, store, refuses, options, words) -> None:
    before = {file.name for file in (checkpoints / "fixed").iterdir()}
    refuses(("evaluate", checkpoints / "fixed", "--data", store, *options), *words)
    assert {file.name for file in (checkpoints / "fixed").iterdir()} == before


def test_a_horizon_longer_than_the_sequences_is_refused(checkpoints, tmp_path, refuses) -> None:
    names = {"test": ["short-0", "short-1"]}
    writer = StoreWriter(tmp_path / "short", names, source="simulated", length=16)
    for index, name in enumerate(names["test"]):
        writer.write("test", index, tiny_sequence(name, index, labelled=False, length=16))
    writer.finish()
    model = checkpoints / "fixed"
    before = {file.name for file in model.iterdir()}
    refuses(("evaluate", model, "--data", tmp_path / "short"), "16 frames", "horizon", "needs 30")
    assert {file.name for file in model.iterdir()} == before
