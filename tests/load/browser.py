"""What one person waits for in a real browser: until pictures are drawn, not until data arrive."""

import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from cvae.errors import InputError
from tests.demo.server import FLAGS, find_chromium, running_app

FRAME = 5  # a predicted one: the page opens on it and stands still
PATIENCE = 120_000  # ms
DRAWN = """() => {
  const panes = [...document.querySelectorAll('*')].map(one => one.shadowRoot).filter(Boolean)
    .concat([document]).flatMap(root => [...root.querySelectorAll('.player canvas')]);
  const data = panes.map(pane => pane.toDataURL());
  const blank = panes.map(pane => {
    const empty = document.createElement('canvas');
    [empty.width, empty.height] = [pane.width, pane.height];
    return empty.toDataURL();
  });
  return data.length > 2 && data[1] !== blank[1] && data[2] !== blank[2] ? data : null;
}"""
CHANGED = f"before => {{ const now = ({DRAWN})(); return now && now[1] !== before[1] }}"


@dataclass(frozen=True)
class Seen:
    """Seconds that each took, by what was done."""

    seconds: dict[str, list[float]]


def look(arguments: list[str], address: str, cold_starts: int, changes: int) -> Seen:
    """What a visitor of the running app at `address` waits for.

    Besides, `cold_starts` other servers are started with `arguments`, and their page is opened
    as soon as they answer. Raises InputError if there is no Chromium.
    """
    chromium = find_chromium()
    if chromium is None:
        raise InputError("No Chromium found: install the system's chromium package.")
    seconds: dict[str, list[float]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for _ in range(cold_starts):
            with TemporaryDirectory() as folder, running_app(arguments, Path(folder)) as fresh:
                _note(seconds, "first picture, server just started", _open(browser, fresh.address))
        for number in range(changes):
            page = _visit(browser)
            took = _first_picture(page, address)
            _note(seconds, "first picture, server in use", took)
            if number == changes - 1:
                break
            page.context.close()
        for _ in range(changes):
            _note(seconds, "New sample", _until_changed(page, "New sample"))
            _note(seconds, "next sequence", _until_changed(page, "Next"))
        browser.close()
    return Seen(seconds)


def _note(seconds: dict[str, list[float]], what: str, took: float) -> None:
    seconds.setdefault(what, []).append(took)


def _visit(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    return context.new_page()


def _open(browser: Browser, address: str) -> float:
    page = _visit(browser)
    took = _first_picture(page, address)
    page.context.close()
    return took


def _first_picture(page: Page, address: str) -> float:
    begun = time.monotonic()
    page.goto(f"{address}/?frame={FRAME}", wait_until="commit")
    page.wait_for_function(DRAWN, polling=50)
    return time.monotonic() - begun


def _until_changed(page: Page, button: str) -> float:
    """Press `button`, and wait until the first model's pane shows something else."""
    page.wait_for_timeout(1000)  # the rest of the page is drawn
    before = page.evaluate(DRAWN)
    begun = time.monotonic()
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_function(CHANGED, arg=before, polling=50)
    return time.monotonic() - begun
