"""Curves and pictures for TensorBoard, which shows them but is not needed to write them.

tensorboardX brings the file format without TensorBoard's server. Its SummaryWriter writes from
a thread of its own, which a full disk would end unnoticed: so its parts are used directly.
"""

import os
import time
from pathlib import Path

import numpy as np
from PIL import Image
from tensorboardX import summary
from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.proto.summary_pb2 import Summary

from cvae.disk import told_when_the_disk_refuses

FOLDER = "tensorboard"


class Board:
    """A file of events beside those of earlier processes of the run; steps are epochs."""

    def __init__(self, out: Path, epoch: int) -> None:
        """Epochs after the first `epoch` will be written anew: older ones are void."""
        self.folder = out / FOLDER
        with told_when_the_disk_refuses(self.folder):
            self.folder.mkdir(exist_ok=True)
            self._writer = EventsWriter(str(self.folder / "events"), f".{os.getpid()}")
            start = SessionLog(status=SessionLog.START)
            self._writer.write_event(Event(step=epoch + 1, session_log=start))

    def write(self, epoch: int, scalars: dict[str, float], strip: Image.Image) -> None:
        """One epoch, counted from 1; it is on the disk when this returns."""
        parts = [summary.scalar(name, value) for name, value in scalars.items()]
        parts.append(summary.image("predictions", np.asarray(strip), dataformats="HWC"))
        joined = Summary(value=[value for part in parts for value in part.value])
        with told_when_the_disk_refuses(self.folder):
            self._writer.write_event(Event(step=epoch, wall_time=time.time(), summary=joined))
            self._writer.flush()
