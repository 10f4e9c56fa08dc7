"""A bundled model finds the commands, in a real browser, and the simulator carries them out."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from cvae.bundled import CHECKPOINTS, SEQUENCES
from cvae.data.bundle import open_test_sequences
from cvae.simulation.policy import FollowConfig, follow
from demo.commands import Told, read
from demo.foresight import LOOK_AGAIN, TITLE
from demo.gallery import first_sequence
from tests.demo.server import running_app
from tests.demo.visit import PATIENCE, Visit

pytestmark = [pytest.mark.browser, pytest.mark.simulator]


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    arguments = ["--data", str(SEQUENCES), "--runs", str(CHECKPOINTS)]
    with running_app(arguments, tmp_path_factory.mktemp("foresight")) as app:
        yield app.address


def search_for(frame: int, seen: Visit) -> Locator:
    """The open dialog, with that frame as the goal in place of the eleventh."""
    seen.page.get_by_role("button", name=TITLE).click()
    dialog = seen.page.get_by_role("dialog")
    goal = dialog.get_by_role("slider")
    expect(goal).to_have_value("11", timeout=PATIENCE)
    for _ in range(11 - frame):
        goal.press("ArrowLeft")
    expect(goal).to_have_value(str(frame), timeout=PATIENCE)
    return dialog


def test_a_goal_is_set_and_the_way_to_it_is_ridden_by_all_models(visit_page):
    with visit_page("steer?told=0_500_0_0x4") as seen:
        wheel = seen.page.locator(".wheel")
        expect(wheel).to_have_attribute("data-frames", "7", timeout=PATIENCE)
        dialog = search_for(8, seen)
        dialog.get_by_role("radio", name="Learned prior").click()
        dialog.get_by_role("button", name="Find the commands").click()
        expect(wheel).to_have_attribute("data-frames", "9", timeout=PATIENCE)
        expect(dialog).to_have_count(0, timeout=PATIENCE)
        expect(wheel.locator("canvas")).to_have_count(3)
        [told] = parse_qs(urlparse(seen.page.url).query)["told"]
        assert len(read(told)) == 6 and centimetres_off(read(told), 8) < 4
        # How near it came is said and shown.
        said = seen.page.get_by_text("Carried out by the simulator, these commands bring the arm")
        expect(said).to_contain_text(re.compile(r"to [0-3]\.\d cm from"), timeout=PATIENCE)
        for caption in ("The goal: frame 8", "Learned prior imagines", "The simulator"):
            expect(seen.page.get_by_text(caption, exact=True)).to_be_visible()
        # The way may be gone on from, and taken back, like any other.
        wheel.locator(".undo").click()
        expect(wheel).to_have_attribute("data-frames", "7", timeout=PATIENCE)
        expect(said).to_have_count(0, timeout=PATIENCE)


def test_the_model_may_look_again_after_each_command(visit_page):
    with visit_page("steer?steered=learned") as seen:
        wheel = seen.page.locator(".wheel")
        expect(wheel).to_have_attribute("data-frames", "3", timeout=PATIENCE)
        dialog = search_for(6, seen)
        dialog.get_by_text(LOOK_AGAIN).click()
        expect(dialog.get_by_role("switch", name=LOOK_AGAIN)).to_be_checked()
        dialog.get_by_role("button", name="Find the commands").click()
        expect(wheel).to_have_attribute("data-frames", "7", timeout=PATIENCE)
        expect(dialog).to_have_count(0, timeout=PATIENCE)
        [told] = parse_qs(urlparse(seen.page.url).query)["told"]
        assert len(read(told)) == 4 and centimetres_off(read(told), 6) < 4


def centimetres_off(commands: Told, frame: int) -> float:
    """By how much the arm would miss where it was in that frame of the page's sequence."""
    bundle = open_test_sequences(SEQUENCES)
    sequence = bundle.by_name(first_sequence(bundle))
    actions = np.zeros((frame + 1, 4), np.float32)
    actions[:2] = sequence.actions[:2]
    actions[2:frame] = [command.action for command in commands]
    there = follow(sequence.positions[0], actions, FollowConfig()).positions[frame]
    return 100 * float(np.linalg.norm(there - sequence.positions[frame]))
