"""A page of the app as one visitor sees it in a real browser."""

import re
import time
from contextlib import suppress
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Request,
    TimeoutError,
    WebSocket,
    expect,
)

PATIENCE = 240_000  # ms; a loaded machine takes minutes to import PyTorch and draw the page

# Streamlit looks for its server under the address of a page first, and is told: not here.
PROBED = re.compile(r"/\w+/_stcore/(health|host-config)$")

PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 22, 28)"}  # of demo/.streamlit/config.toml

expect.set_options(timeout=90_000)


class Visit:
    """One open page, which ends without complaints of the browser, and asks nobody but the app.

    messages: what went to the server; widgets talk over a web socket. owed: whether it has sent
    nothing since the last one.
    """

    def __init__(self, context: BrowserContext, address: str, path: str = "") -> None:
        self.complaints: list[str] = []
        self.host = urlparse(address).netloc
        self.messages: list[str | bytes] = []
        self.owed = False
        self.page = context.new_page()
        self.page.on("console", self._listen)
        self.page.on("request", self._follow)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("websocket", self._overhear)
        self.page.goto(f"{address}/{path}")

    def _follow(self, request: Request) -> None:
        asked = urlparse(request.url)
        if asked.netloc not in ("", self.host):  # data: and blob: have no host
            self.complaints.append(f"{asked.netloc} was asked for {request.url}")

    def _overhear(self, socket: WebSocket) -> None:
        socket.on("framesent", self._send)
        socket.on("framereceived", self._receive)

    def _send(self, message: str | bytes) -> None:
        self.messages.append(message)
        self.owed = True

    def _receive(self, _message: str | bytes) -> None:
        self.owed = False

    def _listen(self, message: ConsoleMessage) -> None:
        url = message.location["url"]
        if message.type == "error" and not PROBED.search(url):
            self.complaints.append(f"{message.text} ({url})")

    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlparse(self.page.url).query)

    def wait_until_idle(self) -> None:
        """Until the server has had nothing to do for a second, nor owes an answer."""
        self._wait_for_a_quiet_second()
        for _ in range(30):  # not every message has an answer
            if not self.owed:
                break
            self._wait_for_a_quiet_second()

    def _wait_for_a_quiet_second(self) -> None:
        self.page.evaluate("delete window.idleSince")
        self.page.wait_for_function(
            """() => {
                const idle = document.querySelector("[data-test-script-state=notRunning]");
                window.idleSince = idle ? (window.idleSince ?? performance.now()) : undefined;
                return idle && performance.now() - window.idleSince > 1000;
            }""",
            timeout=PATIENCE,
        )

    def choose(self, field: Locator, option: str | int) -> None:
        """Take the option of that name or place from the list that opens below `field`."""
        options = self.page.get_by_role("option")
        named = isinstance(option, str)
        offered = options.filter(has_text=option).first if named else options.nth(option)
        for _ in range(20):  # what the page still draws closes a list
            with suppress(TimeoutError):
                if field.get_attribute("aria-expanded") != "true":
                    field.click(timeout=10_000)
                return offered.click(timeout=10_000)
        raise AssertionError(f"option {option} could not be taken")

    def wait_until_it_fits(self, width: int) -> None:
        """Until nothing reaches beyond `width` pixels, and nobody has to scroll sideways."""
        self.page.wait_for_function(
            """width => ["html", "[data-testid=stMain]"].every(
                inside => document.querySelector(inside).scrollWidth <= width)""",
            arg=width,
        )

    def turn(self, scheme: str) -> None:
        """Have the system "light" or "dark", and wait until the page is."""
        self.page.emulate_media(color_scheme=scheme)
        app = self.page.get_by_test_id("stApp")
        expect(app).to_have_css("background-color", PAPER[scheme])

    def __enter__(self):
        return self

    def __exit__(self, failed, *_) -> None:
        self.page.close()
        assert failed or not self.complaints, self.complaints


class CompareVisit(Visit):
    """A visit to Compare, with what a person would look at in its player."""

    def __init__(self, context: BrowserContext, address: str, query: str = "") -> None:
        super().__init__(context, address, query)
        expect(self.player).to_have_attribute("data-sequence", re.compile("."), timeout=PATIENCE)
        # Charts and tables come after the player.
        expect(self.page.get_by_text("Training: KL")).to_be_visible(timeout=PATIENCE)

    @property
    def player(self) -> Locator:
        return self.page.locator(".player")

    def pictures(self) -> list[str]:
        """What each pane shows, then each sample of the grid, as data URLs."""
        return self.player.locator("canvas").evaluate_all("all => all.map(c => c.toDataURL())")

    def spread(self) -> list[float]:
        """Largest minus smallest brightness within each pane; 0 for a blank one."""
        return self.player.locator("canvas").evaluate_all(
            """all => all.map(canvas => {
                const { width, height } = canvas;
                const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
                const bright = data.filter((_, i) => i % 4 === 1);
                return bright.reduce((a, b) => Math.max(a, b)) -
                    bright.reduce((a, b) => Math.min(a, b));
            })"""
        )

    def numbers(self) -> list[str]:
        return self.player.locator(".legend b").all_inner_texts()

    def panes(self) -> list[str]:
        """Names of the panes but the last, whose content is chosen."""
        return self.player.locator(
            "figure:not(.extra) figcaption span:first-child"
        ).all_inner_texts()

    def borders(self) -> list[str]:
        """How the line round each pane is drawn."""
        return self.player.locator(".frame").evaluate_all(
            "all => all.map(frame => getComputedStyle(frame).borderTopStyle)"
        )

    def cursors(self) -> list[float]:
        """Where the cursors of the chart and of the actions stand, in pixels from the left."""
        return self.player.locator(".cursor").evaluate_all(
            "all => all.map(line => Number(line.getAttribute('x1')))"
        )

    def said(self) -> list[str]:
        return self.player.locator(".said").all_inner_texts()

    def frame(self) -> int:
        return int(self.player.get_attribute("data-frame"))

    def show_frame(self, frame: int) -> None:
        self.player.focus()
        self.page.keyboard.press("Home")
        for _ in range(frame):
            self.page.keyboard.press("ArrowRight")
        expect(self.player).to_have_attribute("data-frame", str(frame))

    def wait_for_panes(self, *pictures: str, first: int = 0) -> None:
        """Until the panes from number `first` on show `pictures`."""
        deadline = time.monotonic() + PATIENCE / 1000
        while tuple(self.pictures()[first : first + len(pictures)]) != pictures:
            assert time.monotonic() < deadline, "the panes never showed it"
            self.page.wait_for_timeout(50)

    def wait_for_other(self, pictures: list[str]) -> None:
        deadline = time.monotonic() + PATIENCE / 1000
        while self.pictures() == pictures:
            assert time.monotonic() < deadline, "the panes never changed"
            self.page.wait_for_timeout(100)
