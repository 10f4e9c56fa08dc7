"""How much memory the server holds while it is used."""

import threading
import time
from dataclasses import dataclass

import numpy as np
import psutil

MEGABYTE = 2**20
POINTS = 10  # told in the report
SAMPLES_A_POINT = 10


@dataclass(frozen=True)
class Memory:
    """seconds and megabytes (resident, with children) of each sample, the first at the start."""

    seconds: list[float]
    megabytes: list[float]

    @property
    def points(self) -> list[float]:
        """At the start and after each tenth of the time."""
        ends = np.linspace(0, self.seconds[-1], POINTS + 1)
        return [float(value) for value in np.interp(ends, self.seconds, self.megabytes)]

    @property
    def growth(self) -> float:
        """MB a minute over the second half, by a straight line through the samples."""
        half = self.seconds[-1] / 2
        late = [(s, m) for s, m in zip(self.seconds, self.megabytes, strict=True) if s >= half]
        if len(late) < 2:
            return 0.0
        seconds, megabytes = zip(*late, strict=True)
        return float(np.polyfit(seconds, megabytes, 1)[0] * 60)


def watch_memory(pid: int, end: threading.Event, seconds: float) -> Memory:
    """Of process `pid`, until `end`, which is expected after `seconds`."""
    begun, times, sizes = time.monotonic(), [], []
    while True:
        times.append(time.monotonic() - begun)
        sizes.append(_resident(pid))
        if end.wait(seconds / POINTS / SAMPLES_A_POINT):
            break
    return Memory([*times, time.monotonic() - begun], [*sizes, _resident(pid)])


def _resident(pid: int) -> float:
    server = psutil.Process(pid)
    total = 0
    for process in [server, *server.children(recursive=True)]:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:  # a child that has just ended
            continue
    return total / MEGABYTE
