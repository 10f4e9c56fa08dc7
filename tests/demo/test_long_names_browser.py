"""Models with names of ninety letters on a phone: the page is no wider for them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.demo.server import running_app
from tests.demo.visit import PATIENCE

PHONE = {"width": 390, "height": 844}
NAMES = ["fixed" + "m" * 85, "learned" + "w" * 83]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(store: Path, tiny_checkpoints: Path, tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("long")
    for name, kind in zip(NAMES, ("fixed", "learned"), strict=True):
        shutil.copytree(tiny_checkpoints / kind, folder / "models" / name)
    with running_app(["--data", str(store), "--runs", str(folder / "models")], folder) as app:
        yield app.address


def named(key: str) -> str:
    return "&".join(f"{key}={name}" for name in NAMES)


@pytest.mark.parametrize("width", [390, 900])
def test_the_player_is_no_wider_for_long_names(visit, width):
    with visit(f"?{named('models')}&samples=2&frame=11", width=width, height=844) as seen:
        expect(seen.player.locator(".sample")).to_have_count(2)
        picture = seen.player.locator(".picture").nth(1)
        picture.click()
        expect(seen.player.locator(".pixel b")).to_have_count(3)
        seen.wait_until_it_fits(width)
        right = seen.player.evaluate("player => player.getBoundingClientRect().right")
        beyond = seen.player.locator("*:not(svg *)").evaluate_all(
            """(all, right) => all.filter(
                one => one.getBoundingClientRect().right > right + 1).map(one => one.outerHTML)""",
            right,
        )
        assert beyond == []


@pytest.mark.parametrize("width", [390, 1440])
def test_all_models_that_are_chosen_are_seen_in_their_field(visit, width):
    with visit(f"?{named('models')}", width=width, height=844) as seen:
        field = seen.page.get_by_test_id("stMultiSelect")
        frame = field.get_by_role("group").first.bounding_box()
        chosen = [one.bounding_box() for one in field.locator("[data-tag]").all()]
        assert len(chosen) == 2
        for box in chosen:
            assert box["x"] >= frame["x"] and box["y"] >= frame["y"]
            assert box["x"] + box["width"] <= frame["x"] + frame["width"]
            assert box["y"] + box["height"] <= frame["y"] + frame["height"]


def test_the_wheel_is_no_wider_for_long_names(visit_page):
    with visit_page(f"steer?{named('steered')}", **PHONE) as seen:
        wheel = seen.page.locator(".wheel")
        expect(wheel).to_have_attribute("data-frames", "3", timeout=PATIENCE)
        expect(wheel.locator("figure")).to_have_count(3)
        seen.wait_until_it_fits(PHONE["width"])
        right = wheel.evaluate("wheel => wheel.getBoundingClientRect().right")
        assert all(
            box["x"] + box["width"] <= right + 1
            for box in (one.bounding_box() for one in wheel.locator("figure, figcaption").all())
        )
