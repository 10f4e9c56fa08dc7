"""What happens to a run, for machines: one JSON object a line."""

import json
import math
from datetime import UTC, datetime
from pathlib import Path

from cvae.disk import drop_cut_off_line, told_when_the_disk_refuses

EVENTS = "events.jsonl"


class EventLog:
    """Appends to `events.jsonl` of a run; every line is there when `write` returns.

    It tells what happened: epochs that a kill lost and that are trained again are told again,
    after the line "resumed" that says from where.
    """

    def __init__(self, out: Path) -> None:
        self.file = out / EVENTS
        with told_when_the_disk_refuses(self.file):
            self._stream = self.file.open("ab")
            drop_cut_off_line(self.file)

    def write(self, event: str, **facts: object) -> None:
        """Append one event; numbers that are not finite become null."""
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        told: dict[str, object] = {"time": time, "event": event}
        told |= {name: None if _endless(value) else value for name, value in facts.items()}
        with told_when_the_disk_refuses(self.file):
            self._stream.write(json.dumps(told).encode() + b"\n")
            self._stream.flush()

    def close(self) -> None:
        with told_when_the_disk_refuses(self.file):
            self._stream.close()


def _endless(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
