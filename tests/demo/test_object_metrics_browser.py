"""Tip and PSNR of moved toys in a real browser, of a sequence in which some frames have neither."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cvae.data.sequence import ARM, BACKGROUND, Sequence
from cvae.data.store import StoreWriter
from tests.demo.server import running_app
from tests.tiny_data import tiny_sequence

HIDDEN = range(5, 8)  # frames without an arm
STILL = range(6)  # frames in which no toy has moved yet

pytestmark = pytest.mark.browser


def with_gaps() -> Sequence:
    sequence = tiny_sequence("gaps", 2000)
    masks, toys = sequence.masks.copy(), sequence.toys.copy()
    hidden = masks[HIDDEN.start : HIDDEN.stop]
    hidden[hidden == ARM] = BACKGROUND
    toys[: STILL.stop] = toys[0]
    return replace(sequence, masks=masks, toys=toys)


@pytest.fixture(scope="module")
def address(tiny_checkpoints: Path, tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("gaps")
    names = {"test": ["gaps"]}
    writer = StoreWriter(folder / "store", names, source="simulated", labelled=frozenset({"test"}))
    writer.write("test", 0, with_gaps())
    writer.finish()
    arguments = ["--data", str(folder / "store"), "--runs", str(tiny_checkpoints)]
    with running_app(arguments, folder) as app:
        yield app.address


def test_the_tip_is_drawn_where_the_arm_is_in_view(visit):
    with visit("?frame=4&models=fixed") as seen:
        chart = seen.player.locator(".chart")
        button = seen.player.get_by_role("button", name="Tip")
        button.click()
        expect(chart).to_have_attribute("aria-label", re.compile("^Tip per predicted frame"))
        expect(seen.page).to_have_url(re.compile("metric=tip"))
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(chart.get_by_text("lower is better")).to_be_visible()
        assert chart.locator("polyline").count() == 2 * 2, "before and after, of model and copy"
        assert all(re.fullmatch(r"\d+\.\d\d px", number) for number in seen.numbers())
        seen.show_frame(HIDDEN.start)
        assert seen.numbers() == ["out of view"] * 2
        for mark in chart.locator(".now").all():
            expect(mark).to_have_attribute("visibility", "hidden")


def test_the_psnr_of_moved_toys_begins_where_one_has_moved(visit):
    with visit("?frame=5&models=fixed&metric=psnr_moved&samples=2") as seen:
        chart = seen.player.locator(".chart")
        expect(chart).to_have_attribute("aria-label", re.compile("^PSNR of moved toys"))
        assert seen.numbers()[1] == "none moved"
        seen.show_frame(STILL.stop)
        assert re.fullmatch(r"\d+\.\d\d dB · mean \d+\.\d\d dB", seen.numbers()[0])
        points = chart.locator(".band").get_attribute("points").split()
        assert len(points) == 2 * (12 - STILL.stop), "there and back"
