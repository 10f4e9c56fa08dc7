"""Readers of tables and lists that people and commands write."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cvae.data.download import begun
from cvae.simulation.calibration import measure, read_real, table
from cvae.simulation.rerun import read_actions
from demo.ablation_tables import read_ablations
from tests.fuzz.reader import Reader, write_files
from tests.tiny_data import tiny_sequence

ABLATIONS = "question,setting,windows,KL (nats per frame),PSNR,PSNR ±\n"
ABLATIONS += "which β?,small,100,2.5,21.4,0.31\nwhich β?,large,100,0.1,20.9,0.01\n"


def table_readers() -> dict[str, Callable[[], Reader]]:
    """By name; each is made when it is asked for."""
    return {
        "commands-csv": lambda: commands_reader("a.csv"),
        "commands-npy": lambda: commands_reader("a.npy"),
        "commands-npz": lambda: commands_reader("a.npz"),
        "real-frames": real_frames_reader,
        "ablations": ablations_reader,
        "download": download_reader,
    }


def commands_reader(name: str) -> Reader:
    actions = np.repeat([[0.01, -0.02, 1, 0], [0.03, 0, 0, 2]], 2, axis=0)
    stream = io.BytesIO()
    if name.endswith(".csv"):
        np.savetxt(stream, actions, delimiter=",")
    elif name.endswith(".npy"):
        np.save(stream, actions)
    else:
        np.savez(stream, actions=actions)

    def read(folder: Path) -> None:
        found = read_actions(folder / name)
        assert found.dtype == np.float32 and np.isfinite(found).all() and found.shape[1] == 4

    return Reader({name: stream.getvalue()}, write_files, read)


def real_frames_reader() -> Reader:
    stream = io.BytesIO()
    np.savez_compressed(stream, frames=tiny_sequence("a", 0, False, 12).frames)

    def read(folder: Path) -> None:
        real = measure(read_real(folder / "real.npz"))
        table(real, real)

    return Reader({"real.npz": stream.getvalue()}, write_files, read)


def ablations_reader() -> Reader:
    return Reader(
        {"ablations.csv": ABLATIONS.encode()},
        write_files,
        lambda folder: read_ablations(folder) and None,
    )


def download_reader() -> Reader:
    record = {"url": "http://a/b", "size": 10, "validator": "x"}
    return Reader(
        {"a.tar.json": json.dumps(record).encode()},
        write_files,
        lambda folder: begun(folder / "a.tar") and None,
    )
