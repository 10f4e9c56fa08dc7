"""The tables below the curves: the report's beside ours."""

import json
import shutil

from cvae.evaluation.protocol import GIVEN_STATES
from tests.demo.shown import said
from tests.demo.training.written import change_config
from tests.demo.written_scores import write_means, write_scores


def test_reports_tables_beside_ours(open_page, runs, tiny_checkpoints):
    write_means(runs / "fixed", 20.44)
    shutil.copytree(runs / "fixed", runs / "again")
    change_config(runs / "again", kl_cycles=2)
    write_means(runs / "again", 19.5)
    schedules, priors = (text.value for text in open_page().markdown if "BAIR |" in text.value)
    assert "| **Cyclical** | 25.468 dB | 19.50 ± 0.33 dB" in schedules and "again" in schedules
    assert "| **Monotonic** | 26.375 dB | 20.44 ± 0.33 dB" in schedules
    assert "| **Learned** | 25.953 dB | none is stored" in priors
    assert "| **Fixed** | 26.375 dB | 20.44 ± 0.33 dB" in priors
    assert "again" not in priors


def test_below_a_table_stands_how_our_models_differ_sequence_by_sequence(open_page, runs):
    shutil.copytree(runs / "fixed", runs / "again")
    change_config(runs / "again", kl_cycles=2, epochs=7)
    write_scores(runs / "fixed", GIVEN_STATES, {"one": 20.0, "two": 22.0}, copied=10.0)
    write_scores(runs / "again", GIVEN_STATES, {"one": 19.0, "two": 20.0}, copied=10.0)
    words = said(open_page())
    assert "again less fixed, sequence by sequence: one sample -1.500 ± 0.980 (worse)" in words
    assert "They differ in more than that: training.epochs 2 -> 7" in words
    (runs / "again" / "evaluation.csv.xz").write_bytes(b"")
    assert "again less fixed" not in said(open_page())


def test_a_model_that_is_told_no_actions_stands_in_no_table(open_page, runs):
    write_means(runs / "fixed", 20.44)
    config = json.loads((runs / "fixed" / "config.json").read_text())
    config["model"]["conditioned"] = False
    (runs / "fixed" / "config.json").write_text(json.dumps(config))
    assert "20.44" not in said(open_page())


def test_a_damaged_evaluation_is_said_and_the_table_stays(open_page, runs):
    (runs / "fixed" / "evaluation.json").write_text("{}")
    page = open_page()
    assert "fixed/evaluation.json is damaged" in said(page) and "26.375 dB" in said(page)
