"""Ctrl-C, and a batch system's SIGTERM: the run stops where its state can be saved."""

import os
import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def leads() -> bool:
    """Whether this process speaks for those that `torchrun` started; known before they talk."""
    return os.environ.get("RANK", "0") == "0"


class Interrupted(Exception):
    """The user or the system wants the run to stop; raised where its state is consistent."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(f"signal {signal_number}")
        self.signal_number = signal_number

    @property
    def exit_code(self) -> int:
        """As shells have it: 130 after Ctrl-C, 143 after SIGTERM."""
        return 128 + self.signal_number


class StopSignals:
    """While entered, SIGINT and SIGTERM are only noted: `requested` is 0, or the signal's number.

    A signal may come in the middle of an update of the weights; `check` is called between two.
    """

    requested = 0

    def __enter__(self) -> "StopSignals":
        self._before = {number: signal.signal(number, self._note) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def check(self) -> None:
        """Raise Interrupted if a signal has come."""
        if self.requested:
            raise Interrupted(self.requested)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if not self.requested and leads():
            # Not print: the signal may have come in the middle of one.
            os.write(2, b"\nStopping after this batch.\n")
        self.requested = self.requested or number
