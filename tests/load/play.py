"""Many users at once, the server's memory meanwhile, and one real browser among them."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cvae.benchmarks.machine import describe_machine
from cvae.errors import InputError
from demo.settings import BUNDLED_MODELS, BUNDLED_SEQUENCES
from tests.demo.server import running_app
from tests.load.answers import Answer, Truth
from tests.load.memory import Memory, watch_memory
from tests.load.report import tell_answers, tell_browser, tell_memory
from tests.load.user import Player

MOST_USERS = 100
LONGEST = 3600  # seconds


@dataclass(frozen=True)
class Load:
    """Play users of the app, check every answer, and print latencies and memory.

    The app is started as a process of its own, on the loopback address. Each user is a session
    over a real WebSocket that opens the page and then, again and again, changes the seed, the
    sequence or the models. What they ask for is determined by --seed; every answer is compared
    with the one that is computed here, after they have left.

    Ends with code 1 if an answer was wrong or a session failed.

    Example: python -m tests.load --users 20 --seconds 120
    """

    users: int = 20
    """At once; 0 for the browser alone."""
    seconds: float = 120
    """How long they go on."""
    pause: float = 2
    """Seconds that a user looks at a picture, on average."""
    patience: float = 60
    """Seconds without an answer after which a session counts as failed."""
    browser: bool = False
    """Open the page in a real Chromium, too, and measure until pictures are drawn."""
    cold_starts: int = 3
    """With --browser: servers that are started anew, for the time to their first picture."""
    changes: int = 8
    """With --browser: new samples, and new sequences, that are waited for."""
    data: Path = BUNDLED_SEQUENCES
    """As the app's --data."""
    runs: Path = BUNDLED_MODELS
    """As the app's --runs."""
    seed: int = 0
    """Of all that users ask for."""

    def __post_init__(self) -> None:
        if not 0 <= self.users <= MOST_USERS:
            raise InputError(f"--users is {self.users}: give a number from 0 to {MOST_USERS}.")
        if not 0 < self.seconds <= LONGEST:
            raise InputError(f"--seconds is {self.seconds:g}: give more than 0, {LONGEST} at most.")
        if not self.users and not self.browser:
            raise InputError("Nobody plays: give --users 20, or --browser, or both.")


@dataclass(frozen=True)
class Played:
    """report: in Markdown. good: whether no answer was wrong and no session failed."""

    report: str
    good: bool


def play(load: Load) -> Played:
    """Start the app and play; InputError if the data, the models or the browser are missing."""
    machine = describe_machine()
    truth = Truth(load.data, load.runs)
    arguments = ["--data", str(load.data.resolve()), "--runs", str(load.runs.resolve())]
    with (
        TemporaryDirectory(prefix="cvae-load-") as folder,
        running_app(arguments, Path(folder)) as app,
    ):
        crowd = Crowd(load, truth, app.address, app.process.pid)
        with crowd:
            seen = _look(load, arguments, app.address) if load.browser else ""
        tracebacks = app.log.read_text().count("Traceback (most recent call last)")
    answers, failures = crowd.answers, crowd.failures
    if tracebacks:
        failures = [*failures, f"the server's log holds {tracebacks} tracebacks"]
    parts = [machine]
    wrong = truth.wrong(answers)
    if load.users:
        parts += [
            f"{load.users} users for {load.seconds:g} s, each looking at a picture for "
            f"{load.pause:g} s on average:",
            tell_answers(answers, len(wrong), failures),
            tell_memory(crowd.memory),
        ]
    parts += [seen] if seen else []
    return Played("\n\n".join(parts), not wrong and not failures)


def _look(load: Load, arguments: list[str], address: str) -> str:
    from tests.load.browser import look  # Playwright is for tests only

    return tell_browser(look(arguments, address, load.cold_starts, load.changes).seconds)


class Crowd:
    """The users, while its block lasts and at least for the seconds that were asked for."""

    memory: Memory

    def __init__(self, load: Load, truth: Truth, address: str, pid: int) -> None:
        self._load, self._pid = load, pid
        self._players = [
            Player(address, truth, load.seed, number, load.pause, load.patience)
            for number in range(load.users)
        ]
        self._end = threading.Event()
        self._pool = ThreadPoolExecutor(load.users + 1)

    @property
    def answers(self) -> list[Answer]:
        return [answer for player in self._players for answer in player.answers]

    @property
    def failures(self) -> list[str]:
        return [failure for player in self._players for failure in player.failures]

    def __enter__(self) -> None:
        self._begun = time.monotonic()
        self._watched = self._pool.submit(watch_memory, self._pid, self._end, self._load.seconds)
        self._played = [self._pool.submit(player.play, self._end) for player in self._players]

    def __exit__(self, failed: type | None, *_: object) -> None:
        if failed is None and self._players:
            time.sleep(max(0.0, self._begun + self._load.seconds - time.monotonic()))
        self._end.set()
        self._pool.shutdown()
        self.memory = self._watched.result()
        for played in self._played:
            played.result()
