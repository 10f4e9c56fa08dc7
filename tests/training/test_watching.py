"""What a run shows: events, TensorBoard files, the bar on a terminal."""

import io
import json
import os
import pty
import re
import struct
import termios
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image
from tensorboardX.proto.event_pb2 import Event

from cvae.model.history import load_history
from tests.processes import started
from tests.training.runs import command, events


@pytest.fixture(scope="module")
def seen(store, tmp_path_factory) -> tuple[Path, str]:
    """A run's folder, and what it wrote on its terminal."""
    out = tmp_path_factory.mktemp("runs") / "seen"
    terminal, its_end = pty.openpty()
    termios.tcsetwinsize(its_end, (24, 160))
    text = b""
    with started(command(store, out), stdout=its_end, stderr=its_end) as process:
        os.close(its_end)
        # An OSError is how Linux tells that the other end is closed.
        with suppress(OSError):
            while piece := os.read(terminal, 4096):
                text += piece
        assert process.wait() == 0, text.decode()
    return out, text.decode()


def test_events_tell_the_run_in_order(seen) -> None:
    out, _ = seen
    told = events(out)
    assert [e["event"] for e in told] == ["begun", "saved", "epoch", "epoch", "finished"]
    times = [datetime.fromisoformat(e["time"]) for e in told]
    assert times == sorted(times)
    history = load_history(out)
    for event, row in zip(told[2:4], json.loads(history.to_json(orient="records")), strict=True):
        assert event["epoch"] == row["epoch"]
        assert event["validation_psnr"] == pytest.approx(row["validation_psnr"])


def test_the_bar_shows_speed_and_quality(seen) -> None:
    _, text = seen
    bars = [line for line in re.split("[\r\n]", text) if "%|" in line]
    assert re.search(r"16/16 .*\d(seq/s|s/seq)", bars[-1])
    assert re.search(r"loss \d.*KL \d.* nats/frame, active \d", bars[-1])
    assert re.search(r"epoch 2/2 .*validation \d+\.\d\d dB", text), "a line an epoch stays"


def test_tensorboard_has_curves_and_a_strip_an_epoch(seen) -> None:
    out, _ = seen
    history = load_history(out)
    (file,) = (out / "tensorboard").iterdir()
    by_step = {e.step: e.summary.value for e in read_records(file) if e.HasField("summary")}
    assert sorted(by_step) == [1, 2]
    for step, values in by_step.items():
        scalars = {v.tag: v.simple_value for v in values if v.HasField("simple_value")}
        row = history.set_index("epoch").loc[step]
        for column in ("train_loss", "kl", "active_dims", "validation_psnr"):
            assert scalars[column] == pytest.approx(row[column])
        (strip,) = [v.image for v in values if v.HasField("image")]
        picture = Image.open(io.BytesIO(strip.encoded_image_string))
        assert picture.width > 6 * 64 and picture.height > 2 * 64


def read_records(file: Path) -> list[Event]:
    """TensorBoard's format: length, its checksum, the event, its checksum."""
    content, place, found = file.read_bytes(), 0, []
    while place < len(content):
        (length,) = struct.unpack_from("<Q", content, place)
        found.append(Event.FromString(content[place + 12 : place + 12 + length]))
        place += 12 + length + 4
    return found
