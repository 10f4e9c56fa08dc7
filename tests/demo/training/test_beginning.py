"""Runs without a first epoch: whether they go on, have stopped or failed, and when curves come."""

import json
import os
import shutil

import pytest
import streamlit as st

from tests.demo.shown import said
from tests.demo.training.page import charts, names


@pytest.fixture
def new(runs):
    """The folder of a run whose state model is being fitted."""
    folder = runs / "new"
    folder.mkdir()
    (folder / "resume.pt").write_bytes(b"never read by the app")
    return folder


def watched(monkeypatch, before_a_look=lambda: None) -> list[float | None]:
    """Seconds between two looks of each part that refreshes by itself, filled by the page.

    before_a_look: what happens between the drawing of the page and each look.
    """
    seconds = []

    def fragment(draw, run_every=None):
        def look(*arguments):
            before_a_look()
            return draw(*arguments)

        seconds.append(run_every)
        return look

    monkeypatch.setattr(st, "fragment", fragment)
    return seconds


def test_its_curves_come_by_themselves_with_the_first_epoch(open_page, runs, new, monkeypatch):
    def complete_an_epoch():
        for file in ("config.json", "history.csv", "model.safetensors"):
            shutil.copy(runs / "fixed" / file, new / file)

    seconds = watched(monkeypatch, complete_an_epoch)
    page = open_page(curves=["Loss"])
    assert seconds[0], "the page does not look again by itself"
    assert "has just begun" not in said(page)
    assert "new" in names(charts(page)["loss"])


def test_one_that_was_killed_has_not_just_begun_for_ever(open_page, new, monkeypatch):
    os.utime(new / "resume.pt", (0, 0))
    seconds = watched(monkeypatch)
    words = said(open_page())
    assert "has just begun" not in words
    assert "runs/new stopped before its first epoch; the same command goes on." in words
    assert seconds == [15, None], "nothing is to be waited for"


def test_one_that_failed_says_why(open_page, new):
    events = [{"event": "begun"}, {"event": "failed", "why": "no positions <b>"}]
    (new / "events.jsonl").write_text("\n".join(map(json.dumps, events)))
    words = said(open_page())
    assert "has just begun" not in words
    assert "runs/new failed before its first epoch: no positions <b>" in words


def test_runs_that_come_and_go_are_noticed_where_nothing_is_awaited(open_page, runs, monkeypatch):
    def come():
        if not (runs / "new").exists():
            shutil.copytree(runs / "fixed", runs / "new")

    def go():
        shutil.rmtree(runs / "learned", ignore_errors=True)

    seconds = watched(monkeypatch, come)
    page = open_page(curves=["Loss"])
    assert seconds[0] == 15
    assert names(charts(page)["loss"]) == ["Fixed prior", "Learned prior", "new"]
    watched(monkeypatch, go)
    assert names(charts(open_page(curves=["Loss"]))["loss"]) == ["Fixed prior", "new"]


def test_one_that_is_taken_up_again_is_noticed(open_page, new, monkeypatch):
    os.utime(new / "resume.pt", (0, 0))
    seconds = watched(monkeypatch, lambda: os.utime(new / "resume.pt"))
    assert "has just begun" in said(open_page())
    assert seconds[0] == 15
