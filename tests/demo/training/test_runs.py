"""What the page says of each run: collapsed, in training, stopped, failed, begun or damaged."""

import json
import os

import pytest

from cvae.disk import sole_owner
from demo import loading
from demo.training_runs import collapse_sentence, noise_of, read_run
from tests.demo.shown import said
from tests.demo.training.page import charts, html, names, points
from tests.demo.training.written import change_config, history, write_history


def test_a_collapsed_run_explains_itself(open_page, runs):
    write_history(
        runs / "fixed", kl=[1.0] * 4 + [3e-4] * 6, active_dims=[2] * 4 + [0] * 6, beta=1.0
    )
    text = said(open_page())
    assert "fixed" in text and "the posterior died" in text
    assert "Since epoch 5" in text and "√(6144 β) = 78" in text
    assert "learned**: the posterior" not in text


def test_a_run_collapsed_from_the_start_without_a_weight_is_not_blamed_on_it(open_page, runs):
    write_history(runs / "fixed", kl=0.0, active_dims=0, beta=0.0)
    model = loading.find_models(runs)[0][0]
    sentence = collapse_sentence(read_run(model))
    assert "Since epoch 1 " in sentence and "weight is zero" in sentence
    assert noise_of(1e-4) == pytest.approx(0.784, abs=1e-3)


def test_a_run_in_training_is_watched_until_it_ends(open_page, runs):
    change_config(runs / "fixed", epochs=12)
    (runs / "fixed" / "resume.pt").write_bytes(b"never read by the app")
    page = open_page(curves=["Loss"])
    assert "10 of 12" in html(page) and "being trained, 2 min left" in html(page)
    write_history(runs / "fixed", epochs=11)
    page.run()
    assert "11 of 12" in html(page)
    assert points(charts(page)["loss"]["data"][0]) == 11
    write_history(runs / "fixed", epochs=12)
    (runs / "fixed" / "resume.pt").unlink()
    page.run()
    assert "being trained" not in html(page)


def test_a_run_that_is_silent_has_stopped_and_one_that_failed_says_why(open_page, runs):
    for name in ("fixed", "learned"):
        resume = runs / name / "resume.pt"
        resume.write_bytes(b"")
        os.utime(resume, (0, 0))
    events = [{"event": "begun"}, {"event": "failed", "why": "10 batches in a row <b>"}]
    (runs / "learned" / "events.jsonl").write_text("\n".join(map(json.dumps, events)))
    page = open_page()
    assert "stopped; the same command goes on" in html(page)
    assert "10 batches in a row <b>" in said(page)


def test_a_run_whose_process_still_works_is_in_training_however_long_it_is_silent(open_page, runs):
    resume = runs / "fixed" / "resume.pt"
    resume.write_bytes(b"")
    os.utime(resume, (0, 0))
    with sole_owner(runs / "fixed"):
        assert "being trained" in html(open_page())
    assert "stopped; the same command goes on" in html(open_page())


def test_runs_that_have_just_begun(open_page, runs):
    (runs / "fixed" / "resume.pt").write_bytes(b"")
    (runs / "fixed" / "history.csv").unlink()
    (runs / "new").mkdir()
    (runs / "new" / "resume.pt").write_bytes(b"")
    page = open_page()
    assert "has just begun" in said(page) and "runs/new" in said(page)
    assert names(charts(page)["loss"]) == ["Learned prior"]
    assert "0 of 2" in html(page)


@pytest.mark.parametrize("content", [None, "", "kl\n1", "epoch,kl\n1,high"])
def test_a_damaged_history_leaves_the_other_run(open_page, runs, content):
    file = runs / "fixed" / "history.csv"
    file.unlink()
    if content is not None:
        file.write_text(content)
    page = open_page()
    assert "fixed/history.csv" in said(page)
    assert names(charts(page)["loss"]) == ["Learned prior"]


def test_columns_that_an_older_history_lacks_are_left_out(open_page, runs):
    write_history(runs / "learned")
    history()[["epoch", "kl"]].to_csv(runs / "fixed" / "history.csv", index=False)
    shown = charts(open_page())
    assert names(shown["kl"])[-2:] == ["Fixed prior", "Learned prior"]


def test_no_models_at_all(open_page, tmp_path):
    page = open_page(tmp_path / "nowhere")
    assert "python -m cvae train" in said(page)
